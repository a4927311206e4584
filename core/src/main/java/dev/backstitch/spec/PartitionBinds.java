package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The binds that a merge's SQL may use, and what they mean for a partition. The list is closed.
 *
 * <ul>
 *   <li>{@code :partition_start}: the first day
 *   <li>{@code :partition_end}: the day after the last one
 *   <li>{@code :partition}: the partition's day, which is its first
 *   <li>{@code :<column>}, named like the partition column, such as {@code :flight_date}: the same as {@code :partition}.
 *       A column that is called like one of the others has no such bind.
 * </ul>
 */
public final class PartitionBinds {
    /** The first day of the partition. */
    public static final String START = "partition_start";

    /** The day after the partition's last one. */
    public static final String END = "partition_end";

    /** The partition's day. */
    public static final String PARTITION = "partition";

    private PartitionBinds() {}

    /** Every name that SQL for partitions by this column may bind, without the colon. */
    public static List<String> names(String column) {
        requireNonNull(column, "column");
        List<String> names = new ArrayList<>(List.of(START, END, PARTITION));
        if (!names.contains(column)) {
            names.add(column);
        }
        return List.copyOf(names);
    }

    /** The value of each bind for a partition, in the order of {@link #names}; days are {@link java.time.LocalDate}. */
    public static Map<String, Object> of(Partition partition) {
        return partition.slice().binds();
    }

    /**
     * Whether a query with these binds can tell one partition from the next: it has both ends of it, or its day.
     *
     * @param binds the names that the query binds
     * @param column the partition column
     */
    public static boolean tellPartitionsApart(Collection<String> binds, String column) {
        Set<String> bound = Set.copyOf(binds);
        boolean bothEnds = bound.contains(START) && bound.contains(END);
        return bothEnds || bound.contains(PARTITION) || (isDay(column) && bound.contains(column));
    }

    static Map<String, Object> of(Slice.Days days) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (String name : names(days.column())) {
            values.put(name, name.equals(END) ? days.to() : days.from());
        }
        return Collections.unmodifiableMap(values);
    }

    /** Whether a bind of the column's name means the day rather than an end. */
    private static boolean isDay(String column) {
        return !column.equals(START) && !column.equals(END);
    }
}
