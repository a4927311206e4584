package dev.backstitch;

import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlannedBackfill;
import dev.backstitch.plan.Rehearsed;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.spi.MergeCounts;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What the engine in a sandbox tells of its run. Thread-safe. */
final class RehearsalMeasures {
    private final Map<String, Duration> took = new HashMap<>();
    private final Map<String, MergeCounts> merged = new HashMap<>();

    synchronized void on(RunEvent event) {
        if (event instanceof RunEvent.TaskSucceeded done) {
            took.put(done.task() + " " + done.partition(), done.took());
        } else if (event instanceof RunEvent.PartitionMerged done) {
            merged.put(done.backfill() + " " + done.partition(), done.rows());
        }
    }

    /**
     * The figures of one backfill.
     *
     * @param plan the rehearsal's
     * @param copied the rows of the target's copy before
     * @param published the rows of the shadow
     * @param bytes what is published takes
     */
    synchronized Rehearsed.OfBackfill of(
            Plan plan, PlannedBackfill planned, long copied, long published, Optional<Long> bytes) {
        return new Rehearsed.OfBackfill(
                planned.name(),
                planned.logic(),
                copied,
                published,
                bytes,
                once(plan, planned, TaskKind.SHADOW),
                planned.scope().stream()
                        .map(partition -> {
                            MergeCounts rows =
                                    merged.getOrDefault(planned.name() + " " + partition.id(), MergeCounts.NONE);
                            return new Rehearsed.Merged(
                                    partition.id(),
                                    took(task(plan, planned, TaskKind.MERGE).name(), partition.id()),
                                    rows.staged(),
                                    rows.rowsAfter());
                        })
                        .toList(),
                once(plan, planned, TaskKind.AUDIT),
                once(plan, planned, TaskKind.PUBLISH));
    }

    private Duration once(Plan plan, PlannedBackfill planned, TaskKind kind) {
        return took(task(plan, planned, kind).name(), "");
    }

    private Duration took(String task, String partition) {
        return took.getOrDefault(task + " " + partition, Duration.ZERO);
    }

    private static Task task(Plan plan, PlannedBackfill planned, TaskKind kind) {
        return plan.tasks().stream()
                .filter(task -> task.kind() == kind && task.members().contains(planned.name()))
                .findFirst()
                .orElseThrow();
    }
}
