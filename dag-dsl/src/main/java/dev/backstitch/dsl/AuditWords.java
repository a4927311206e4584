package dev.backstitch.dsl;

import static dev.backstitch.dsl.AtLeastOne.atLeastOne;

import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Rule;
import dev.backstitch.spec.TableName;
import java.util.List;
import java.util.Optional;
import org.intellij.lang.annotations.Language;

/** The words that an audit begins with; a part of {@link Dsl}. */
class AuditWords extends ScopeWords {
    AuditWords() {}

    /** No two rows of the shadow agree in all of these columns; rows with a null among them don't count. */
    public static Audit unique(String first, String... rest) {
        return new Audit.Unique(atLeastOne(first, rest), Severity.BLOCKING);
    }

    /** No row of the shadow has a null in any of these columns. */
    public static Audit notNull(String first, String... rest) {
        return new Audit.NotNull(atLeastOne(first, rest), Severity.BLOCKING);
    }

    /**
     * Each row has one of these values in a column; a null is none of them and passes.
     *
     * @param column a column of the shadow
     * @param first a value as text, as the database reads it for the column's type
     * @param rest further values
     */
    public static Audit.Rows acceptedValues(String column, String first, String... rest) {
        return AuditStages.rows(new Rule.Accepted(column, atLeastOne(first, rest)));
    }

    /** Begins an audit of each row's value in a column of numbers. */
    public static RangeStep range(String column) {
        return new AuditStages.Range(column);
    }

    /**
     * The whole of each row's text in a column matches a regular expression; a null passes.
     *
     * @param pattern of what all databases read alike, see {@link Rule.Matches}
     */
    public static Audit.Rows matches(String column, String pattern) {
        return AuditStages.rows(new Rule.Matches(column, pattern));
    }

    /**
     * Each row fulfils a condition; one for which it is unknown, because of a null, passes, as with a CHECK constraint.
     *
     * @param condition over the shadow's columns, such as {@code revenue >= cost}
     */
    public static Audit.Rows satisfies(@Language(value = "SQL", prefix = "select ") String condition) {
        return AuditStages.rows(new Rule.Satisfies(condition));
    }

    /** Each value of a column is in another table's column; a null passes. */
    public static Audit references(String column, String table, String referenced) {
        return references(List.of(column), Dsl.table(table), List.of(referenced));
    }

    /** Each combination of values of these columns is in another table's columns; one with a null passes. */
    public static Audit references(List<String> columns, TableName table, List<String> referenced) {
        return new Audit.References(columns, table, referenced, Severity.BLOCKING);
    }

    /**
     * The shadow has each value that a column has in a table of the source, so that none was lost on the way, such as by a
     * join. Of that table the rows of the scope count if it has the partition columns too, else all.
     *
     * @param source the table, such as {@code staging.orders}
     * @param first a column of both, such as {@code order_id}
     * @param rest further columns
     */
    public static Audit coversSource(String source, String first, String... rest) {
        return new Audit.Covers(Dsl.table(source), atLeastOne(first, rest), Severity.BLOCKING);
    }

    /** Begins an audit of the number of rows. */
    public static RowCountStep rowCount() {
        return new AuditStages.Figure(Metric.rowCount(), Optional.empty());
    }

    /** Begins an audit of the sum of an expression over the shadow's columns. */
    public static FigureStep sum(@Language(value = "SQL", prefix = "select ") String expression) {
        return AuditStages.figure(Metric.Kind.SUM, expression);
    }

    /** Begins an audit of the least value of an expression over the shadow's columns. */
    public static FigureStep min(@Language(value = "SQL", prefix = "select ") String expression) {
        return AuditStages.figure(Metric.Kind.MIN, expression);
    }

    /** Begins an audit of the greatest value of an expression over the shadow's columns. */
    public static FigureStep max(@Language(value = "SQL", prefix = "select ") String expression) {
        return AuditStages.figure(Metric.Kind.MAX, expression);
    }

    /** Begins an audit of the arithmetic mean of an expression over the shadow's columns. */
    public static FigureStep mean(@Language(value = "SQL", prefix = "select ") String expression) {
        return AuditStages.figure(Metric.Kind.MEAN, expression);
    }

    /** Begins an audit of the median of an expression over the shadow's columns, with interpolation. */
    public static FigureStep median(@Language(value = "SQL", prefix = "select ") String expression) {
        return percentile(expression, 50);
    }

    /**
     * Begins an audit of a percentile of an expression over the shadow's columns, with interpolation between neighbours.
     *
     * @param percent from 0 to 100
     */
    public static FigureStep percentile(
            @Language(value = "SQL", prefix = "select ") String expression, double percent) {
        return new AuditStages.Figure(
                new Metric(Metric.Kind.PERCENTILE, expression, AuditStages.number(percent)), Optional.empty());
    }

    /** Begins an audit of the number of different values of an expression over the shadow's columns. */
    public static FigureStep countDistinct(@Language(value = "SQL", prefix = "select ") String expression) {
        return AuditStages.figure(Metric.Kind.COUNT_DISTINCT, expression);
    }

    /** Begins an audit of the share of rows, in percent, in which an expression is null. */
    public static FigureStep nullShare(@Language(value = "SQL", prefix = "select ") String expression) {
        return AuditStages.figure(Metric.Kind.NULL_SHARE, expression);
    }

    /**
     * Begins an audit of how many rows of the target the publish would insert, change or delete, by the counts of the merges;
     * next: how many it may.
     */
    public static ChangedRowsStep changedRows() {
        return new AuditStages.ChangedRows();
    }

    /**
     * Of rows that the publish would change, only these columns may differ from the live ones, by the counts of the merges.
     *
     * @param first a column
     * @param rest further columns
     */
    public static Audit onlyColumnsChanged(String first, String... rest) {
        return new Audit.OnlyChanged(atLeastOne(first, rest), Severity.BLOCKING);
    }

    /** A tolerance in a figure's own unit: {@code absolute(10)} rows. */
    public static Absolute absolute(double value) {
        return new Absolute(AuditStages.number(value));
    }

    /** Bounds of a figure, both included, for {@link Audit.Measured#whereLiveIsEmpty}. */
    public static Expectation.Between between(double least, double greatest) {
        return AuditStages.bounds(least, greatest);
    }

    /**
     * A query that finds offending rows; the audit passes when there is none.
     *
     * @param name its name in plan, report and command line
     * @param sql one SELECT, in which {@code :shadow} and {@code :target} stand for the two tables
     */
    public static Audit findsNothing(String name, @Language("SQL") String sql) {
        return new Audit.FindsNothing(name, sql, Severity.BLOCKING);
    }

    /** The same audit, which only warns: the run goes on, the verdict is kept. */
    public static Audit warning(Audit audit) {
        return audit.warning();
    }
}
