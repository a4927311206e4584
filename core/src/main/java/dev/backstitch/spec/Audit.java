package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.util.List;

/** A check of the shadow that a developer declared, made before the publish. */
public sealed interface Audit {
    /** What a failed audit does. */
    enum Severity {
        /** The run fails, the target stays untouched. */
        BLOCKING,
        /** The run goes on, the verdict is kept. */
        WARNING
    }

    /** Its name in plan, report and command line, such as {@code unique(flight_id)}. */
    String name();

    /** What happens when it fails; by default it blocks. */
    Severity severity();

    /** The same audit, which only warns. */
    Audit warning();

    /** Answers by its kind. */
    <R> R match(Cases<R> cases);

    /**
     * An answer for each kind of audit.
     *
     * @param <R> what is answered
     */
    interface Cases<R> {
        R unique(Unique audit);

        R notNull(NotNull audit);

        R rowCountWithin(RowCountWithin audit);

        R findsNothing(FindsNothing audit);
    }

    /** No two rows of the shadow agree in all of these columns; rows with a null among them don't count. */
    record Unique(List<String> columns, Severity severity) implements Audit {
        public Unique {
            columns = List.copyOf(columns);
        }

        @Override
        public String name() {
            return "unique(" + String.join(", ", columns) + ")";
        }

        @Override
        public Audit warning() {
            return new Unique(columns, Severity.WARNING);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.unique(this);
        }
    }

    /** No row of the shadow has a null in any of these columns. */
    record NotNull(List<String> columns, Severity severity) implements Audit {
        public NotNull {
            columns = List.copyOf(columns);
        }

        @Override
        public String name() {
            return "notNull(" + String.join(", ", columns) + ")";
        }

        @Override
        public Audit warning() {
            return new NotNull(columns, Severity.WARNING);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.notNull(this);
        }
    }

    /**
     * The number of rows of the shadow's scope is close to the live table's.
     *
     * @param percent the largest difference, as a share of the live count; where live has no rows, any row is too many
     */
    record RowCountWithin(BigDecimal percent, Severity severity) implements Audit {
        public RowCountWithin {
            requireNonNull(percent, "percent");
            if (percent.signum() < 0) {
                throw new IllegalArgumentException("a tolerance is not negative: " + percent);
            }
        }

        @Override
        public String name() {
            return "rowCount within " + percent.toPlainString() + "%";
        }

        @Override
        public Audit warning() {
            return new RowCountWithin(percent, Severity.WARNING);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.rowCountWithin(this);
        }
    }

    /**
     * A query of the developer's that finds offending rows: it passes when there is none. {@code :shadow} and {@code
     * :target} stand for the two tables.
     */
    record FindsNothing(String name, String sql, Severity severity) implements Audit {
        public FindsNothing {
            requireNonNull(name, "name");
            requireNonNull(sql, "sql");
        }

        @Override
        public Audit warning() {
            return new FindsNothing(name, sql, Severity.WARNING);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.findsNothing(this);
        }
    }
}
