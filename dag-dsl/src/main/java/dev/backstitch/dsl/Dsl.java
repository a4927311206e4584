package dev.backstitch.dsl;

import static dev.backstitch.dsl.AtLeastOne.atLeastOne;
import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Percent;
import dev.backstitch.spec.Probe;
import dev.backstitch.spec.Publish.LateWrites;
import dev.backstitch.spec.Reprocess;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.SqlTask;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.TableName;
import dev.backstitch.spec.Window;
import dev.backstitch.spec.Windows;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.intellij.lang.annotations.Language;

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
public final class Dsl extends AuditWords {
    private static final Duration HOLD_TIMEOUT = Duration.ofSeconds(30);

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
     * As {@link #keepLatestBy(String)}; among rows that are equally late the next column decides, and so on.
     *
     * @param next the first column to break a tie
     * @param rest further ones
     */
    public static Merge.Dedupe keepLatestBy(String column, String next, String... rest) {
        return new Merge.Dedupe.Keep(Merge.Dedupe.End.LATEST, keptBy(column, atLeastOne(next, rest)));
    }

    /**
     * Of several source rows with one key, the one with the least value in this column. Nulls are the last choice, and a
     * tie, in the further columns too, fails the partition.
     *
     * @param ties columns to break ties
     */
    public static Merge.Dedupe keepFirstBy(String column, String... ties) {
        return new Merge.Dedupe.Keep(Merge.Dedupe.End.FIRST, atLeastOne(column, ties));
    }

    /** Source rows that are equal in every column count once. Rows with one key and other contents fail the partition. */
    public static Merge.Dedupe identicalRows() {
        return new Merge.Dedupe.IdenticalRows();
    }

    /** A column that is to hold when its row was written, by the database's clock; see {@link SettingsStep#stamping}. */
    public static Stamp updatedAt(String column) {
        return new Stamp(column, Stamp.Value.UPDATED_AT);
    }

    /** A column that is to hold the id of the run that wrote its row; see {@link SettingsStep#stamping}. */
    public static Stamp runId(String column) {
        return new Stamp(column, Stamp.Value.RUN_ID);
    }

    private static List<String> keptBy(String column, List<String> ties) {
        return Stream.concat(Stream.of(column), ties.stream()).toList();
    }

    /**
     * A bound as a share of a partition's rows in the live table.
     *
     * @throws IllegalArgumentException when the share is more than 100%
     */
    public static Merge.AtMost atMost(Percent share) {
        return new Merge.AtMost(requireNonNull(share, "share").value());
    }

    /** For {@code reprocess(..)}: every partition of the scope, published before or not. */
    public static Reprocess all() {
        return Reprocess.ALL;
    }

    /** For {@code reprocess(..)}: the partitions that no run has published, or whose publishes were all taken back. */
    public static Reprocess missing() {
        return Reprocess.MISSING;
    }

    /**
     * For {@code reprocess(..)}: the partitions whose latest run was given up before its publish, or taken back after it.
     */
    public static Reprocess failed() {
        return Reprocess.FAILED;
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
     * Places that any number of backfills share: {@code concurrency(4).pool(pool("warehouse", 6))}.
     *
     * @param size how many of its task instances may run at a time, over all runs and engines of a state store
     * @throws IllegalArgumentException when the name is blank or longer than 100 characters, or the size less than 1
     */
    public static Limits.Pool pool(String name, int size) {
        return new Limits.Pool(name, size);
    }

    /**
     * A breaker that trips when more than this share of a backfill's merges fails, after five failures at the earliest:
     * {@code concurrency(4).breaker(failuresAbove(percent(20)).after(10))}.
     */
    public static Limits.Breaker failuresAbove(Percent share) {
        return new Limits.Breaker(share);
    }

    /**
     * Every day from one time to another, across midnight unless that comes later on the same day: {@code daily("22:00",
     * "06:00", zone("Europe/Berlin"))}, or only {@code .on(MONDAY, TUESDAY)}, or {@code .except(HOLIDAYS)}.
     *
     * @param from when it begins, as {@code 22:00}
     * @param to when it ends
     * @throws java.time.format.DateTimeParseException when one is no time
     */
    public static Windows daily(String from, String to, ZoneId zone) {
        return new Windows(Window.Recurring.daily(LocalTime.parse(from), LocalTime.parse(to), zone));
    }

    /**
     * A group of triggers in the scheduler on which the engine's lanes are, {@code QuartzLanes.on(scheduler)}; see {@link
     * SettingsStep#holding}. Those of its triggers that are paused already stay so.
     */
    public static Hold quartzGroup(String group) {
        return new Hold.QuartzGroup(group);
    }

    /**
     * A dag of Airflow 3, which is paused by its REST API; see {@link SettingsStep#holding}. Runs of it that are under way
     * go on. With {@link Hold.Http#token} it is sent a bearer token from the environment.
     *
     * @param address where its API server is, such as {@code http://airflow:8080}
     * @param dag the dag's id there
     */
    public static Hold.Http airflowDag(String address, String dag) {
        URI uri = URI.create(address.replaceAll("/+$", "") + "/api/v2/dags/"
                + URLEncoder.encode(dag, StandardCharsets.UTF_8).replace("+", "%20"));
        return new Hold.Http(
                "airflow dag " + dag + " at " + address,
                uri,
                "/is_paused",
                new Hold.Request("PATCH", uri, "{\"is_paused\": true}"),
                new Hold.Request("PATCH", uri, "{\"is_paused\": false}"),
                Optional.empty(),
                HOLD_TIMEOUT);
    }

    /**
     * Something that programs hold and release; see {@link SettingsStep#holding}. They are run without a shell, each for 30
     * seconds at most.
     *
     * @param name how it is called; unique within an installation
     * @param look ends with 0 when it is at rest already, else with 1
     * @param hold holds it, any number of times
     * @param release lets it go on, any number of times
     */
    public static Hold commandHold(String name, List<String> look, List<String> hold, List<String> release) {
        return new Hold.Command(name, look, hold, release, HOLD_TIMEOUT);
    }

    /**
     * Something that code of yours holds and releases; see {@link SettingsStep#holding}. A plan freezes its name and version
     * and not the code.
     *
     * @param name how it is called; unique within an installation
     * @param version which version of the code it is
     */
    public static Hold hold(String name, Version version, Hold.Port port) {
        return new Hold.Coded(name, version.number(), requireNonNull(port, "port"));
    }

    /**
     * Something in the targets' database that statements hold and release, such as a row of a table of jobs; see {@link
     * SettingsStep#holding}. Each is a transaction of its own, of 30 seconds at most.
     *
     * @param name how it is called; unique within an installation
     * @param look a query that finds a row when it is at rest already, and none when it is not
     * @param hold one statement that holds it, any number of times
     * @param release one statement that lets it go on, any number of times
     */
    public static Hold sqlHold(
            String name, @Language("SQL") String look, @Language("SQL") String hold, @Language("SQL") String release) {
        return new Hold.Sql(name, look, hold, release);
    }

    /**
     * A query that is asked of the targets' database before each partition begins; see {@link SettingsStep#waitWhile}. A row that
     * it finds is an objection, which its first value puts in words; one that is not answered within ten seconds objects as well.
     *
     * @param name what it looks at, for people
     * @param query without binds, such as {@code select 'lag of ' || lag from ops.replicas where lag > 60}
     */
    public static Probe probe(String name, @Language("SQL") String query) {
        return new Probe(name, query);
    }

    /**
     * Something that is asked before each partition begins; see {@link SettingsStep#waitWhile}. A plan freezes its name and
     * version and not the code.
     *
     * @param name what it looks at, for people
     * @param version which version of the code it is
     * @param check says why nothing more should begin now; empty when it may
     */
    public static Probe probe(String name, Version version, Probe.Check check) {
        return new Probe(name, version.number(), requireNonNull(check, "check"));
    }

    /** So many threads for one statement of a merge; see {@link SettingsStep#compute}. */
    public static Compute threads(int count) {
        return new Compute(OptionalInt.of(count), OptionalLong.empty(), Optional.empty());
    }

    /** So much memory for a merge, in units of 1,048,576 bytes; see {@link SettingsStep#compute}. */
    public static Compute megabytes(long amount) {
        return new Compute(OptionalInt.empty(), OptionalLong.of(amount), Optional.empty());
    }

    /**
     * Every week from a time of one day to a time of another: {@code weekly(FRIDAY, "20:00", MONDAY, "06:00", zone(..))}.
     *
     * @throws java.time.format.DateTimeParseException when a time is none
     */
    public static Windows weekly(DayOfWeek begins, String from, DayOfWeek ends, String to, ZoneId zone) {
        return new Windows(Window.Recurring.weekly(begins, LocalTime.parse(from), ends, LocalTime.parse(to), zone));
    }

    /** These days from midnight to midnight, such as holidays: {@code daily(..).or(allDay(HOLIDAYS, zone(..)))}. */
    public static Windows allDay(Collection<LocalDate> days, ZoneId zone) {
        return new Windows(new Window.AllDay(List.copyOf(days), zone));
    }

    /**
     * A zone, by whose wall clock windows open.
     *
     * @throws java.time.DateTimeException when there is none of this name
     */
    public static ZoneId zone(String name) {
        return ZoneId.of(name);
    }

    /**
     * A statement of a dag beside its backfills, run once a run in a transaction of its own.
     *
     * @param name unique within its dag
     * @param sql one statement, without binds
     */
    public static SqlTask sql(String name, @Language("SQL") String sql) {
        return new SqlTask(name, sql, Limits.DEFAULT);
    }

    /**
     * The text of a file on the class path, for queries that are longer than a line or are shared with other tools:
     * {@code merge(sqlFrom(Orders.class, "orders.sql"))}. It is read here, once, and frozen with the plan.
     *
     * @param beside a class in whose package the file is
     * @param file its name there, or with a slash in front its path from the root; in UTF-8
     * @throws IllegalArgumentException when there is none, or it is blank or no UTF-8
     */
    @Language("SQL")
    public static String sqlFrom(Class<?> beside, String file) {
        return SqlFile.read(requireNonNull(beside, "beside"), requireNonNull(file, "file"));
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

    /** Archives and replaces the scope's rows of the target in one transaction; the table itself stays. */
    public static ArchiveStep<Coverage> replacePartitions() {
        return new PublishStages.Replacing();
    }

    /** Gives the target's name to the shadow, which must be a {@link #copyOfTarget()}; the target becomes the archive. */
    public static ArchiveStep<Coverage.WholeTable> swapTable() {
        return new PublishStages.Swapping();
    }

    /**
     * Makes a table of its own of the shadow, which must be a {@link #copyOfTarget()}, and points a view at it that showed
     * the target. The target stays as it is, under its name, and is the archive.
     *
     * @param dotted the view's name, as for {@link #table(String)}; it shows one table as it is. Named as the target, too,
     *     it stands for the table that it shows when the run is planned
     */
    public static PinStep repointView(String dotted) {
        return repointView(table(dotted));
    }

    /** A view, as for {@link #table(String)}: {@code repointView("revenue").pinning(view("bi.revenue"))}. */
    public static TableName view(String dotted) {
        return table(dotted);
    }

    /** Like {@link #repointView(String)}, for a name with a dot or a quote in a part: {@code table("a", "b.c")}. */
    public static PinStep repointView(TableName view) {
        return new PublishStages.Repointing(view, List.of());
    }

    /**
     * Rows that somebody writes to the target while the backfill runs are brought into the shadow before it is published, in
     * place of a refusal: {@code replacePartitions().keepingArchiveFor(ofDays(30)).lateWrites(catchUp())}.
     */
    public static LateWrites catchUp() {
        return LateWrites.CATCH_UP;
    }
}
