package dev.backstitch.dsl;

import static dev.backstitch.dsl.AtLeastOne.atLeastOne;
import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spec.Calendar;
import dev.backstitch.spec.Calendar.Unit;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Percent;
import dev.backstitch.spec.Rule;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.SqlTask;
import dev.backstitch.spec.TableName;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/**
 * The words with which a description begins, and those that its settings are made of; meant for {@code import static}.
 *
 * <pre>{@code
 * Backfill flights = backfill("flights_delay_class")
 *     .owner("data-eng@example.com").because("delay buckets changed in v7")
 *     .target(table("analytics.flights"))
 *     .scope(days("flight_date").from("2001-01-01").to("2001-02-01"))
 *     .shadow(scopeOfTarget().adding("delay_class", "varchar(12)"))
 *     .merge("""
 *         select f.*, classify(f.delay) as delay_class from staging.flights f
 *         where f.flight_date >= :partition_start and f.flight_date < :partition_end""")
 *     .keyedBy("flight_id")
 *     .audit(unique("flight_id"), notNull("flight_date"), rowCount().within(percent(2)))
 *     .publish(replacePartitions().keepingArchiveFor(ofDays(30)));
 *
 * Dag dag = dag("flights").run(flights);
 * }</pre>
 *
 * <p>Arguments are checked here so far as they would make no sense anywhere: null throws {@link NullPointerException} and
 * a value that is none throws {@link IllegalArgumentException}. Everything else that is wrong with a description is told
 * at once when its dag is registered.
 */
public final class Dsl {
    private Dsl() {}

    /**
     * Begins a backfill.
     *
     * @param name unique within its dag: up to 64 letters, digits, dots, underscores and hyphens
     */
    public static OwnerStep backfill(String name) {
        return new BackfillStages.Named(name);
    }

    /**
     * Begins a dag.
     *
     * @param name unique among the dags of an engine: up to 64 letters, digits, dots, underscores and hyphens
     */
    public static DagStep dag(String name) {
        return new DagStages.Named(name);
    }

    /**
     * A table by its name, as one would write it in SQL without quotes: the database's rules decide which one it means.
     *
     * @param dotted one to three parts, such as {@code analytics.flights}
     * @throws IllegalArgumentException when a part is blank, when there are more than three, or when there is a quote
     */
    public static TableName table(String dotted) {
        if (requireNonNull(dotted, "dotted").indexOf('"') >= 0) {
            throw new IllegalArgumentException(
                    "a part with a dot or a quote is written by itself, as in table(\"a\", \"b.c\"): " + dotted);
        }
        return TableName.parse(dotted);
    }

    /** A table by schema and name, where a part may hold dots. */
    public static TableName table(String schema, String table) {
        return new TableName(List.of(schema, table));
    }

    /** A table by catalog, schema and name, where a part may hold dots. */
    public static TableName table(String catalog, String schema, String table) {
        return new TableName(List.of(catalog, schema, table));
    }

    /**
     * Begins a scope of hours.
     *
     * @param column the column of the target by which it is divided, a timestamp
     */
    public static CalendarStep hours(String column) {
        return periods(column, Unit.HOURS);
    }

    /**
     * Begins a scope of days.
     *
     * @param column the column of the target by which it is divided, a date or a timestamp
     */
    public static DaysStep days(String column) {
        return periods(column, Unit.DAYS);
    }

    /**
     * Begins a scope of weeks, from Monday, as in ISO 8601.
     *
     * @param column the column of the target by which it is divided, a date or a timestamp
     */
    public static CalendarStep weeks(String column) {
        return periods(column, Unit.WEEKS);
    }

    /**
     * Begins a scope of months.
     *
     * @param column the column of the target by which it is divided, a date or a timestamp
     */
    public static CalendarStep months(String column) {
        return periods(column, Unit.MONTHS);
    }

    private static DaysStep periods(String column, Unit unit) {
        return new ScopeStages.Periods(new Calendar(column, unit, Optional.empty()));
    }

