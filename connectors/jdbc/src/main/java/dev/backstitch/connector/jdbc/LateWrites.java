package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Partition;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Query;

/**
 * What was written to the target since a baseline, where the publish overwrites it.
 *
 * @param partitions of the scope in which rows came, went or changed, in the scope's order
 * @param outside the rows outside the scope that have to be copied anew; only for a swap
 */
public record LateWrites(List<Partition> partitions, Optional<Outside> outside) {
    public LateWrites {
        partitions = List.copyOf(partitions);
    }

    /**
     * Rows outside the scope.
     *
     * @param rows which ones, in target and shadow alike, however the shadow changes meanwhile
     * @param afterwards removes what the condition reads
     */
    public record Outside(Condition rows, List<Query> afterwards) {
        public Outside {
            afterwards = List.copyOf(afterwards);
        }
    }

    /** With these partitions as well. */
    LateWrites and(Collection<Partition> more) {
        return new LateWrites(
                Stream.concat(partitions.stream(), more.stream()).distinct().toList(), outside);
    }

    /** Whether there was none. */
    public boolean isNone() {
        return partitions.isEmpty() && outside.isEmpty();
    }
}
