package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.LocalDate;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The binds that a merge's SQL may use, and what they mean for a partition. The list is closed, and follows from the
 * scope:
 *
 * <ul>
 *   <li>hours, days, weeks, months: {@code :partition_start} and {@code :partition_end}, the half-open range; {@code
 *       :partition} and {@code :<column>}, such as {@code :flight_date}, which are its start
 *   <li>ids: {@code :partition_start} and {@code :partition_end}
 *   <li>values: {@code :partition} and {@code :<column>}, such as {@code :region}
 *   <li>products: for each factor its column's name: {@code :region} for a value, {@code :flight_date_start}, {@code
 *       :flight_date_end} and {@code :flight_date} for a range; and {@code :partition_start}, {@code :partition_end} where
 *       one factor alone is a range
 * </ul>
 *
 * <p>A column that is called like one of the general binds has none of its own.
 */
public final class PartitionBinds {
    /** The first value of the partition's range. */
    public static final String START = "partition_start";

    /** The value after the last one of the partition's range. */
    public static final String END = "partition_end";

    /** The start of a range, or the value. */
    public static final String PARTITION = "partition";

    private static final String START_OF = "_start";
    private static final String END_OF = "_end";
    private static final Set<String> GENERAL = Set.of(START, END, PARTITION);

    private PartitionBinds() {}

    /**
     * What a bind means.
     *
     * @param column the column with whose type it is bound
     * @param value a {@code LocalDate}, {@code LocalDateTime}, {@code Instant}, {@code Long}, or the text of a value
     */
    public record Bound(String column, Object value) {
        public Bound {
            requireNonNull(column, "column");
            requireNonNull(value, "value");
        }
    }

    /** Every name that SQL for partitions of this scope may bind, without the colon. */
    public static List<String> names(Scope scope) {
        return List.copyOf(of(sample(scope)).keySet());
    }

    /** What each bind means for a partition, in a fixed order. */
    public static Map<String, Bound> of(Partition partition) {
        return of(partition.slice());
    }

    private static Map<String, Bound> of(Slice slice) {
        Map<String, Bound> values = new LinkedHashMap<>();
        List<Slice> factors = slice.factors();
        List<Slice.Range> ranges = factors.stream()
                .filter(Slice.Range.class::isInstance)
                .map(Slice.Range.class::cast)
                .toList();
        if (ranges.size() == 1) {
            Slice.Range range = ranges.get(0);
            values.put(START, new Bound(range.column(), range.from()));
            values.put(END, new Bound(range.column(), range.to()));
        }
        if (factors.size() == 1) {
            startOf(factors.get(0)).ifPresent(start -> values.put(PARTITION, start));
        }
        for (Slice factor : factors) {
            String column = factor.columns().get(0);
            if (!GENERAL.contains(column)) {
                startOf(factor).ifPresent(start -> values.put(column, start));
            }
            if (factors.size() > 1 && factor instanceof Slice.Range range) {
                values.putIfAbsent(column + START_OF, new Bound(column, range.from()));
                values.putIfAbsent(column + END_OF, new Bound(column, range.to()));
            }
        }
        return Collections.unmodifiableMap(values);
    }

    /** What the column's own bind means; a range of numbers has none, since its first number is none of its rows. */
    private static Optional<Bound> startOf(Slice slice) {
        String column = slice.columns().get(0);
        if (slice instanceof Slice.Value value) {
            return Optional.of(new Bound(column, value.value()));
        }
        return slice instanceof Slice.Range range && !(slice instanceof Slice.Numbers)
                ? Optional.of(new Bound(column, range.from()))
                : Optional.empty();
    }

    /**
     * The factors of a scope that a query with these binds does not tell apart; empty when it can tell each partition from
     * every other. A range is told apart by both of its ends; a day also by itself, and a value by itself.
     *
     * @param binds the names that the query binds
     * @return the columns of those factors
     */
    public static List<String> notToldApart(Collection<String> binds, Scope scope) {
        Set<String> bound = Set.copyOf(binds);
        List<Scope> factors = scope.factors();
        long ranges = factors.stream()
                .filter(factor -> !(factor instanceof Scope.Values))
                .count();
        return factors.stream()
                .filter(factor -> !isToldApart(bound, factor, factors.size(), ranges))
                .map(factor -> factor.columns().get(0))
                .toList();
    }

    private static boolean isToldApart(Set<String> bound, Scope factor, int factors, long ranges) {
        String column = factor.columns().get(0);
        boolean byItself =
                (factors == 1 && bound.contains(PARTITION)) || (!GENERAL.contains(column) && bound.contains(column));
        if (factor instanceof Scope.Values) {
            return byItself;
        }
        boolean byBothEnds = (ranges == 1 && bound.contains(START) && bound.contains(END))
                || (factors > 1 && bound.contains(column + START_OF) && bound.contains(column + END_OF));
        return byBothEnds || (isDays(factor) && byItself);
    }

    private static boolean isDays(Scope factor) {
        Optional<Calendar> by = calendar(factor);
        return by.filter(calendar ->
                        calendar.unit() == Calendar.Unit.DAYS && calendar.zone().isEmpty())
                .isPresent();
    }

    /** How a factor divides its column, where it is one of time. */
    public static Optional<Calendar> calendar(Scope factor) {
        if (factor instanceof Scope.Range range) {
            return Optional.of(range.by());
        }
        if (factor instanceof Scope.Last last) {
            return Optional.of(last.by());
        }
        if (factor instanceof Scope.Since since) {
            return Optional.of(since.by());
        }
        return factor instanceof Scope.Only only ? Optional.of(only.by()) : Optional.empty();
    }

    /** A slice of the kind that the scope's partitions have; its values mean nothing. */
    private static Slice sample(Scope scope) {
        List<Slice> factors =
                scope.factors().stream().map(PartitionBinds::sampleOf).toList();
        return factors.size() == 1 ? factors.get(0) : new Slice.Product(factors);
    }

    private static Slice sampleOf(Scope factor) {
        String column = factor.columns().get(0);
        if (factor instanceof Scope.Values) {
            return new Slice.Value(column, "");
        }
        return factor instanceof Scope.Ids
                ? new Slice.Numbers(column, 0L, 1L)
                : new Slice.Days(column, LocalDate.EPOCH, LocalDate.EPOCH.plusDays(1));
    }
}