    /**
     * A partition a value, such as {@code values("region", "eu", "us")}.
     *
     * @param column the column of the target by which it is divided, of whatever type
     * @param first a value as text, as the database reads it for that type
     * @param rest further values
     */
    public static Scope values(String column, String first, String... rest) {
        return new Scope.Values(column, atLeastOne(first, rest));
    }

    /** A partition a number, such as {@code values("store", 17, 18)}. */
    public static Scope values(String column, long first, long... rest) {
        return new Scope.Values(
                column,
                LongStream.concat(LongStream.of(first), LongStream.of(rest))
                        .mapToObj(Long::toString)
                        .toList());
    }

    /**
     * Begins a scope of whole numbers, such as {@code ids("order_id").from(1).to(1_000_001).step(100_000)}.
     *
     * @param column the column of the target by which it is divided
     */
    public static IdsStep ids(String column) {
        return new ScopeStages.Ids(column);
    }

    /** Each partition of one scope with each of the others, over different columns; the first one changes slowest. */
    public static Scope product(Scope first, Scope second, Scope... rest) {
        List<Scope> factors = new ArrayList<>(List.of(first, second));
        factors.addAll(List.of(rest));
        return new Scope.Product(factors);
    }

    /** A shadow that is seeded with every row of the target. It may be swapped with the target. */
    public static Shadow<Coverage.WholeTable> copyOfTarget() {
        return new Shadow<>(Shadow.Seed.WHOLE_TARGET, List.of());
    }

    /** A shadow that is seeded with the target's rows of the scope: what the source lacks stays as it is. */
    public static Shadow<Coverage.ScopeOnly> scopeOfTarget() {
        return new Shadow<>(Shadow.Seed.SCOPE_OF_TARGET, List.of());
    }

    /** A shadow that begins without rows: what the source lacks is missing, and counts as deleted. */
    public static Shadow<Coverage.ScopeOnly> emptyLikeTarget() {
        return new Shadow<>(Shadow.Seed.EMPTY, List.of());
    }

    /**
     * Of several source rows with one key, the one with the greatest value in this column. Nulls count least, and a tie
     * fails the partition.
     */
    public static Merge.Dedupe keepLatestBy(String column) {
        return new Merge.Dedupe.KeepLatestBy(column);
    }

    /**
     * A bound as a share of a partition's rows in the live table.
     *
     * @throws IllegalArgumentException when the share is more than 100%
     */
    public static Merge.AtMost atMost(Percent share) {
        return new Merge.AtMost(requireNonNull(share, "share").value());
    }

