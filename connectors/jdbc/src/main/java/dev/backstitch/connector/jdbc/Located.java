package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import dev.backstitch.spi.Column;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jooq.Field;
import org.jooq.impl.DSL;

/**
 * In which partition of a scope a row lies, as a number that SQL computes for each row and that groups rows by partition.
 * Boundaries are those of the partitions themselves, and never what a database's own calendar makes of them: evenly spaced
 * ones by a division, others by a search through nested CASEs, whose depth is the logarithm of their number.
 */
public final class Located {
    /** How a factor's values are numbered. */
    private interface Axis {
        /** The number of the place in which a value lies; it only has a meaning for values within the scope. */
        Field<?> place(Field<?> value);

        /** The place of a partition's factor. */
        long placeOf(Slice factor);

        /** More than any place of a partition. */
        long size();
    }

    private final Dialect dialect;
    private final List<Column> columns;
    private final List<Partition> scope;
    private final List<Axis> axes = new ArrayList<>();
    private final Map<Long, Partition> byNumber = new HashMap<>();

    /** @param columns the partition columns, in the order of a partition's factors */
    public Located(Dialect dialect, List<Column> columns, List<Partition> scope) {
        this.dialect = dialect;
        this.columns = List.copyOf(columns);
        this.scope = List.copyOf(scope);
        for (int place = 0; place < columns.size(); place++) {
            axes.add(axis(place));
        }
        this.scope.forEach(partition -> byNumber.put(numberOf(partition), partition));
    }

    /** The number of the partition in which a row lies; null outside the scope. */
    public Field<Long> number(Slices.Values row) {
        Field<?> number = axes.get(0).place(row.apply(columns.get(0)));
        for (int place = 1; place < axes.size(); place++) {
            Axis axis = axes.get(place);
            number = DSL.field(
                    "({0}) * {1} + ({2})",
                    Long.class, number, DSL.inline(axis.size()), axis.place(row.apply(columns.get(place))));
        }
        return DSL.field(
                "case when {0} then cast({1} as bigint) end",
                Long.class, new Slices(dialect, columns).within(row, scope), number);
    }

    /** The partition with this number. */
    public Partition partition(long number) {
        Partition partition = byNumber.get(number);
        if (partition == null) {
            throw new IllegalStateException("no partition has the number " + number);
        }
        return partition;
    }

    private long numberOf(Partition partition) {
        List<Slice> factors = partition.slice().factors();
        long number = axes.get(0).placeOf(factors.get(0));
        for (int place = 1; place < axes.size(); place++) {
            Axis axis = axes.get(place);
            number = number * axis.size() + axis.placeOf(factors.get(place));
        }
        return number;
    }

    private Axis axis(int place) {
        Set<Slice> factors = new LinkedHashSet<>();
        scope.forEach(partition -> factors.add(partition.slice().factors().get(place)));
        Column column = columns.get(place);
        if (factors.stream().allMatch(Slice.Value.class::isInstance)) {
            return new Listed(column, List.copyOf(factors));
        }
        List<Slice.Range> ranges = factors.stream().map(Slice.Range.class::cast).toList();
        return even(column, ranges).orElseGet(() -> new Searched(column, ranges));
    }

    /** Ranges of one length, whole lengths apart. */
    private Optional<Axis> even(Column column, List<Slice.Range> ranges) {
        long width = length(ranges.get(0));
        Comparable<?> origin =
                ranges.stream().map(Slice.Range::from).min(Slices::compare).orElseThrow();
        long size = 0;
        for (Slice.Range range : ranges) {
            long offset = distance(origin, range.from());
            if (length(range) != width || offset % width != 0) {
                return Optional.empty();
            }
            size = Math.max(size, offset / width + 1);
        }
        return width == 0 ? Optional.empty() : Optional.of(new Even(column, origin, width, size));
    }

    private static long length(Slice.Range range) {
        return distance(range.from(), range.to());
    }

    /** In the unit in which {@link Dialect#steps} counts: days, seconds or one; 0 where that isn't exact. */
    private static long distance(Comparable<?> from, Comparable<?> to) {
        if (from instanceof LocalDate day) {
            return ((LocalDate) to).toEpochDay() - day.toEpochDay();
        }
        if (from instanceof Long number) {
            return (Long) to - number;
        }
        Duration between = Duration.between(instant(from), instant(to));
        return between.getNano() == 0 ? between.getSeconds() : 0;
    }

    private static Instant instant(Comparable<?> time) {
        return time instanceof Instant instant ? instant : ((LocalDateTime) time).toInstant(ZoneOffset.UTC);
    }

    private final class Even implements Axis {
        private final Column column;
        private final Comparable<?> origin;
        private final long width;
        private final long size;

        Even(Column column, Comparable<?> origin, long width, long size) {
            this.column = column;
            this.origin = origin;
            this.width = width;
            this.size = size;
        }

        @Override
        public Field<?> place(Field<?> value) {
            return dialect.steps(value, origin, width, column);
        }

        @Override
        public long placeOf(Slice factor) {
            return distance(origin, ((Slice.Range) factor).from()) / width;
        }

        @Override
        public long size() {
            return size;
        }
    }

    private final class Searched implements Axis {
        private final Column column;
        private final List<Comparable<?>> starts;

        Searched(Column column, List<Slice.Range> ranges) {
            this.column = column;
            Set<Comparable<?>> sorted = new TreeSet<>(Slices::compare);
            ranges.forEach(range -> sorted.add(range.from()));
            this.starts = List.copyOf(sorted);
        }

        @Override
        public Field<?> place(Field<?> value) {
            return search(value, 0, starts.size());
        }

        /** The place among these, of which the value lies in one. */
        private Field<?> search(Field<?> value, int from, int to) {
            if (to - from == 1) {
                return DSL.inline(from);
            }
            int middle = (from + to) >>> 1;
            return DSL.field(
                    "case when {0} < {1} then {2} else {3} end",
                    value,
                    dialect.literal(starts.get(middle), column),
                    search(value, from, middle),
                    search(value, middle, to));
        }

        @Override
        public long placeOf(Slice factor) {
            return starts.indexOf(((Slice.Range) factor).from());
        }

        @Override
        public long size() {
            return starts.size();
        }
    }

    private final class Listed implements Axis {
        private final Column column;
        private final List<Slice> values;

        Listed(Column column, List<Slice> values) {
            this.column = column;
            this.values = values;
        }

        @Override
        public Field<?> place(Field<?> value) {
            Field<?> place = DSL.inline((Integer) null);
            for (int i = values.size() - 1; i >= 0; i--) {
                place = DSL.field(
                        "case when {0} = {1} then {2} else {3} end",
                        value, dialect.literal(((Slice.Value) values.get(i)).value(), column), DSL.inline(i), place);
            }
            return place;
        }

        @Override
        public long placeOf(Slice factor) {
            return values.indexOf(factor);
        }

        @Override
        public long size() {
            return values.size();
        }
    }
}
