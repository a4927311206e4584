package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.findsNothing;
import static dev.backstitch.dsl.Dsl.range;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.retry;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.times;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.CliSetup;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.golden.GoldenFile;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Publish;
import dev.backstitch.state.StateStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Wrong uses of the command line and wrong sources, each with all that it prints in a file that people read. What is refused
 * leaves tables, rows and ledger as they were; what fails leaves the target.
 */
class WrongUsesTest {
    private static final String TARGET = "select t::varchar from app.sums t order by 1";
    private static final String COLUMNS = "select id, day, amount from app.source where day = :day";

    private static final Dag SUMS = of("sums", COLUMNS, unique("id"));
    private static final Dag EDITED = of("sums", COLUMNS, unique("id", "day"));
    private static final Dag DOOMED =
            of("doomed", COLUMNS, findsNothing("no_even_sum", "select * from :shadow where amount % 2 = 0"));
    private static final Dag BOUNDED =
            of("bounded", COLUMNS, range("amount").between(0, 5).perPartition());
    private static final Dag CAREFUL = of(
            "careful", COLUMNS, replacePartitions().keepingArchiveFor(ofDays(7)).afterApproval(), unique("id"));
    private static final Dag NULLS =
            of("nulls", "select nullif(id, 4) as id, day, amount from app.source where day = :day", unique("id"));
    private static final Dag TWICE =
            of("twice", COLUMNS + " union all select id, day, amount from app.source where day = :day", unique("id"));
    private static final Dag YESTERDAY =
            of("yesterday", "select id, day - 1 as day, amount from app.source where day = :day", unique("id"));
    private static final Dag TYPO =
            of("typo", "select id, day, amonut as amount from app.source where day = :day", unique("id"));
    private static final Dag WORDS = of(
            "words",
            "select id, day, cast('n/a' || id as bigint) as amount from app.source where day = :day",
            unique("id"));

    @TempDir
    Path directory;

    private final GoldenFile golden = GoldenFile.beside(WrongUsesTest.class, "wrong-uses.txt");
    private CliSetup setup;

    private static Dag of(String name, String sql, Audit audit) {
        return of(name, sql, replacePartitions().keepingArchiveFor(ofDays(7)), audit);
    }

    private static Dag of(String name, String sql, Publish<? super Coverage.ScopeOnly> publish, Audit audit) {
        return dag(name)
                .run(backfill(name)
                        .owner("tester@example.com")
                        .because("amounts were too small")
                        .target(table("app.sums"))
                        .scope(days("day").from("2001-01-01").to("2001-01-04"))
                        .shadow(scopeOfTarget())
                        .merge(sql)
                        .keyedBy("id")
                        .limits(retry(times(1)))
                        .audit(audit)
                        .publish(publish));
    }

    @BeforeEach
    void begin() throws SQLException {
        LogFile.open(directory.resolve("test.log"));
        sql(
                "create schema app",
                "create table app.source as select i as id, date '2001-01-01' + cast(i % 3 as integer) as day,"
                        + " cast(i as bigint) as amount from range(3, 33) t(i)",
                "create table app.sums as select id, day, amount - 1 as amount from app.source");
        setup = setup(SUMS, DOOMED, BOUNDED, CAREFUL, NULLS, TWICE, YESTERDAY, TYPO, WORDS);
    }

