package dev.backstitch.report;

import dev.backstitch.plan.PlannedBackfill;
import dev.backstitch.plan.PlannedPartition;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.report.RunReport.OfBackfill;
import dev.backstitch.spi.Entry;
import dev.backstitch.state.InstanceRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The partitions of a backfill as the cells of a grid. Where the ledger knows how far one is, it is right. Pure. */
final class Cells {
    private Cells() {}

    /**
     * A partition.
     *
     * @param state the word by which it is coloured
     * @param sign the same for those who don't see colours
     */
    record Cell(
            String partition, String state, String sign, String title, String reason, Changes.Sum rows, String error) {}

    static List<Cell> of(RunReport report, OfBackfill each, PlannedBackfill planned) {
        Map<String, Entry> entries =
                each.entries().stream().collect(Collectors.toMap(Entry::partition, entry -> entry, (a, b) -> b));
        Map<String, InstanceRecord> merges = report.instances().stream()
                .filter(instance -> {
                    Task task = report.plan().tasks().get(instance.key().task());
                    return task.kind() == TaskKind.MERGE && task.member().equals(each.name());
                })
                .collect(Collectors.toMap(InstanceRecord::partition, instance -> instance, (a, b) -> b));
        List<Cell> cells = new ArrayList<>();
        for (PlannedPartition partition : planned.partitions()) {
            String id = partition.partition().id();
            Optional<Entry> entry = Optional.ofNullable(entries.get(id));
            Optional<InstanceRecord> merge = Optional.ofNullable(merges.get(id));
            String state = partition.decision() == PlannedPartition.Decision.SKIP ? "skipped" : state(entry, merge);
            String error = merge.map(InstanceRecord::error).orElse("");
            cells.add(new Cell(
                    id,
                    state,
                    sign(state),
                    id + ": " + state + (error.isEmpty() ? "" : ", " + error),
                    partition.reason(),
                    Changes.sum(entry.stream().toList()),
                    error));
        }
        return cells;
    }

    private static String state(Optional<Entry> entry, Optional<InstanceRecord> merge) {
        Entry.State state = entry.map(Entry::state).orElse(Entry.State.CLAIMED);
        return switch (state) {
            case CLAIMED ->
                merge.map(instance -> instance.state().name().toLowerCase(Locale.ROOT))
                        .map(word -> word.equals("ready") ? "waiting" : word)
                        .orElse("waiting");
            case ROLLED_BACK -> "rolled-back";
            case MERGED, AUDITED, PUBLISHED -> state.name().toLowerCase(Locale.ROOT);
        };
    }

    static String sign(String state) {
        return switch (state) {
            case "published" -> "\u25cf";
            case "audited", "merged", "succeeded", "done" -> "\u2713";
            case "running" -> "\u25b8";
            case "failed" -> "\u2715";
            case "rolled-back" -> "\u21b6";
            case "skipped" -> "\u2013";
            default -> "\u00b7";
        };
    }
}
