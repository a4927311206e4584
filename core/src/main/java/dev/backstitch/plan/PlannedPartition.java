package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Partition;

/**
 * What the plan decides for one partition of the scope.
 *
 * @param partition which one
 * @param decision whether it is recomputed
 * @param reason why, for people
 */
public record PlannedPartition(Partition partition, Decision decision, String reason) {
    public PlannedPartition {
        requireNonNull(partition, "partition");
        requireNonNull(decision, "decision");
        requireNonNull(reason, "reason");
    }

    /** Whether a partition is recomputed. */
    public enum Decision {
        RUN,
        SKIP
    }
}
