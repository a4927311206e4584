package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Partition;
import dev.backstitch.spi.LiveRows;
import java.util.Optional;

/**
 * What the plan decides for one partition of the scope.
 *
 * @param partition which one
 * @param decision whether it is recomputed
 * @param reason why, for people
 * @param rows how many the target has in it today, where that was cheap to find out
 */
public record PlannedPartition(Partition partition, Decision decision, String reason, Optional<LiveRows> rows) {
    public PlannedPartition {
        requireNonNull(partition, "partition");
        requireNonNull(decision, "decision");
        requireNonNull(reason, "reason");
        requireNonNull(rows, "rows");
    }

    /** One whose rows are not known. */
    public PlannedPartition(Partition partition, Decision decision, String reason) {
        this(partition, decision, reason, Optional.empty());
    }

    /** The same with what is known of its rows. */
    PlannedPartition with(Optional<LiveRows> known) {
        return new PlannedPartition(partition, decision, reason, known);
    }

    /** Whether a partition is recomputed. */
    public enum Decision {
        RUN,
        SKIP
    }
}