    private CliSetup setup(Dag first, Dag... rest) {
        return CliSetup.called("sums")
                .dags(first, rest)
                .state(() -> StateStores.h2(directory.resolve("state")))
                .engine(state -> BackstitchConfig.of(
                                DuckDb.file(directory.resolve("warehouse.duckdb"))
                                        .open(),
                                state)
                        .actor("ann"));
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("warehouse.duckdb"));
    }

    private List<String> rows(String query) throws SQLException {
        try (Connection connection = connect()) {
            return rows(connection, query);
        }
    }

    private static List<String> rows(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> result = new ArrayList<>();
            while (rows.next()) {
                result.add(rows.getString(1));
            }
            return result;
        }
    }

    private List<String> target() throws SQLException {
        return rows(TARGET);
    }

    /** Every table with its columns and size, and every row of the ledger. */
    private List<String> everything() throws SQLException {
        try (Connection connection = connect()) {
            List<String> all = new ArrayList<>(rows(connection, TARGET));
            all.addAll(rows(
                    connection,
                    "select schema_name || '.' || table_name || ' ' || estimated_size || ' ' || coalesce(comment, '')"
                            + " from duckdb_tables() order by 1"));
            for (String table : rows(
                    connection, "select table_name from duckdb_tables() where schema_name = 'backstitch' order by 1")) {
                all.addAll(rows(connection, "select t::varchar from backstitch." + table + " t order by 1"));
            }
            return all;
        }
    }

    /** A command that is refused: nothing is written at all. */
    private void refused(String title, ExitCode expected, String... command) throws SQLException {
        List<String> before = everything();
        Called called = added(title, command);
        assertThat(called.code()).as("%s: %s", title, called).isEqualTo(expected);
        assertThat(everything()).as(title).isEqualTo(before);
    }

    /** A run that ends without a publish: the target is as it was. It is cancelled in the end. */
    private void failed(String title, String dag) throws SQLException {
        List<String> before = target();
        Called called = added(title, "run", dag);
        assertThat(called.code()).as("%s: %s", title, called).isEqualTo(ExitCode.FAILED);
        assertThat(target()).as(title).isEqualTo(before);
        ok("cancel", called.run());
    }

    private Called ok(String... command) {
        Called called = Called.with(setup, command);
        assertThat(called.code()).as("%s", called).isEqualTo(ExitCode.DONE);
        return called;
    }

    private Called added(String title, String... command) {
        Called called = Called.with(setup, command);
        golden.add(
                title,
                plain("$ sums " + String.join(" ", command) + "\n" + called.err() + "exit code "
                        + called.code().number()));
        return called;
    }

    private String plain(String text) {
        return text.replace(directory.toString(), "DIR")
                .replaceAll("\\d{8}-\\d{6}-[0-9a-f]{4}", "RUN")
                .replaceAll("bf_[0-9a-f]{12}", "bf_HASH")
                .replaceAll("\\d{4}-\\d{2}-\\d{2}T[0-9:.]+Z", "TIME");
    }

    @Test
    void wrongUses_readAsInTheirFile() throws Exception {
        nothingToOpen();
        wrongSources();
        wrongVerdicts();
        wrongTimes();
        wrongEndings();
        golden.check();
    }

    private void nothingToOpen() throws SQLException {
        refused("a command that is none", ExitCode.USAGE, "start", "sums");
        refused("an option that is none", ExitCode.USAGE, "run", "sums", "--force");
        refused("no dag, where there are several", ExitCode.USAGE, "run");
        refused("a dag that is none", ExitCode.USAGE, "run", "sum");
        refused("a run that is none", ExitCode.REFUSED, "resume", "20010101-000000-abcd");
        refused("an acceptance by nobody", ExitCode.USAGE, "accept", "20010101-000000-abcd", "odd");
        refused(
                "a waiver of an item that is none",
                ExitCode.REFUSED,
                "run",
                "sums",
                "--waive",
                "rows",
                "--who",
                "ann",
                "--why",
                "it is late");
    }

    private void wrongSources() throws SQLException {
        refused("a query that the database refuses", ExitCode.REFUSED, "run", "typo");
        failed("a source with null keys", "nulls");
        failed("a source with a key twice", "twice");
        failed("a source that brings another day", "yesterday");
        failed("a source whose values are no numbers", "words");
        sql("delete from app.source where day = date '2001-01-02'");
        Called noted = Called.with(setup, "run", "sums");
        golden.add(
                "a source that brings nothing for a day",
                plain("$ sums run sums\n"
                        + noted.out()
                                .lines()
                                .filter(line -> line.contains("NOTE"))
                                .reduce("", (all, line) -> all + line + "\n")));
        ok("rollback", noted.run());
        sql("insert into app.source select id, day, amount + 1 from app.sums where day = date '2001-01-02'");
    }

    private void wrongVerdicts() throws SQLException {
        failed("a partition that fails its audit", "bounded");
        List<String> before = target();
        String run = added("an audit that fails", "run", "doomed").run();
        assertThat(target()).isEqualTo(before);
        refused(
                "an acceptance of an audit that is none",
                ExitCode.REFUSED,
                "accept",
                run,
                "no_odd_sum",
                "--who",
                "ann",
                "--why",
                "it is right");
        refused(
                "an acceptance of one of the engine's own",
                ExitCode.REFUSED,
                "accept",
                run,
                "key unique in the shadow",
                "--who",
                "ann",
                "--why",
                "it is right");
        refused(
                "an acceptance without a reason",
                ExitCode.USAGE,
                "accept",
                run,
                "no_even_sum",
                "--who",
                "ann",
                "--why",
                " ");
        refused(
                "an approval that nobody waits for",
                ExitCode.REFUSED,
                "approve",
                run,
                "--who",
                "ann",
                "--why",
                "why not");
        refused("an explanation of an audit that is none", ExitCode.REFUSED, "explain", run, "no_odd_sum");
        refused("another run of a target that one is at", ExitCode.REFUSED, "run", "careful");
        refused("a rollback of what isn't published", ExitCode.REFUSED, "rollback", run);
        refused("a pause of what nobody works on", ExitCode.REFUSED, "pause", run);
        refused(
                "a report where no file can be",
                ExitCode.REFUSED,
                "report",
                run,
                "--out",
                directory.resolve("no/report.html").toString());
        setup = setup(SUMS);
        refused("a resume of a dag that isn't there any more", ExitCode.REFUSED, "resume", run);
        setup = setup(SUMS, DOOMED, CAREFUL);
        ok("cancel", run);
        refused("a resume of what is cancelled", ExitCode.REFUSED, "resume", run);
    }

    private void wrongTimes() throws SQLException {
        List<String> before = target();
        Called waiting = added("a publish that nobody has approved", "run", "careful");
        assertThat(waiting.code()).isEqualTo(ExitCode.WAITING);
        assertThat(target()).isEqualTo(before);
        ok("approve", waiting.run(), "--who", "ann", "--why", "looks right");
        sql("update app.sums set amount = 1000 where id = 3");
        List<String> written = target();
        Called drifted = added("a target that was written meanwhile", "resume", waiting.run());
        assertThat(drifted.code()).as("%s", drifted).isEqualTo(ExitCode.FAILED);
        assertThat(target()).isEqualTo(written);
        ok("cancel", waiting.run());
        sql("update app.sums set amount = 2 where id = 3");
    }

    private void wrongEndings() throws Exception {
        String run = ok("run", "sums").run();
        refused("a cancel of what is published", ExitCode.REFUSED, "cancel", run);
        refused("a resume of what is published", ExitCode.REFUSED, "resume", run);
        sql("update app.sums set amount = 1000 where id in (3, 4)");
        refused("a rollback of what was written since", ExitCode.REFUSED, "rollback", run);
        refused("a rollback that gives up another number", ExitCode.REFUSED, "rollback", run, "--accept-loss", "1");
        ok("rollback", run, "--accept-loss", "2");
        refused("a second rollback", ExitCode.REFUSED, "rollback", run);
        setup = setup(DOOMED, SUMS);
        String doomed = Called.with(setup, "run", "doomed").run();
        ok("cancel", doomed);
        String edited = interruptedRunOfSums();
        setup = setup(EDITED);
        refused("a resume of another dag than was planned", ExitCode.REFUSED, "resume", edited);
        Path copy = Files.writeString(directory.resolve("state.mv.db.copy"), "no database");
        setup = CliSetup.called("sums")
                .dags(SUMS)
                .state(() -> StateStores.h2(copy))
                .engine(state -> BackstitchConfig.of(
                        DuckDb.file(directory.resolve("warehouse.duckdb")).open(), state));
        refused("a run that another state store knows", ExitCode.REFUSED, "resume", edited);
    }

    /** One that its audit keeps from being published. */
    private String interruptedRunOfSums() {
        setup = setup(of("sums", COLUMNS, findsNothing("no_even_sum", "select * from :shadow where amount % 2 = 0")));
        return Called.with(setup, "run", "sums").run();
    }
}
