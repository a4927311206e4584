package dev.backstitch.spi;

import java.util.List;
import java.util.Map;

/**
 * What was measured, all of it in one snapshot of shadow and target.
 *
 * @param values the answer to each measure that was asked
 * @param partitions the rows of each partition of the scope, by its id, in order
 */
public record Evidence(Map<Measure, Long> values, List<PartitionRows> partitions) {
    public Evidence {
        values = Map.copyOf(values);
        partitions = List.copyOf(partitions);
    }

    /** The answer to a measure that was asked. */
    public long value(Measure measure) {
        Long value = values.get(measure);
        if (value == null) {
            throw new IllegalArgumentException("not measured: " + measure);
        }
        return value;
    }

    /**
     * The rows of one partition.
     *
     * @param partition its id
     * @param shadow its rows in the shadow
     * @param target its rows in the target
     * @param missing of the target's, those whose key the shadow lacks
     */
    public record PartitionRows(String partition, long shadow, long target, long missing) {}
}
