package dev.backstitch.report;

import dev.backstitch.audit.PartitionAuditor;
import dev.backstitch.plan.CheckItem;
import dev.backstitch.plan.Durations;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlannedBackfill;
import dev.backstitch.plan.PlannedPartition;
import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Merge.Dedupe;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Reprocess;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.TableName;
import dev.backstitch.spec.Write;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.Reads;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** A plan in words: what will happen, to which partitions, why, and with which SQL. Pure. */
public final class PlanText {
    private static final int SHOWN_HASH = 12;

    private PlanText() {}

    /** The whole plan for a person, in lines of text: the summary, then the SQL. */
    public static String of(Plan plan) {
        List<String> lines = new ArrayList<>(List.of(summary(plan)));
        for (PlannedBackfill planned : plan.backfills()) {
            if (planned.rests()) {
                continue;
            }
            String of = plan.backfills().size() == 1 ? "" : " for " + planned.name();
            lines.add("  merge of " + planned.scope().get(0) + of);
            planned.mergeStatements().forEach(sql -> lines.add(indented(sql)));
            lines.add("  publish in one transaction" + of);
            planned.publishStatements().forEach(sql -> lines.add(indented(sql)));
        }
        return String.join(System.lineSeparator(), lines);
    }

    /** The plan without its SQL. */
    public static String summary(Plan plan) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "Plan of dag " + plan.dag().name() + " (sha256 " + plan.sha256().substring(0, SHOWN_HASH) + ")");
        lines.addAll(DagText.order(plan.dag()));
        plan.dag().limits().flatMap(LimitsText::of).ifPresent(text -> lines.add("  run         " + text));
        plan.estimate().map(EstimateText::lines).ifPresent(said -> {
            lines.add("  estimate    " + said.get(0));
            said.stream().skip(1).forEach(text -> lines.add("              " + text));
        });
        for (PlannedBackfill planned : plan.backfills()) {
            lines.addAll(backfill(plan, planned));
        }
        return String.join(System.lineSeparator(), lines);
    }

    private static List<String> backfill(Plan plan, PlannedBackfill planned) {
        Backfill backfill = plan.dag().backfill(planned.name());
        List<String> lines = new ArrayList<>();
        lines.add("  backfill    " + backfill.name() + ", owner " + backfill.owner() + ": " + backfill.reason());
        lines.add("  target      " + target(planned) + " on " + plan.connector() + ", about "
                + Words.number(planned.target().estimatedRows()) + " rows");
        lines.add("  scope       " + scope(backfill, planned));
        lines.add("  reprocess   " + reprocess(backfill.reprocess()));
        if (planned.rests()) {
            lines.add("  nothing left to run: it is left out this time, and who waits for it goes on");
            lines.add("  partitions");
            partitions(planned).forEach(line -> lines.add("    " + line));
            return lines;
        }
        lines.add("  shadow      " + shadow(backfill.shadow()));
        reads(planned).forEach(lines::add);
        lines.add("  merge       keyed by " + String.join(", ", backfill.merge().key()) + ", "
                + LimitsText.of(backfill.limits()));
        LimitsText.further(backfill).forEach(text -> lines.add("              " + text));
        backfill.merge().dedupe().ifPresent(rule -> lines.add("              " + dedupes(rule)));
        backfill.merge()
                .deletingMissing()
                .ifPresent(bound -> lines.add("              rows that the source lacks are deleted, at most "
                        + bound.percent().toPlainString() + "% of a partition"));
        writes(backfill.merge().write()).ifPresent(text -> lines.add("              " + text));
        backfill.merge()
                .stamping()
                .ifPresent(stamping -> lines.add("              stamps "
                        + stamping.stamps().stream().map(PlanText::stamp).collect(Collectors.joining(" and "))
                        + ", on rows that it inserts or changes"));
        lines.add("  audits      "
                + backfill.audits().stream().map(PlanText::audit).collect(Collectors.joining("; ")));
        lines.add("  publish     " + publish(backfill.publish()));
        lines.add("  dependents  "
                + (planned.dependents().isEmpty()
                        ? "none"
                        : planned.dependents().stream()
                                .map(dependent -> dependent.kind() + " " + dependent.name() + " (preserved)")
                                .collect(Collectors.joining(", "))));
        lines.add("  partitions");
        partitions(planned).forEach(line -> lines.add("    " + line));
        if (!planned.checklist().isEmpty()) {
            lines.add("  checklist"
                    + (planned.checklist().stream().anyMatch(item -> item.outcome() == CheckItem.Outcome.REFUSED)
                            ? "; what is refused keeps the run from beginning, until it is met or waived"
                            : ""));
            ChecklistText.lines(planned.checklist()).forEach(line -> lines.add("    " + line));
        }
        return lines;
    }

    /** {@code bi.revenue_v1, which view bi.revenue shows}. */
    static String target(PlannedBackfill planned) {
        return planned.target().name()
                + planned.view()
                        .map(view -> ", which view " + view.name() + " shows,")
                        .orElse("");
    }

    private static List<String> reads(PlannedBackfill planned) {
        if (planned.reads().isEmpty()) {
            return List.of("  source      reads through views and functions? unknown: the catalogue does not tell");
        }
        Reads reads = planned.reads().get();
        List<String> named = reads.seen().stream()
                .filter(definition -> !definition.kind().equals("column"))
                .map(Reads.Definition::toString)
                .toList();
        return List.of(
                "  source      reads through "
                        + (named.isEmpty()
                                ? "no view or function"
                                : String.join(", ", named) + "; redefined, it stops a resume that has merges left"),
                "              not seen: " + String.join("; ", reads.unseen()));
    }

    private static String dedupes(Dedupe rule) {
        if (rule.by().isEmpty()) {
            return "source rows that are equal in every column count once";
        }
        return "of source rows with one key the " + rule.end().name().toLowerCase(Locale.ROOT) + " by "
                + String.join(", then ", rule.by()) + " counts";
    }

    private static String stamp(Stamp stamp) {
        return stamp.column() + " with the "
                + switch (stamp.value()) {
                    case UPDATED_AT -> "time";
                    case RUN_ID -> "run's id";
                };
    }

    private static Optional<String> writes(Write write) {
        List<String> said = new ArrayList<>();
        switch (write.rows()) {
            case ALL -> {}
            case UPDATE_ONLY -> said.add("inserts nothing");
            case INSERT_ONLY_MISSING -> said.add("inserts what is missing and leaves what is there");
        }
        if (!write.updating().isEmpty()) {
            said.add("overwrites " + String.join(", ", write.updating()));
        }
        if (!write.comparing().isEmpty()) {
            said.add("where " + String.join(", ", write.comparing()) + " differs");
        }
        return said.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", said));
    }

    /** What is run and what is skipped, and why; neighbours with the same decision and reason share a line. */
    public static List<String> partitions(PlannedBackfill plan) {
        List<String> lines = new ArrayList<>();
        List<PlannedPartition> all = plan.partitions();
        int from = 0;
        for (int i = 1; i <= all.size(); i++) {
            if (i == all.size() || !sameFate(all.get(from), all.get(i))) {
                PlannedPartition first = all.get(from);
                String range = i - from == 1
                        ? first.partition().id()
                        : first.partition().id() + " .. "
                                + all.get(i - 1).partition().id() + " (" + (i - from) + ")";
                lines.add(first.decision() + " " + range + "  " + rows(all.subList(from, i)) + first.reason());
                from = i;
            }
        }
        return lines;
    }

    /** What the target has today in partitions that run. */
    private static String rows(List<PlannedPartition> partitions) {
        if (partitions.get(0).decision() == Decision.SKIP) {
            return "";
        }
        List<LiveRows> known =
                partitions.stream().flatMap(planned -> planned.rows().stream()).toList();
        if (known.size() < partitions.size()) {
            return "live rows unknown; ";
        }
        String sum = Words.number(known.stream().mapToLong(LiveRows::count).sum());
        return known.stream().allMatch(rows -> rows.basis() == LiveRows.Basis.COUNTED)
                ? sum + " live rows; "
                : "about " + sum + " live rows, by the database's statistics; ";
    }

    private static boolean sameFate(PlannedPartition one, PlannedPartition other) {
        return one.decision() == other.decision() && one.reason().equals(other.reason());
    }

    private static String scope(Backfill backfill, PlannedBackfill plan) {
        long skipped = plan.partitions().stream()
                .filter(planned -> planned.decision() == Decision.SKIP)
                .count();
        return plan.scope().size() + " " + ScopeText.of(backfill.scope(), plan.partitionColumns())
                + (skipped == 0 ? "" : ", " + skipped + " skipped");
    }

    private static String reprocess(Reprocess policy) {
        return switch (policy) {
            case ALL -> "all of it, published before or not";
            case FAILED -> "what was given up or taken back last; source unchanged since the others? unknown";
            case MISSING -> "what no run has published; source unchanged since the others? unknown";
        };
    }

    private static String shadow(Shadow<?> shadow) {
        String seed = switch (shadow.seed()) {
            case WHOLE_TARGET -> "a copy of the target";
            case SCOPE_OF_TARGET -> "a copy of the target's rows of the scope";
            case EMPTY -> "empty, with the target's columns";
        };
        return seed
                + shadow.added().stream()
                        .map(added -> ", adding " + added.name() + " " + added.type())
                        .collect(Collectors.joining());
    }

    private static String audit(Audit audit) {
        return audit.name()
                + (PartitionAuditor.looksAtEach(audit) && audit.severity() == Audit.Severity.BLOCKING
                        ? " (right after each merge)"
                        : "")
                + (audit.severity() == Audit.Severity.WARNING ? " (warns)" : "");
    }

    static String publish(Publish<?> publish) {
        String how = publish instanceof Publish.RepointView repoint
                ? "show the shadow through view " + repoint.view() + ", the table stays under its name"
                        + repoint.pinned()
                                .map(views -> " and is what "
                                        + views.stream()
                                                .map(TableName::toString)
                                                .collect(Collectors.joining(", "))
                                        + (views.size() == 1 ? " shows until it is" : " show until they are")
                                        + " unpinned")
                                .orElse("")
                : publish.overwritesWholeTable()
                        ? "swap the shadow for the table"
                        : "replace the scope's rows of the table";
        return how
                + (publish.approval() == Publish.Approval.NEEDED ? " when a person has approved it" : "")
                + (publish.lateWrites() == Publish.LateWrites.CATCH_UP ? ", late writes brought in before" : "")
                + publish.name()
                        .map(name -> publish instanceof Publish.RepointView
                                ? ", the new version called " + name + ", the archive kept for "
                                : ", the archive " + name + " kept for ")
                        .orElse(", the archive kept for ")
                + Durations.words(publish.retention());
    }

    private static String indented(String sql) {
        return sql.lines().map(line -> "      " + line).collect(Collectors.joining(System.lineSeparator())) + ";";
    }
}
