package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import dev.backstitch.spi.Column;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;

/** The conditions that partitions are, as SQL. */
public final class Slices {
    private final Dialect dialect;
    private final Column column;

    /** @param column the partition column */
    public Slices(Dialect dialect, Column column) {
        this.dialect = dialect;
        this.column = column;
    }

    /** Whether this value of the partition column lies in one of these partitions. Never null: false for a null. */
    public Condition within(Field<?> value, Collection<Partition> partitions) {
        List<Condition> ranges =
                joined(partitions).stream().map(days -> between(value, days)).toList();
        return DSL.condition("coalesce({0}, false)", ranges.isEmpty() ? DSL.falseCondition() : DSL.or(ranges));
    }

    /** As {@link #within}, without a null's answer: for a WHERE, where an index or zone map may help. */
    public Condition rowsOf(Field<?> value, Collection<Partition> partitions) {
        List<Condition> ranges =
                joined(partitions).stream().map(days -> between(value, days)).toList();
        return ranges.isEmpty() ? DSL.falseCondition() : DSL.or(ranges);
    }

    private Condition between(Field<?> value, Slice.Days days) {
        return DSL.condition("({0} >= {1} and {0} < {2})", value, bound(days.from()), bound(days.to()));
    }

    private Field<?> bound(LocalDate day) {
        return DSL.val(dialect.bound(day, column.family()));
    }

    static Slice.Days days(Partition partition) {
        return (Slice.Days) partition.slice();
    }

    /** The partitions' ranges, with neighbours joined into one. */
    private static List<Slice.Days> joined(Collection<Partition> partitions) {
        List<Slice.Days> sorted = partitions.stream()
                .map(Slices::days)
                .sorted(Comparator.comparing(Slice.Days::from))
                .toList();
        List<Slice.Days> joined = new ArrayList<>();
        for (Slice.Days next : sorted) {
            Slice.Days last = joined.isEmpty() ? null : joined.get(joined.size() - 1);
            if (last != null && !next.from().isAfter(last.to())) {
                LocalDate to = last.to().isAfter(next.to()) ? last.to() : next.to();
                joined.set(joined.size() - 1, new Slice.Days(last.column(), last.from(), to));
            } else {
                joined.add(next);
            }
        }
        return joined;
    }
}
