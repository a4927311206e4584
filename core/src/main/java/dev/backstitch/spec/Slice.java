package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.LocalDate;
import java.util.Map;

/** A condition on one column that a partition's rows fulfil, and no other partition's rows. */
public sealed interface Slice {
    /** The column that is limited. */
    String column();

    /** What the binds of a merge mean for it; see {@link PartitionBinds}. */
    Map<String, Object> binds();

    /**
     * A half-open range of days.
     *
     * @param from the first day
     * @param to the day after the last one
     */
    record Days(String column, LocalDate from, LocalDate to) implements Slice {
        public Days {
            requireNonNull(column, "column");
            if (!from.isBefore(to)) {
                throw new IllegalArgumentException("from " + from + " is not before to " + to);
            }
        }

        @Override
        public Map<String, Object> binds() {
            return PartitionBinds.of(this);
        }

        /** {@code flight_date from 2001-01-01 to before 2001-01-02}, for messages. */
        @Override
        public String toString() {
            return column + " from " + from + " to before " + to;
        }
    }
}
