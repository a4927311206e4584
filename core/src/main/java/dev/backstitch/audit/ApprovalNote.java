package dev.backstitch.audit;

import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Evidence;
import java.util.List;
import java.util.Optional;

/**
 * What the ledger keeps of an approval: beside the audits, of a kind of its own, first as waiting. It is given for what the
 * audits observed; when they observe something else later, it has to be given anew. Pure.
 */
public final class ApprovalNote {
    private static final String KIND = "APPROVAL";

    private ApprovalNote() {}

    /** A publish that waits for a person, who gets this to judge. */
    public static AuditNote waiting(Evidence evidence, List<Verdict> verdicts) {
        long rows = evidence.partitions().stream()
                .mapToLong(Evidence.PartitionRows::shadow)
                .sum();
        long live = evidence.partitions().stream()
                .mapToLong(Evidence.PartitionRows::target)
                .sum();
        long passed = verdicts.stream()
                .filter(verdict -> verdict.outcome() == Verdict.Outcome.PASSED)
                .count();
        return new AuditNote(
                "approval by a person",
                KIND,
                "WAITING",
                "that somebody approves the publish",
                rows + " rows in " + evidence.partitions().size() + " partitions, live " + live + "; " + passed + " of "
                        + verdicts.size() + " audits passed",
                "",
                Optional.empty());
    }

    /** Whether it is an approval that was given, for what was observed last. */
    public static boolean isGiven(AuditNote note) {
        return isOne(note)
                && note.acceptance()
                        .filter(given -> given.observed().equals(note.observed()))
                        .isPresent();
    }

    /** Whether it is an approval, given or not. */
    public static boolean isOne(AuditNote note) {
        return note.kind().equals(KIND);
    }
}
