package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Windows;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a run will do, computed and frozen before it starts. Relative scopes are dates by now. Immutable; a run keeps the
 * plan that it started with, and refuses to go on with another one.
 *
 * @param format the version of the frozen form
 * @param dag the description that was planned
 * @param plannedAt when, by the engine's clock
 * @param connector the name of the connector that looked at the targets
 * @param backfills what is planned for each backfill of the dag, in its order
 * @param tasks the tasks in topological order
 * @param estimate how long it will take, where its logic was rehearsed
 */
public record Plan(
        int format,
        Dag dag,
        Instant plannedAt,
        String connector,
        List<PlannedBackfill> backfills,
        List<Task> tasks,
        Optional<Estimate> estimate) {
    /** The version of the frozen form that this release writes. */
    public static final int FORMAT = 3;

    public Plan {
        requireNonNull(dag, "dag");
        requireNonNull(plannedAt, "plannedAt");
        requireNonNull(connector, "connector");
        backfills = List.copyOf(backfills);
        tasks = List.copyOf(tasks);
        requireNonNull(estimate, "estimate");
    }

    /** One of what was not rehearsed. */
    public Plan(
            int format,
            Dag dag,
            Instant plannedAt,
            String connector,
            List<PlannedBackfill> backfills,
            List<Task> tasks) {
        this(format, dag, plannedAt, connector, backfills, tasks, Optional.empty());
    }

    /**
     * What is planned for a backfill.
     *
     * @throws IllegalArgumentException when the plan has none of this name
     */
    public PlannedBackfill backfill(String name) {
        return backfills.stream()
                .filter(planned -> planned.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no backfill " + name + " is planned"));
    }

    /**
     * How a backfill meets the ten that a careful team asks of every one.
     *
     * @throws IllegalArgumentException when the plan has none of this name
     */
    public List<SafetyItem> safety(String name) {
        return Safety.of(dag.backfill(name), backfill(name));
    }

    /** How many partitions are recomputed, of all backfills together. */
    public int partitions() {
        return backfills.stream().mapToInt(planned -> planned.scope().size()).sum();
    }

    /** The same plan with the dag that is registered, which holds the code that cannot be frozen. */
    public Plan with(Dag registered) {
        return new Plan(format, registered, plannedAt, connector, backfills, tasks, estimate);
    }

    /** The same plan with what its rehearsal lets expect. */
    public Plan estimated(Optional<Estimate> expected) {
        return new Plan(format, dag, plannedAt, connector, backfills, tasks, expected);
    }

    /** The SHA-256 of the frozen form, in hexadecimal. */
    public String sha256() {
        return PlanFormat.sha256(PlanFormat.write(this));
    }

    /** The windows of each member that a task belongs to: all of them have to be open for it to begin. */
    public List<Windows> windows(Task task) {
        return dag.backfills().stream()
                .filter(backfill -> task.members().contains(backfill.name()))
                .flatMap(backfill ->
                        (task.kind() == TaskKind.PUBLISH ? backfill.windowsOfPublish() : backfill.during()).stream())
                .toList();
    }
}