    /**
     * A share of a hundred: {@code percent(2)} is 2%, {@code percent(0.5)} half of one.
     *
     * @throws IllegalArgumentException when it is negative or no number
     */
    public static Percent percent(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("a share is a number: " + value);
        }
        return new Percent(BigDecimal.valueOf(value));
    }

    /**
     * {@link Limits#DEFAULT} with another concurrency.
     *
     * @param merges merges at the same time, at least 1
     * @throws IllegalArgumentException when it is less than 1
     */
    public static Limits concurrency(int merges) {
        return Limits.DEFAULT.concurrency(merges);
    }

    /**
     * {@link Limits#DEFAULT} with another timeout.
     *
     * @param attempt how long one attempt may take before it is cancelled on the server
     * @throws IllegalArgumentException when it is not positive
     */
    public static Limits timeout(Duration attempt) {
        return Limits.DEFAULT.timeout(attempt);
    }

    /** {@link Limits#DEFAULT} with other retries. */
    public static Limits retry(Limits.Retry retry) {
        return Limits.DEFAULT.retry(retry);
    }

    /**
     * {@link Limits.Retry#DEFAULT} with another number of attempts.
     *
     * @param attempts attempts in all, the first one included; at least 1
     * @throws IllegalArgumentException when it is less than 1
     */
    public static Limits.Retry times(int attempts) {
        return new Limits.Retry(attempts, Limits.Retry.DEFAULT.first(), Limits.Retry.DEFAULT.longest());
    }

    /**
     * A statement of a dag beside its backfills, run once a run in a transaction of its own.
     *
     * @param name unique within its dag
     * @param sql one statement, without binds
     */
    public static SqlTask sql(String name, String sql) {
        return new SqlTask(name, sql, Limits.DEFAULT);
    }

    /**
     * Code of a dag beside its backfills, run at least once a run. A plan freezes its name and version and not the code,
     * so that a run which is resumed by a newer program uses that program's.
     *
     * @param name unique within its dag
     * @param version which version of the code it is
     * @param action the code
     */
    public static CallTask call(String name, Version version, CallTask.Action action) {
        return new CallTask(name, version.number(), Limits.DEFAULT, requireNonNull(action, "action"));
    }

    /**
     * A version of a call's code, counted up whenever it does something else.
     *
     * @throws IllegalArgumentException when it is less than 1
     */
    public static Version version(int number) {
        return new Version(number);
    }

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
    public static Audit.Rows satisfies(String condition) {
        return AuditStages.rows(new Rule.Satisfies(condition));
    }

    /** Each value of a column is in another table's column; a null passes. */
    public static Audit references(String column, String table, String referenced) {
        return references(List.of(column), table(table), List.of(referenced));
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
        return new Audit.Covers(table(source), atLeastOne(first, rest), Severity.BLOCKING);
    }

    /** Begins an audit of the number of rows. */
    public static RowCountStep rowCount() {
        return new AuditStages.Figure(Metric.rowCount(), Optional.empty());
    }

    /** Begins an audit of the sum of an expression over the shadow's columns. */
    public static FigureStep sum(String expression) {
        return AuditStages.figure(Metric.Kind.SUM, expression);
    }

    /** Begins an audit of the least value of an expression over the shadow's columns. */
    public static FigureStep min(String expression) {
        return AuditStages.figure(Metric.Kind.MIN, expression);
    }

    /** Begins an audit of the greatest value of an expression over the shadow's columns. */
    public static FigureStep max(String expression) {
        return AuditStages.figure(Metric.Kind.MAX, expression);
    }

    /** Begins an audit of the arithmetic mean of an expression over the shadow's columns. */
    public static FigureStep mean(String expression) {
        return AuditStages.figure(Metric.Kind.MEAN, expression);
    }

    /** Begins an audit of the median of an expression over the shadow's columns, with interpolation. */
    public static FigureStep median(String expression) {
        return percentile(expression, 50);
    }

    /**
     * Begins an audit of a percentile of an expression over the shadow's columns, with interpolation between neighbours.
     *
     * @param percent from 0 to 100
     */
    public static FigureStep percentile(String expression, double percent) {
        return new AuditStages.Figure(
                new Metric(Metric.Kind.PERCENTILE, expression, AuditStages.number(percent)), Optional.empty());
    }

    /** Begins an audit of the number of different values of an expression over the shadow's columns. */
    public static FigureStep countDistinct(String expression) {
        return AuditStages.figure(Metric.Kind.COUNT_DISTINCT, expression);
    }

    /** Begins an audit of the share of rows, in percent, in which an expression is null. */
    public static FigureStep nullShare(String expression) {
        return AuditStages.figure(Metric.Kind.NULL_SHARE, expression);
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
    public static Audit findsNothing(String name, String sql) {
        return new Audit.FindsNothing(name, sql, Severity.BLOCKING);
    }

    /** The same audit, which only warns: the run goes on, the verdict is kept. */
    public static Audit warning(Audit audit) {
        return audit.warning();
    }

    /** Archives and replaces the scope's rows of the target in one transaction; the table itself stays. */
    public static ArchiveStep<Coverage> replacePartitions() {
        return new PublishStages.Replacing();
    }

    /** Gives the target's name to the shadow, which must be a {@link #copyOfTarget()}; the target becomes the archive. */
    public static ArchiveStep<Coverage.WholeTable> swapTable() {
        return new PublishStages.Swapping();
    }
}
