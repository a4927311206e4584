package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import dev.backstitch.spi.Column;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;

/**
 * The conditions that partitions are, as SQL. Neighbours are joined into one range and values into one list, so that ten
 * years of hours are one condition.
 */
public final class Slices {
    private final Dialect dialect;
    private final List<Column> columns;

    /** @param columns the partition columns, in the order of a partition's factors */
    public Slices(Dialect dialect, List<Column> columns) {
        this.dialect = dialect;
        this.columns = List.copyOf(columns);
    }

    /** A column's value in some row, such as one of a table with an alias. */
    public interface Values extends Function<Column, Field<?>> {
        /** The columns of a table without an alias. */
        Values PLAIN = column -> DSL.field(DSL.name(column.name()));

        /** The columns of a table with this alias. */
        static Values of(String alias) {
            return column -> DSL.field(Names.in(alias, column.name()));
        }
    }

    /** Whether a row lies in one of these partitions. Never null: false for one with a null in a partition column. */
    public Condition within(Values row, Collection<Partition> partitions) {
        return DSL.condition("coalesce({0}, false)", rowsOf(row, partitions));
    }

    /** As {@link #within}, without a null's answer: for a WHERE, where an index or zone map may help. */
    public Condition rowsOf(Values row, Collection<Partition> partitions) {
        List<List<Slice>> all = partitions.stream()
                .map(partition -> partition.slice().factors())
                .toList();
        return all.isEmpty() ? DSL.falseCondition() : anyOf(row, all, 0);
    }

    /** What is bound where rows are limited to one partition, in this order. */
    List<Object> values(Partition partition) {
        List<Object> values = new ArrayList<>();
        List<Slice> factors = partition.slice().factors();
        for (int place = 0; place < columns.size(); place++) {
            Column column = columns.get(place);
            ends(factors.get(place)).forEach(end -> values.add(dialect.bound(end, column)));
        }
        return values;
    }

    /** The types of these values: partitions of equal types are limited by the same text. */
    String types(Partition partition) {
        StringBuilder types = new StringBuilder();
        List<Slice> factors = partition.slice().factors();
        for (int place = 0; place < columns.size(); place++) {
            Column column = columns.get(place);
            ends(factors.get(place))
                    .forEach(end -> types.append(dialect.marker(dialect.bound(end, column), column))
                            .append(' '));
        }
        return types.toString();
    }

    private static List<Object> ends(Slice factor) {
        if (factor instanceof Slice.Range range) {
            return List.of(range.from(), range.to());
        }
        return List.of(((Slice.Value) factor).value());
    }

    /**
     * The partitions' factors from one place on: those with the same rest share a condition on this place.
     *
     * @param place of the factor, which is that of its column
     */
    private Condition anyOf(Values row, List<List<Slice>> partitions, int place) {
        if (place == columns.size() - 1) {
            return one(
                    row, partitions.stream().map(factors -> factors.get(place)).toList(), place);
        }
        Map<List<List<Slice>>, List<Slice>> heads = new LinkedHashMap<>();
        for (Map.Entry<Slice, List<List<Slice>>> group :
                byFactor(partitions, place).entrySet()) {
            heads.computeIfAbsent(tails(group.getValue(), place), tail -> new ArrayList<>())
                    .add(group.getKey());
        }
        return DSL.or(heads.entrySet().stream()
                .map(group -> DSL.condition(
                        "({0} and {1})",
                        one(row, group.getValue(), place), anyOf(row, padded(group.getKey(), place), place + 1)))
                .toList());
    }

    private static Map<Slice, List<List<Slice>>> byFactor(List<List<Slice>> partitions, int place) {
        Map<Slice, List<List<Slice>>> groups = new LinkedHashMap<>();
        for (List<Slice> factors : partitions) {
            groups.computeIfAbsent(factors.get(place), factor -> new ArrayList<>())
                    .add(factors);
        }
        return groups;
    }

    private static List<List<Slice>> tails(List<List<Slice>> partitions, int place) {
        return partitions.stream()
                .map(factors -> factors.subList(place + 1, factors.size()))
                .toList();
    }

    /** Tails at the places where their factors were; what stands before them isn't read any more. */
    private static List<List<Slice>> padded(List<List<Slice>> tails, int place) {
        return tails.stream()
                .map(tail -> {
                    List<Slice> factors = new ArrayList<>();
                    for (int i = 0; i <= place; i++) {
                        factors.add(tail.get(0));
                    }
                    factors.addAll(tail);
                    return factors;
                })
                .toList();
    }

    /** A condition on one column: any of these factors. */
    private Condition one(Values row, List<Slice> factors, int place) {
        Column column = columns.get(place);
        Field<?> value = row.apply(column);
        if (factors.get(0) instanceof Slice.Value) {
            return equal(value, factors.stream().map(Slice.Value.class::cast).toList(), column);
        }
        List<Slice.Range> ranges = factors.stream().map(Slice.Range.class::cast).toList();
        return DSL.or(joined(ranges).stream()
                .map(range -> DSL.condition(
                        "({0} >= {1} and {0} < {2})",
                        value, dialect.literal(range.from(), column), dialect.literal(range.to(), column)))
                .toList());
    }

    private Condition equal(Field<?> value, List<Slice.Value> values, Column column) {
        if (values.size() == 1) {
            return DSL.condition(
                    "{0} = {1}", value, dialect.literal(values.get(0).value(), column));
        }
        return DSL.condition(
                "{0} in ({1})",
                value,
                DSL.list(values.stream()
                        .map(each -> dialect.literal(each.value(), column))
                        .toList()));
    }

    /** A range without its column. */
    private record Ends(Comparable<?> from, Comparable<?> to) {}

    /** The ranges with neighbours joined into one. */
    private static List<Ends> joined(Collection<Slice.Range> ranges) {
        List<Slice.Range> sorted = ranges.stream()
                .sorted(Comparator.comparing(Slice.Range::from, Slices::compare))
                .toList();
        List<Ends> joined = new ArrayList<>();
        for (Slice.Range next : sorted) {
            Ends last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (last != null && compare(next.from(), last.to()) <= 0) {
                Comparable<?> to = compare(last.to(), next.to()) > 0 ? last.to() : next.to();
                joined.set(joined.size() - 1, new Ends(last.from(), to));
            } else {
                joined.add(new Ends(next.from(), next.to()));
            }
        }
        return joined;
    }

    /** Both are ends of one column's ranges, which are of one type. */
    @SuppressWarnings("unchecked")
    static int compare(Comparable<?> one, Comparable<?> other) {
        return ((Comparable<Object>) one).compareTo(other);
    }
}
