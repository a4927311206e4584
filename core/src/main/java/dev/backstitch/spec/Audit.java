package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

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

        R rows(Rows audit);

        R references(References audit);

        R covers(Covers audit);

        R measured(Measured audit);

        R findsNothing(FindsNothing audit);

        R changed(Changed audit);

        R onlyChanged(OnlyChanged audit);
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

    /** Whether an audit looks at all rows together, or at each partition by itself. */
    enum Grain {
        WHOLE,
        EACH_PARTITION
    }

    /**
     * Each row of the scope in the shadow fulfils a rule; what is left as it is isn't asked. A row for which the rule is unknown, because of a null, fulfils it, as it does
     * a CHECK constraint of SQL.
     *
     * @param tolerated the share of rows, in percent, that may break it; by default none
     */
    record Rows(Rule rule, BigDecimal tolerated, Grain grain, Severity severity) implements Audit {
        public Rows {
            requireNonNull(rule, "rule");
            requireNonNull(tolerated, "tolerated");
            requireNonNull(grain, "grain");
            requireNonNull(severity, "severity");
            if (tolerated.signum() < 0 || tolerated.compareTo(BigDecimal.valueOf(100)) > 0) {
                throw new IllegalArgumentException("a share lies between 0 and 100 percent: " + tolerated);
            }
        }

        /** The same audit, which lets this share of the rows break the rule. */
        public Rows tolerating(Percent share) {
            return new Rows(rule, share.value(), grain, severity);
        }

        /** The same audit, counted for each partition. */
        public Rows perPartition() {
            return new Rows(rule, tolerated, Grain.EACH_PARTITION, severity);
        }

        @Override
        public String name() {
            return rule.name()
                    + (tolerated.signum() == 0 ? "" : " but for " + tolerated.toPlainString() + "%")
                    + (grain == Grain.WHOLE ? "" : " per partition");
        }

        @Override
        public Audit warning() {
            return new Rows(rule, tolerated, grain, Severity.WARNING);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.rows(this);
        }
    }

    /**
     * Each row of the shadow that has a value in all of these columns finds it in another table.
     *
     * @param table the table that is referred to
     * @param referenced its columns, as many
     */
    record References(List<String> columns, TableName table, List<String> referenced, Severity severity)
            implements Audit {
        public References {
            columns = List.copyOf(columns);
            requireNonNull(table, "table");
            referenced = List.copyOf(referenced);
            if (columns.size() != referenced.size()) {
                throw new IllegalArgumentException(
                        "as many columns refer as are referred to: " + columns + ", " + referenced);
            }
        }

        @Override
        public String name() {
            return "references(" + String.join(", ", columns) + " in " + table + ")";
        }

        @Override
        public Audit warning() {
            return new References(columns, table, referenced, Severity.WARNING);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.references(this);
        }
    }

    /**
     * The shadow has each value that these columns have in another table, such as each order's id. Of that table the rows
     * of the scope count if it has the partition columns too, else all.
     */
    record Covers(TableName source, List<String> columns, Severity severity) implements Audit {
        public Covers {
            requireNonNull(source, "source");
            columns = List.copyOf(columns);
        }

        @Override
        public String name() {
            return "coversSource(" + String.join(", ", columns) + " of " + source + ")";
        }

        @Override
        public Audit warning() {
            return new Covers(source, columns, Severity.WARNING);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.covers(this);
        }
    }

    /**
     * A figure of the shadow's rows in the scope is as expected.
     *
     * @param live what is computed of the live table in its place, where that lacks the expression's columns
     */
    record Measured(Metric metric, Optional<String> live, Expectation expected, Grain grain, Severity severity)
            implements Audit {
        public Measured {
            requireNonNull(metric, "metric");
            requireNonNull(live, "live");
            requireNonNull(expected, "expected");
            requireNonNull(grain, "grain");
            requireNonNull(severity, "severity");
        }

        /** The same audit, for each partition. */
        public Measured perPartition() {
            return new Measured(metric, live, expected, Grain.EACH_PARTITION, severity);
        }

        /**
         * The same audit, which expects this where the live table has no value to compare with.
         *
         * @throws IllegalStateException when it isn't compared with the live table
         */
        public Measured whereLiveIsEmpty(Expectation.Between bounds) {
            if (!(expected instanceof Expectation.LikeLive like)) {
                throw new IllegalStateException(name() + " is not compared with the live table");
            }
            return new Measured(
                    metric,
                    live,
                    new Expectation.LikeLive(like.ratio(), like.tolerance(), Optional.of(bounds)),
                    grain,
                    severity);
        }

        @Override
        public String name() {
            return metric + " " + expected + (grain == Grain.WHOLE ? "" : " per partition");
        }

        @Override
        public Audit warning() {
            return new Measured(metric, live, expected, grain, Severity.WARNING);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.measured(this);
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

    /**
     * How many rows of the target the publish would insert, change or delete, by the counts of the merges.
     *
     * @param percent the most of them, of the live rows; where there are none, none may be inserted
     * @param grain of the whole scope, or of each partition
     */
    record Changed(BigDecimal percent, Grain grain, Severity severity) implements Audit {
        public Changed {
            requireNonNull(percent, "percent");
            requireNonNull(grain, "grain");
            requireNonNull(severity, "severity");
            if (percent.signum() < 0) {
                throw new IllegalArgumentException("a share is not negative: " + percent);
            }
        }

        /** The same audit, counted for each partition. */
        public Changed perPartition() {
            return new Changed(percent, Grain.EACH_PARTITION, severity);
        }

        @Override
        public String name() {
            return "changedRows at most " + percent.toPlainString() + "%"
                    + (grain == Grain.WHOLE ? "" : " per partition");
        }

        @Override
        public Audit warning() {
            return new Changed(percent, grain, Severity.WARNING);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.changed(this);
        }
    }

    /**
     * Of rows that the publish would change, only these columns differ from the live ones, by the counts of the merges.
     *
     * @param columns those that may differ
     */
    record OnlyChanged(List<String> columns, Severity severity) implements Audit {
        public OnlyChanged {
            columns = List.copyOf(columns);
            requireNonNull(severity, "severity");
        }

        @Override
        public String name() {
            return "onlyColumnsChanged(" + String.join(", ", columns) + ")";
        }

        @Override
        public Audit warning() {
            return new OnlyChanged(columns, Severity.WARNING);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.onlyChanged(this);
        }
    }
}
