package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Collectors;

/** A condition on columns that a partition's rows fulfil, and no other partition's rows. A null fulfils none. */
public sealed interface Slice {
    /** The columns that are limited, each once. */
    List<String> columns();

    /** The conditions that must all hold: itself where it is no product. */
    default List<Slice> factors() {
        return List.of(this);
    }

    /** A half-open range of one column's values. */
    sealed interface Range extends Slice {
        /** The column that is limited. */
        String column();

        /** The first value. */
        Comparable<?> from();

        /** The value after the last one. */
        Comparable<?> to();

        @Override
        default List<String> columns() {
            return List.of(column());
        }
    }

    /**
     * A half-open range of days, as the column shows them.
     *
     * @param from the first day
     * @param to the day after the last one
     */
    record Days(String column, LocalDate from, LocalDate to) implements Range {
        public Days {
            requireNonNull(column, "column");
            requireOrder(from, to);
        }

        /** {@code flight_date from 2001-01-01 to before 2001-01-02}, for messages. */
        @Override
        public String toString() {
            return described(this);
        }
    }

    /**
     * A half-open range of times, as the column shows them.
     *
     * @param from the first time
     * @param to the time after the last one
     */
    record Times(String column, LocalDateTime from, LocalDateTime to) implements Range {
        public Times {
            requireNonNull(column, "column");
            requireOrder(from, to);
        }

        @Override
        public String toString() {
            return described(this);
        }
    }

    /**
     * A half-open range of instants.
     *
     * @param from the first instant
     * @param to the instant after the last one
     */
    record Instants(String column, Instant from, Instant to) implements Range {
        public Instants {
            requireNonNull(column, "column");
            requireOrder(from, to);
        }

        @Override
        public String toString() {
            return described(this);
        }
    }

    /**
     * A half-open range of whole numbers.
     *
     * @param from the first number
     * @param to the number after the last one
     */
    record Numbers(String column, Long from, Long to) implements Range {
        public Numbers {
            requireNonNull(column, "column");
            requireOrder(from, to);
        }

        @Override
        public String toString() {
            return described(this);
        }
    }

    /**
     * One value.
     *
     * @param value as text; it is compared as a value of the column's type
     */
    record Value(String column, String value) implements Slice {
        public Value {
            requireNonNull(column, "column");
            requireNonNull(value, "value");
        }

        @Override
        public List<String> columns() {
            return List.of(column);
        }

        @Override
        public String toString() {
            return column + " equal to \"" + value + '"';
        }
    }

    /** All of these conditions, over different columns. */
    record Product(List<Slice> factors) implements Slice {
        public Product {
            factors = List.copyOf(factors);
        }

        @Override
        public List<String> columns() {
            return factors.stream().flatMap(factor -> factor.columns().stream()).toList();
        }

        @Override
        public String toString() {
            return factors.stream().map(Slice::toString).collect(Collectors.joining(" and "));
        }
    }

    private static String described(Range range) {
        return range.column() + " from " + range.from() + " to before " + range.to();
    }

    private static <T extends Comparable<? super T>> void requireOrder(T from, T to) {
        if (from.compareTo(to) >= 0) {
            throw new IllegalArgumentException("from " + from + " is not before to " + to);
        }
    }
}
