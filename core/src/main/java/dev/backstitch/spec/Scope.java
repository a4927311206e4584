package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;

/** What is recomputed, before it is resolved: relative scopes become times once, when the backfill is planned. */
public sealed interface Scope {
    /** The columns of the target by which it is divided, each once. */
    List<String> columns();

    /** Answers by its kind. */
    <R> R match(Cases<R> cases);

    /** The days of a half-open range, as the column shows them. */
    static Scope days(String column, LocalDate from, LocalDate to) {
        return new Range(daysOf(column), from.atStartOfDay(), to.atStartOfDay());
    }

    /** The last days that have ended, as the column shows them. */
    static Scope lastDays(String column, int count) {
        return new Last(daysOf(column), count);
    }

    /** Just these days, as the column shows them. */
    static Scope onlyDays(String column, List<LocalDate> days) {
        return new Only(
                daysOf(column), days.stream().map(LocalDate::atStartOfDay).toList());
    }

    private static Calendar daysOf(String column) {
        return new Calendar(column, Calendar.Unit.DAYS, Optional.empty());
    }

    /** This scope without these partitions, of which it has to have each. */
    default Scope except(Scope excluded) {
        return new Except(this, excluded);
    }

    /** This scope from its last partition to its first: the newest history is right first. */
    default Scope backwards() {
        return new Backwards(this);
    }

    /** This scope with its partitions that have not ended yet, which are skipped otherwise: their source may still grow. */
    default Scope includingUnended() {
        return new Unended(this);
    }

    /**
     * Of this scope only the partitions of which the target has no row and another table has some, such as after an outage:
     * found when the backfill is planned, by counting both, and frozen.
     *
     * @param source a table or view with columns of the same names
     */
    default Missing missingFrom(String source) {
        return new Missing(this, TableName.parse(source), Missing.Lack.EMPTY, new Percent(BigDecimal.ZERO));
    }

    /** What it is limited to, where it is one of repair. */
    default Optional<Missing> repair() {
        if (this instanceof Missing missing) {
            return Optional.of(missing);
        }
        if (this instanceof Except except) {
            return except.of().repair();
        }
        if (this instanceof Backwards backwards) {
            return backwards.of().repair();
        }
        return this instanceof Unended unended ? unended.of().repair() : Optional.empty();
    }

    /**
     * An answer for each kind of scope.
     *
     * @param <R> what is answered
     */
    interface Cases<R> {
        R range(Range scope);

        R last(Last scope);

        R since(Since scope);

        R only(Only scope);

        R values(Values scope);

        R ids(Ids scope);

        R product(Product scope);

        R except(Except scope);

        R backwards(Backwards scope);

        R unended(Unended scope);

        R missing(Missing scope);
    }

    /**
     * Every unit of a half-open range.
     *
     * @param by how the column is divided
     * @param from the beginning of the first unit, by the wall clock
     * @param to the end of the last one
     */
    record Range(Calendar by, LocalDateTime from, LocalDateTime to) implements Scope {
        public Range {
            requireNonNull(by, "by");
            requireNonNull(from, "from");
            requireNonNull(to, "to");
        }

        @Override
        public List<String> columns() {
            return List.of(by.column());
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.range(this);
        }
    }

    /**
     * The last units that have ended; the present one never counts.
     *
     * @param count how many, at least 1
     */
    record Last(Calendar by, int count) implements Scope {
        public Last {
            requireNonNull(by, "by");
        }

        @Override
        public List<String> columns() {
            return List.of(by.column());
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.last(this);
        }
    }

    /**
     * The units that have ended since what is published of a table without a gap: from the one in which the prefix of its
     * watermark ends to the last one that has ended.
     *
     * @param by how the column is divided
     * @param table whose watermark is meant, the target itself or another one
     */
    record Since(Calendar by, TableName table) implements Scope {
        public Since {
            requireNonNull(by, "by");
            requireNonNull(table, "table");
        }

        @Override
        public List<String> columns() {
            return List.of(by.column());
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.since(this);
        }
    }

    /**
     * Just these units, in any order, each once.
     *
     * @param starts their beginnings, by the wall clock
     */
    record Only(Calendar by, List<LocalDateTime> starts) implements Scope {
        public Only {
            requireNonNull(by, "by");
            starts = List.copyOf(starts);
        }

