package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.findsNothing;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.retry;
import static dev.backstitch.dsl.Dsl.satisfies;
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
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Publish;
import dev.backstitch.state.StateStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each subcommand over small dags, of which one can't pass its audit and one waits for a person. */
class CommandLineTest {
    private static final Dag SUMS = dag("sums").run(doubling("sums", unique("id")));
    private static final Dag DOOMED = dag("doomed")
            .run(doubling("doomed", findsNothing("no_even_sum", "select * from :shadow where amount % 2 = 0")));

    private static final Dag CAREFUL = dag("careful")
            .run(doubling(
                    "careful",
                    unique("id"),
                    replacePartitions().keepingArchiveFor(ofDays(7)).afterApproval()));

    private static final Dag BOUNDED = dag("bounded").run(doubling("bounded", satisfies("amount < 1000")));

    /** Its query fails with a text that would turn a terminal red and forge a line of the log. */
    private static final Dag GARISH = dag("garish")
            .run(backfill("garish")
                    .owner("tester@example.com")
                    .because("errors hold what the data hold")
                    .target(table("app.sums"))
                    .scope(days("day").from("2001-01-01").to("2001-01-04"))
                    .shadow(scopeOfTarget())
                    .merge("select id, day, cast(chr(27) || '[31mred' || chr(10) || 'forged' || id as bigint) as amount"
                            + " from app.source where day = :day")
                    .keyedBy("id")
                    .limits(retry(times(1)))
                    .audit(unique("id"))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(7))));

    @TempDir
    Path directory;

    private Path warehouse;
    private CliSetup setup;

    private static Backfill doubling(String name, Audit audit) {
        return doubling(name, audit, replacePartitions().keepingArchiveFor(ofDays(7)));
    }

    private static Backfill doubling(String name, Audit audit, Publish<Coverage> publish) {
        return backfill(name)
                .owner("tester@example.com")
                .because("amounts were half of what they are")
                .target(table("app.sums"))
                .scope(days("day").from("2001-01-01").to("2001-01-04"))
                .shadow(scopeOfTarget())
                .merge("select id, day, amount * 2 as amount from app.source where day = :day")
                .keyedBy("id")
                .audit(audit)
                .publish(publish);
    }

    @BeforeEach
    void begin() throws SQLException {
        LogFile.open(directory.resolve("test.log"));
        warehouse = directory.resolve("warehouse.duckdb");
        execute(
                "create schema app",
                "create table app.source as select i as id, date '2001-01-01' + cast(i % 3 as integer) as day, i as amount"
                        + " from range(1, 31) t(i)",
                "create table app.sums as select id, day, cast(amount as bigint) as amount from app.source");
        setup = CliSetup.called("dags")
                .dags(SUMS, DOOMED, CAREFUL, BOUNDED, GARISH)
                .state(() -> StateStores.h2(directory.resolve("state")))
                .engine(state -> BackstitchConfig.of(DuckDb.file(warehouse).open(), state));
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + warehouse);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private long total() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + warehouse);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select sum(amount) from app.sums")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Test
    void run_publishes_andRollbackTakesItBack() throws SQLException {
        Called run = Called.with(setup, "run", "sums");
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).endsWith("  dags rollback " + run.run() + System.lineSeparator());
        assertThat(total()).isEqualTo(930);

        Called rollback = Called.with(setup, "rollback", run.run());
        assertThat(rollback.code()).as(rollback.err()).isEqualTo(ExitCode.DONE);
        assertThat(total()).isEqualTo(465);
    }

    @Test
    void aFailedAudit_isExplained_accepted_andPublished() throws SQLException {
        Called failed = Called.with(setup, "run", "doomed");
        assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
        assertThat(failed.err()).contains("dags explain " + failed.run()).contains("dags accept " + failed.run());

        Called all = Called.with(setup, "explain", failed.run());
        assertThat(all.out())
                .contains("failed    no_even_sum: expected no row, observed 30 rows")
                .contains("passed    key unique in the shadow");
        Called one = Called.with(setup, "explain", failed.run(), "no_even_sum");
        assertThat(one.out()).contains("id | day | amount").contains("amount % 2 = 0");

        Called unknown = Called.with(setup, "accept", failed.run(), "no_such", "--who", "ann", "--why", "it is right");
        assertThat(unknown.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(unknown.err()).startsWith("BF-511").contains("only [no_even_sum]");
        assertThat(Called.with(setup, "accept", failed.run(), "no_even_sum", "--who", "ann")
                        .code())
                .isEqualTo(ExitCode.USAGE);
        assertThat(total()).isEqualTo(465);

        Called accepted = Called.with(
                setup, "accept", failed.run(), "no_even_sum", "--who", "ann", "--why", "sums \u001b[31m are even");
        assertThat(accepted.code()).as(accepted.err()).isEqualTo(ExitCode.DONE);
        Called resumed = Called.with(setup, "resume", failed.run());
        assertThat(resumed.code()).as(resumed.err()).isEqualTo(ExitCode.DONE);
        assertThat(resumed.out()).contains("accepted  no_even_sum");
        assertThat(total()).isEqualTo(930);
        assertThat(Called.with(setup, "explain", failed.run()).out())
                .contains("accepted  no_even_sum")
                .contains("accepted by ann on ")
                .contains("sums <001b>[31m are even");
    }

    @Test
    void aCorrectedSource_isMergedAgain_whereTheAuditFailed() throws SQLException {
        execute("update app.source set amount = 5000 where id = 4");
        Called failed = Called.with(setup, "run", "bounded");
        assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
        assertThat(failed.err()).contains("dags reaudit " + failed.run());
        assertThat(Called.with(setup, "explain", failed.run(), "satisfies(amount < 1000)")
                        .out())
                .contains("2001-01-02");
        execute("update app.source set amount = 40 where id in (4, 5)");

        Called audited = Called.with(setup, "reaudit", failed.run());
        assertThat(audited.code()).isEqualTo(ExitCode.FAILED);
        Called resumed = Called.with(setup, "resume", failed.run());

        assertThat(resumed.code()).as(resumed.err()).isEqualTo(ExitCode.DONE);
        assertThat(resumed.out()).contains("2 of them merged already");
        // Row 5 lies in a partition of which no audit complained.
        assertThat(total()).isEqualTo(2 * (465 - 4 + 40));
    }

    @Test
    void aSourceThatBringsNothing_isNoted_andLiveRowsStay() throws SQLException {
        execute("delete from app.source where day = date '2001-01-02'");
        Called run = Called.with(setup, "run", "sums");

        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out())
                .contains("the source brought no row for 1 partition with live rows")
                .contains("2001-01-02");
        assertThat(total()).isLessThan(930);
    }

    @Test
    void aPublishThatWaits_isApproved_andGoneOnWith() throws SQLException {
        Called waiting = Called.with(setup, "run", "careful");
        assertThat(waiting.code()).isEqualTo(ExitCode.WAITING);
        assertThat(waiting.err()).contains("BF-413").contains("dags approve " + waiting.run());
        assertThat(Called.with(setup, "explain", waiting.run()).out())
                .contains("waiting   approval by a person")
                .contains("30 rows in 3 partitions, live 30");
        assertThat(Called.with(setup, "run", "careful").code()).isEqualTo(ExitCode.WAITING);
        assertThat(total()).isEqualTo(465);

        Called approved = Called.with(setup, "approve", waiting.run(), "--who", "ann", "--why", "looked at the report");
        assertThat(approved.code()).as(approved.err()).isEqualTo(ExitCode.DONE);
        Called resumed = Called.with(setup, "resume", waiting.run());
        assertThat(resumed.code()).as(resumed.err()).isEqualTo(ExitCode.DONE);
        assertThat(total()).isEqualTo(930);
        assertThat(Called.with(setup, "explain", waiting.run()).out())
                .contains("approved  approval by a person")
                .contains("approved by ann on ")
                .contains("looked at the report");
        assertThat(Called.with(
                                setup,
                                "approve",
                                Called.with(setup, "run", "sums", "--again").run(),
                                "--who",
                                "ann",
                                "--why",
                                "x")
                        .err())
                .startsWith("BF-503");
    }

    @Test
    void report_isAFile_ofRunsThatFailedAndOfThoseThatAreOver() throws Exception {
        Called failed = Called.with(setup, "run", "doomed");
        Path file = directory.resolve("failed.html");
        Called report = Called.with(setup, "report", failed.run(), "--out", file.toString());
        assertThat(report.code()).as(report.err()).isEqualTo(ExitCode.DONE);
        assertThat(report.out()).contains(file.toString());
        assertThat(Files.readString(file))
                .contains("amounts were half of what they are", "no_even_sum", "<th>amount</th>", "amount % 2 = 0")
                .contains("dags resume " + failed.run());
        Called.with(setup, "cancel", failed.run());

        Called run = Called.with(setup, "run", "sums");
        Called.with(setup, "rollback", run.run());
        Called.with(setup, "report", run.run(), "--out", file.toString());
        assertThat(Files.readString(file)).contains("taken back").contains("3 rolled-back");
    }

    @Test
    void anErrorFullOfControls_isHarmless_onTheTerminalAndInTheLog() throws Exception {
        Called failed = Called.with(setup, "run", "garish");
        assertThat(failed.code()).isEqualTo(ExitCode.FAILED);

        String status = Called.with(setup, "status", failed.run()).out();
        String log = Files.readString(directory.resolve("test.log"));
        assertThat(List.of(failed.out(), failed.err(), status))
                .allSatisfy(text -> assertThat(text).contains("<001b>[31mred").doesNotContain("\u001b"));
        assertThat(log).contains("[31mred").doesNotContain("\u001b");
        assertThat(log.lines()).allSatisfy(line -> assertThat(line).doesNotStartWith("forged"));
    }

    @Test
    void archives_areWhatCanBeBroughtBack() {
        assertThat(Called.with(setup, "archives").out()).startsWith("no archives");

        Called run = Called.with(setup, "run", "sums");
        Called kept = Called.with(setup, "archives");
        assertThat(kept.code()).as(kept.err()).isEqualTo(ExitCode.DONE);
        assertThat(kept.out())
                .startsWith("kept      app.bf_")
                .contains("30 rows from before run " + run.run() + ", until ");

        Called.with(setup, "rollback", run.run());
        assertThat(Called.with(setup, "archives").out()).startsWith("restored  app.bf_");
    }

    @Test
    void report_isRefused_ofAnUnknownRun_andWhereNoFileCanBeMade() {
        Called unknown = Called.with(setup, "report", "no-such-run");
        assertThat(unknown.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(unknown.err()).startsWith("BF-502");

        Called run = Called.with(setup, "run", "sums");
        Path nowhere = directory.resolve("no/such/directory/report.html");
        Called report = Called.with(setup, "report", run.run(), "--out", nowhere.toString());
        assertThat(report.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(report.err()).startsWith("BF-512").contains(nowhere.toString());
    }

    @Test
    void rollback_isRefusedWithTheNumber_whenTheScopeWasWrittenSince() throws SQLException {
        Called run = Called.with(setup, "run", "sums");
        execute("update app.sums set amount = amount + 1 where id <= 2");

        Called refused = Called.with(setup, "rollback", run.run());
        assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(refused.err()).startsWith("BF-410").contains("2");
        assertThat(total()).isEqualTo(932);

        Called accepted = Called.with(setup, "rollback", run.run(), "--accept-loss", "2");
        assertThat(accepted.code()).as(accepted.err()).isEqualTo(ExitCode.DONE);
        assertThat(accepted.out()).contains("2 writes made since are given up");
        assertThat(total()).isEqualTo(465);
    }

    @Test
    void again_startsAnotherRun_overWhatIsPublished() throws SQLException {
        Called first = Called.with(setup, "run", "sums");
        assertThat(Called.with(setup, "run", "sums").out()).contains("published already", first.run());
        execute("update app.source set amount = amount + 1");

        Called again = Called.with(setup, "run", "sums", "--again");
        assertThat(again.code()).as(again.err()).isEqualTo(ExitCode.DONE);
        assertThat(again.run()).isNotEqualTo(first.run());
        assertThat(total()).isEqualTo(990);
    }

    @Test
    void failedAudit_leavesTheTarget_andSaysHowToGoOnAndHowToGiveUp() throws SQLException {
        Called failed = Called.with(setup, "run", "doomed");
        assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
        assertThat(failed.out()).contains("FAILED   no_even_sum", "passed   key unique in the shadow");
        assertThat(failed.err())
                .contains("BF-320", "no_even_sum", "dags cancel " + failed.run(), "dags resume " + failed.run())
                .doesNotContain("\tat ");
        assertThat(total()).isEqualTo(465);

        Called status = Called.with(setup, "status", failed.run());
        assertThat(status.out())
                .contains("FAILED", "audit    failed", "publish  waiting", "dags cancel " + failed.run())
                .contains("dags resume " + failed.run());

        Called resumed = Called.with(setup, "reaudit");
        assertThat(resumed.code()).isEqualTo(ExitCode.FAILED);
        assertThat(resumed.run()).isEqualTo(failed.run());
        assertThat(resumed.out()).contains("3 of them merged already", "epoch 2");

        Called blocked = Called.with(setup, "run", "sums");
        assertThat(blocked.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(blocked.err()).contains("BF-209", failed.run());

        Called cancelled = Called.with(setup, "cancel", failed.run());
        assertThat(cancelled.code()).as(cancelled.err()).isEqualTo(ExitCode.DONE);
        assertThat(Called.with(setup, "run", "sums").code()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void anOpenItem_isWaivedByAPersonForAReason_andNothingElseIs() {
        Called plan = Called.with(setup, "plan", "sums");
        assertThat(plan.out()).contains("open     comparison", "(3)  30 live rows; ");
        String[] waive = {"--waive", "comparison", "--who", "ann", "--why", "the amounts all change"};

        assertThat(Called.with(setup, with("plan", waive)).out())
                .contains("waived   comparison", "waived by ann: the amounts all change");
        Called run = Called.with(setup, with("run", waive));
        assertThat(run.code()).isEqualTo(ExitCode.DONE);
        Path page = directory.resolve("waived.html");
        Called.with(setup, "report", run.run(), "--out", page.toString());
        assertThat(page).content().contains("comparison: waived", "waived by ann: the amounts all change");

        assertThat(Called.with(setup, "plan", "sums", "--waive", "privileges", "--who", "ann", "--why", "why")
                        .code())
                .isEqualTo(ExitCode.REFUSED);
        assertThat(Called.with(setup, "plan", "sums", "--waive", "comparison").code())
                .isEqualTo(ExitCode.USAGE);
    }

    private static String[] with(String command, String... options) {
        return Stream.concat(Stream.of(command, "sums"), Stream.of(options)).toArray(String[]::new);
    }

    @Test
    void plan_showsTheSql_andIsRefusedBeforeAnyWrite_whenTheTargetIsMissing() throws SQLException {
        assertThat(Called.with(setup, "plan", "sums").out()).contains("3 daily partitions", "app.source");
        execute("drop table app.sums");
        Called refused = Called.with(setup, "plan", "sums");
        assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(refused.err()).startsWith("BF-201").contains("app.sums").doesNotContain("\tat ");
    }

    @Test
    void wrongUsage_isToldApartFromRefusals_andOpensNothing() {
        CliSetup closed = CliSetup.called("dags")
                .dags(SUMS, DOOMED)
                .state(() -> {
                    throw new AssertionError("opened");
                })
                .engine(state -> {
                    throw new AssertionError("opened");
                });
        assertThat(Called.with(closed).code()).isEqualTo(ExitCode.USAGE);
        assertThat(Called.with(closed, "run").err()).contains("which dag? There are sums, doomed");
        assertThat(Called.with(closed, "run").code()).isEqualTo(ExitCode.USAGE);
        assertThat(Called.with(closed, "run", "nosuch").code()).isEqualTo(ExitCode.USAGE);
        assertThat(Called.with(closed, "cancel").code()).isEqualTo(ExitCode.USAGE);
        assertThat(Called.with(closed, "rollback", "r", "--accept-loss", "many").code())
                .isEqualTo(ExitCode.USAGE);
        assertThat(Called.with(closed, "--help").code()).isEqualTo(ExitCode.DONE);
    }

    @Test
    void unknownRuns_areRefused() {
        for (String command : new String[] {"status", "resume", "rollback", "cancel"}) {
            Called refused = Called.with(setup, command, "nosuch");
            assertThat(refused.code()).as(command).isEqualTo(ExitCode.REFUSED);
            assertThat(refused.err()).startsWith("BF-502").contains("nosuch");
        }
        assertThat(Called.with(setup, "resume").err()).contains("no unfinished run");
        assertThat(Called.with(setup, "rollback").err()).contains("no published run");
    }

    @Test
    void defects_areToldApart_andShowWhereOnlyWhenAsked() {
        CliSetup broken = CliSetup.called("dags")
                .dags(SUMS)
                .state(() -> {
                    throw new IllegalStateException("no disk in this drive");
                })
                .engine(state -> BackstitchConfig.of(DuckDb.file(warehouse).open(), state));
        Called called = Called.with(broken, "status");
        assertThat(called.code()).isEqualTo(ExitCode.DEFECT);
        assertThat(called.err())
                .contains("no disk in this drive", "--stacktrace")
                .doesNotContain("\tat ");
        assertThat(Called.with(broken, "status", "--stacktrace").err()).contains("\tat ");
    }

    @Test
    void terminal_showsABar_andNoLineForEachPartition() {
        Called run = Called.onTerminal(setup, "run", "sums");
        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.DONE);
        assertThat(run.out()).contains("\r  merge", "3/3", "30 rows").doesNotContain("merged 2001-01-0");
    }

    @Test
    void pipe_showsALineForEachPartition_andNoBar() {
        Called run = Called.with(setup, "run", "sums");
        assertThat(run.out()).contains("merged 2001-01-0", "3 of 3, 30 rows").doesNotContain("\r  ", "\u001b");
    }

    @Test
    void examples_areListed_andWrongUsageMakesNothing() {
        assertThat(Called.examples("list").out()).startsWith("quickstart  ");
        assertThat(Called.examples("list").code()).isEqualTo(ExitCode.DONE);
        assertThat(Called.examples().code()).isEqualTo(ExitCode.USAGE);
        assertThat(Called.examples("nosuch").code()).isEqualTo(ExitCode.USAGE);
        assertThat(Called.examples("quickstart").err()).contains("--dir=DIR");
        Path missing = directory.resolve("missing");
        assertThat(Called.quickstart(missing, "nosuch").code()).isEqualTo(ExitCode.USAGE);
        Called early = Called.quickstart(missing, "status");
        assertThat(early.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(early.err()).startsWith("BF-502");
        assertThat(missing).doesNotExist();
        assertThat(Called.quickstart(warehouse).code()).isEqualTo(ExitCode.REFUSED);
    }

    /** What stands at a path of a JSON document, by a parser that has nothing to do with whoever wrote it. */
    private static String at(String path, String json) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                PreparedStatement statement =
                        connection.prepareStatement("select json_extract_string(cast(? as json), ?)")) {
            statement.setString(1, json);
            statement.setString(2, path);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return String.valueOf(row.getString(1));
            }
        }
    }

    @Test
    void json_isOneDocument_forPrograms() throws SQLException {
        String run = Called.with(setup, "run", "sums").run();

        assertThat(at("$.runs[*].id", Called.with(setup, "status", "--json").out()))
                .isEqualTo("[" + run + "]");

        String one = Called.with(setup, "status", run, "--json").out();
        assertThat(at("$.state", one)).isEqualTo("PUBLISHED");
        assertThat(at("$.failure", one)).isEqualTo("null");
        assertThat(Instant.parse(at("$.endedAt", one))).isAfter(Instant.parse(at("$.createdAt", one)));
        assertThat(at("$.targets[0]", one)).isEqualTo("app.sums");
        assertThat(at("$.tasks[*].kind", one)).isEqualTo("[SCOPE, SHADOW, MERGE, AUDIT, PUBLISH]");
        assertThat(at("$.tasks[2].states.succeeded", one)).isEqualTo("3");

        String archives = Called.with(setup, "archives", "--json").out();
        assertThat(at("$.archives[0].rows", archives)).isEqualTo("30");
        assertThat(at("$.archives[0].run", archives)).isEqualTo(run);

        assertThat(at("$.dag.name", Called.with(setup, "plan", "sums", "--json").out()))
                .isEqualTo("sums");
    }

    @Test
    void json_ofAFailure_isADocumentToo() throws SQLException {
        Called unknown = Called.with(setup, "status", "no\u001b[2Jsuch", "--json");

        assertThat(unknown.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(unknown.err()).isEmpty();
        assertThat(at("$.error.code", unknown.out())).isEqualTo("BF-502");
        assertThat(at("$.error.message", unknown.out())).startsWith("BF-502 no run no\u001b[2Jsuch in ");
        assertThat(unknown.out()).doesNotContain("\u001b");
    }

    @Test
    void completion_isAScriptThatNamesTheCommands() {
        Called completion = Called.with(setup, "completion");

        assertThat(completion.code()).isEqualTo(ExitCode.DONE);
        assertThat(completion.out())
                .contains("complete -F")
                .contains("rollback")
                .contains("--json");
    }
}
