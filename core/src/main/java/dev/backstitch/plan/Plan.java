package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.TableInfo;
import java.time.Instant;
import java.util.List;

/**
 * What a run will do, computed and frozen before it starts. Relative scopes are dates by now. Immutable; a run keeps the
 * plan that it started with, and refuses to go on with another one.
 *
 * @param format the version of the frozen form
 * @param dag the description that was planned
 * @param plannedAt when, by the engine's clock
 * @param connector the name of the connector that looked at the target
 * @param target the target as it was found
 * @param partitionColumn its column by which the scope is divided
 * @param partitions every partition of the scope with its decision
 * @param dependents what hangs on the target
 * @param tasks the tasks in topological order
 * @param mergeStatements the merge of the first partition, as SQL
 * @param publishStatements the publish, as SQL
 * @param logic the fingerprint of what the merge computes
 */
public record Plan(
        int format,
        Dag dag,
        Instant plannedAt,
        String connector,
        TableInfo target,
        Column partitionColumn,
        List<PlannedPartition> partitions,
        List<Dependent> dependents,
        List<Task> tasks,
        List<String> mergeStatements,
        List<String> publishStatements,
        String logic) {
    /** The version of the frozen form that this release writes. */
    public static final int FORMAT = 1;

    public Plan {
        requireNonNull(dag, "dag");
        requireNonNull(plannedAt, "plannedAt");
        requireNonNull(connector, "connector");
        requireNonNull(target, "target");
        requireNonNull(partitionColumn, "partitionColumn");
        partitions = List.copyOf(partitions);
        dependents = List.copyOf(dependents);
        tasks = List.copyOf(tasks);
        mergeStatements = List.copyOf(mergeStatements);
        publishStatements = List.copyOf(publishStatements);
        requireNonNull(logic, "logic");
    }

    /** The partitions to recompute, in order. */
    public List<Partition> scope() {
        return partitions.stream()
                .filter(planned -> planned.decision() == Decision.RUN)
                .map(PlannedPartition::partition)
                .toList();
    }

    /** The SHA-256 of the frozen form, in hexadecimal. */
    public String sha256() {
        return PlanFormat.sha256(PlanFormat.write(this));
    }
}