        @Override
        public List<String> columns() {
            return List.of(by.column());
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.only(this);
        }
    }

    /**
     * A partition a value.
     *
     * @param values as text; they are compared as values of the column's type
     */
    record Values(String column, List<String> values) implements Scope {
        public Values {
            requireNonNull(column, "column");
            values = List.copyOf(values);
        }

        @Override
        public List<String> columns() {
            return List.of(column);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.values(this);
        }
    }

    /**
     * Ranges of whole numbers.
     *
     * @param from the first number
     * @param to the number after the last one
     * @param step how many a partition has at most
     */
    record Ids(String column, long from, long to, long step) implements Scope {
        public Ids {
            requireNonNull(column, "column");
        }

        @Override
        public List<String> columns() {
            return List.of(column);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.ids(this);
        }
    }

    /** Each partition of one scope with each of the others, over different columns; the first one changes slowest. */
    record Product(List<Scope> factors) implements Scope {
        public Product {
            factors = List.copyOf(factors);
        }

        @Override
        public List<String> columns() {
            return factors.stream()
                    .flatMap(factor -> factor.columns().stream())
                    .distinct()
                    .toList();
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.product(this);
        }
    }

    /** A scope without some of its partitions. */
    record Except(Scope of, Scope excluded) implements Scope {
        public Except {
            requireNonNull(of, "of");
            requireNonNull(excluded, "excluded");
        }

        @Override
        public List<String> columns() {
            return of.columns();
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.except(this);
        }
    }

    /** A scope from its last partition to its first. */
    record Backwards(Scope of) implements Scope {
        public Backwards {
            requireNonNull(of, "of");
        }

        @Override
        public List<String> columns() {
            return of.columns();
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.backwards(this);
        }
    }

    /** A scope with its partitions that have not ended. */
    record Unended(Scope of) implements Scope {
        public Unended {
            requireNonNull(of, "of");
        }

        @Override
        public List<String> columns() {
            return of.columns();
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.unended(this);
        }
    }

    /**
     * The partitions of a scope of which the target has too little of what another table has.
     *
     * @param source the other table
     * @param lack what too little is
     * @param typical below which share of a typical partition, where that counts
     */
    record Missing(Scope of, TableName source, Lack lack, Percent typical) implements Scope {
        public Missing {
            requireNonNull(of, "of");
            requireNonNull(source, "source");
            requireNonNull(lack, "lack");
            requireNonNull(typical, "typical");
        }

        /** What too little is. The other table has rows in the partition in any case. */
        public enum Lack {
            /** No row at all. */
            EMPTY,
            /** Another number of rows than the other table has. */
            COUNTS_DIFFER,
            /** Fewer rows than the other table, and less than a share of the median of the scope's partitions that have any. */
            BELOW_TYPICAL
        }

        /** Those, too, of which the target has another number of rows. */
        public Missing countsDiffer() {
            return new Missing(of, source, Lack.COUNTS_DIFFER, typical);
        }

        /**
         * Those, too, of which the target has less than this share of what is typical of the scope, and fewer rows than the
         * other table.
         */
        public Missing belowTypical(Percent share) {
            return new Missing(of, source, Lack.BELOW_TYPICAL, share);
        }

        @Override
        public List<String> columns() {
            return of.columns();
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.missing(this);
        }
    }

    /** Whether partitions that have not ended are run. */
    default boolean includesUnended() {
        return this instanceof Unended
                || (this instanceof Missing missing && missing.of().includesUnended())
                || (this instanceof Except except && except.of().includesUnended())
                || (this instanceof Backwards backwards && backwards.of().includesUnended())
                || (this instanceof Product product
                        && product.factors().stream().anyMatch(Scope::includesUnended));
    }

    /** Its factors, which tell what a partition is: itself where it is no product; without order and exceptions. */
    default List<Scope> factors() {
        if (this instanceof Product product) {
            return product.factors().stream()
                    .flatMap(factor -> factor.factors().stream())
                    .toList();
        }
        if (this instanceof Except except) {
            return except.of().factors();
        }
        if (this instanceof Backwards backwards) {
            return backwards.of().factors();
        }
        if (this instanceof Missing missing) {
            return missing.of().factors();
        }
        return this instanceof Unended unended ? unended.of().factors() : List.of(this);
    }
}
