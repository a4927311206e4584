package dev.backstitch.cli;

import dev.backstitch.audit.ApprovalNote;
import dev.backstitch.audit.Verdict;
import dev.backstitch.audit.VerdictNotes;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Offenders;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An audit in words, from what the ledger keeps of it. */
final class AuditText {
    private static final int PARTITIONS = 20;

    private final String program;
    private final String run;

    AuditText(String program, String run) {
        this.program = program;
        this.run = run;
    }

    /** Its verdict in a line; in full also what it objects to, and what can be typed next. */
    List<String> of(AuditNote note, boolean full) {
        List<String> lines = new ArrayList<>();
        lines.add(outcome(note) + "  " + Shown.safe(note.name()) + ": expected " + Shown.safe(note.expected())
                + ", observed " + Shown.safe(note.observed()));
        note.acceptance()
                .ifPresent(acceptance -> lines.add((ApprovalNote.isOne(note) ? "  approved by " : "  accepted by ")
                        + Shown.safe(acceptance.who()) + " on "
                        + Shown.time(acceptance.since()) + ": " + Shown.safe(acceptance.why())
                        + (acceptance.observed().equals(note.observed())
                                ? ""
                                : " (but for another value: " + Shown.safe(acceptance.observed()) + ")")));
        VerdictNotes.shown(note).ifPresent(shown -> {
            if (full) {
                lines.addAll(partitions(shown.partitions()));
                lines.addAll(offenders(shown.offenders()));
            } else {
                lines.add(
                        "  what it objects to: " + program + " explain " + run + " \"" + Shown.safe(note.name()) + '"');
            }
        });
        if (full && note.outcome().equals("FAILED") && note.kind().equals("BLOCKING")) {
            lines.add("  to let just this pass: " + program + " accept " + run + " \"" + Shown.safe(note.name())
                    + "\" --who .. --why ..");
        }
        return lines;
    }

    private static String outcome(AuditNote note) {
        if (ApprovalNote.isOne(note) && ApprovalNote.isGiven(note)) {
            return "approved";
        }
        boolean warns = note.kind().equals("WARNING") && note.outcome().equals("FAILED");
        return String.format(
                Locale.ROOT, "%-8s", warns ? "warning" : note.outcome().toLowerCase(Locale.ROOT));
    }

    private static List<String> partitions(List<Verdict.OfPartition> partitions) {
        List<String> lines = new ArrayList<>();
        partitions.stream()
                .limit(PARTITIONS)
                .forEach(partition -> lines.add("  " + Shown.safe(partition.partition()) + ": expected "
                        + Shown.safe(partition.expected()) + ", observed " + Shown.safe(partition.observed())));
        if (partitions.size() > PARTITIONS) {
            lines.add("  and " + (partitions.size() - PARTITIONS) + " partitions more");
        }
        return lines;
    }

    private static List<String> offenders(Offenders offenders) {
        if (offenders.rows().isEmpty()) {
            return List.of();
        }
        List<String> lines = new ArrayList<>();
        lines.add("  the first of what it objects to:");
        lines.add("    " + Shown.safe(String.join(" | ", offenders.columns())));
        offenders.rows().forEach(row -> lines.add("    " + Shown.safe(String.join(" | ", row))));
        lines.add("  all of it, while the shadow is there:");
        offenders.sql().lines().forEach(line -> lines.add("    " + Shown.safe(line)));
        return lines;
    }
}
