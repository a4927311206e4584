package dev.backstitch.examples;

import static dev.backstitch.assertj.BackstitchAssertions.assertThat;
import static dev.backstitch.dsl.Dsl.all;
import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.copyOfTarget;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.failed;
import static dev.backstitch.dsl.Dsl.missing;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.swapTable;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.CliSetup;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Task;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Reprocess;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
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

/** Which partitions run again, on a DuckDB file whose table is swapped as a whole. */
class ReprocessTest {
    @TempDir
    Path directory;

    private Path warehouse;

    @BeforeEach
    void begin() throws SQLException {
        LogFile.open(directory.resolve("test.log"));
        warehouse = directory.resolve("warehouse.duckdb");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + warehouse);
                Statement statement = connection.createStatement()) {
            statement.execute("create schema app");
            statement.execute(
                    "create table app.source as select i as id, date '2001-01-01' + cast(i % 4 as integer) as day,"
                            + " i as amount from range(4, 44) t(i)");
            statement.execute(
                    "create table app.sums as select id, day, cast(amount as bigint) as amount from app.source");
        }
    }

    /** Each time the query adds another amount, so that it shows which run a day's rows are of. */
    private static Dag sums(int untilDay, Reprocess policy, int added) {
        return dag("sums").run(adding("sums", untilDay, policy, added));
    }

    private static Backfill adding(String table, int untilDay, Reprocess policy, int added) {
        return backfill(table)
                .owner("tester@example.com")
                .because("amounts were too small")
                .target(table("app." + table))
                .scope(days("day").from("2001-01-01").to("2001-01-0" + untilDay))
                .shadow(copyOfTarget())
                .merge("select id, day, amount + " + added + " as amount from app.source where day = :day")
                .keyedBy("id")
                .reprocess(policy)
                .audit(unique("id"), rowCount().within(percent(0)).perPartition())
                .publish(swapTable().keepingArchiveFor(ofDays(7)));
    }

    private BackstitchConfig config() {
        return BackstitchConfig.of(DuckDb.file(warehouse).open(), StateStores.h2(directory.resolve("state")));
    }

    /** What each day's amounts are above the source's. */
    private List<String> added() throws SQLException {
        return added("sums");
    }

    private List<String> added(String table) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + warehouse);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select distinct strftime(day, '%d') || ' +' || (t.amount -"
                        + " s.amount) from app." + table + " t join app.source s using (id, day) order by 1")) {
            List<String> result = new ArrayList<>();
            while (rows.next()) {
                result.add(rows.getString(1));
            }
            return result;
        }
    }

    @Test
    void missing_runsWhatNoRunHasPublished_andASwapKeepsTheLiveRowsOfTheOthers() throws SQLException {
        String first;
        try (Backstitch backstitch = Backstitch.open(config())) {
            first = backstitch
                    .start(backstitch.plan(sums(3, missing(), 100)))
                    .await()
                    .run();
            Plan plan = backstitch.plan(sums(5, missing(), 1000));

            assertThat(plan).runs(2).skips(2).skips("2001-01-02", "published by run " + first + " at ");
            assertThat(plan).skips("2001-01-02", "with other logic");
            assertThat(PlanText.of(plan))
                    .contains("SKIP 2001-01-01 .. 2001-01-02 (2)", "source unchanged since the others? unknown");
            assertThat(backstitch.start(plan).await().failure()).isEmpty();
        }

        assertThat(added()).containsExactly("01 +100", "02 +100", "03 +1000", "04 +1000");
    }

    @Test
    void aBackfillWithNothingLeft_restsWhileTheOthersOfItsDagRun() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + warehouse);
                Statement statement = connection.createStatement()) {
            statement.execute("create table app.twin as from app.sums");
        }
        Backfill sums = adding("sums", 3, missing(), 100);
        try (Backstitch backstitch = Backstitch.open(config())) {
            Backfill twin = adding("twin", 3, all(), 100);
            backstitch
                    .start(backstitch.plan(dag("both").run(sums, twin).publishTogether(sums, twin)))
                    .await();
            Backfill more = adding("twin", 3, all(), 1000);
            Dag again = dag("both").run(sums, more).publishTogether(sums, more);
            Plan plan = backstitch.register(again).plan(again);

            assertThat(plan).runs(2).skips(2);
            assertThat(PlanText.of(plan)).contains("nothing left to run: it is left out this time");
            assertThat(plan.tasks()).extracting(Task::name).noneMatch(name -> name.startsWith("sums."));
            RunResult second = backstitch.start(plan).await();
            assertThat(second.state()).isEqualTo(RunState.PUBLISHED);
            assertThat(added("sums")).contains("01 +100");
            assertThat(added("twin")).contains("01 +1000");

            backstitch.rollback(second.run());
            assertThat(added("sums")).contains("01 +100");
            assertThat(added("twin")).contains("01 +100");
        }
    }

    @Test
    void failed_runsWhatWasTakenBack_andNothingElse() throws SQLException {
        try (Backstitch backstitch = Backstitch.open(config())) {
            backstitch.start(backstitch.plan(sums(3, all(), 100))).await();
            RunResult second =
                    backstitch.start(backstitch.plan(sums(2, all(), 500))).await();
            backstitch.rollback(second.run());

            Plan plan = backstitch.plan(sums(5, failed(), 1000));

            assertThat(plan)
                    .runs("2001-01-01")
                    .skips(3)
                    .skips("2001-01-02", "with other logic")
                    .skips("2001-01-04", "not published by Backstitch before");
            backstitch.start(plan).await();
        }

        assertThat(added()).containsExactly("01 +1000", "02 +100", "03 +0", "04 +0");
    }

    @Test
    void nothingLeft_isSaidPlainly_andIsNoFailureOfTheCommand_andNoRun() {
        Dag dag = sums(3, missing(), 100);
        CliSetup setup = CliSetup.called("dags")
                .dags(dag)
                .state(() -> StateStores.h2(directory.resolve("state")))
                .engine(state -> BackstitchConfig.of(DuckDb.file(warehouse).open(), state));
        Called first = Called.with(setup, "run", "sums");
        assertThat(first.code()).isEqualTo(ExitCode.DONE);

        Called again = Called.with(setup, "run", "sums", "--again");

        assertThat(again.code()).isEqualTo(ExitCode.DONE);
        assertThat(again.err()).isEmpty();
        assertThat(again.out())
                .startsWith("Nothing to run in dag sums; nothing was changed.")
                .contains(
                        "2 that it skips: 2 published by run " + first.run(),
                        "with the same logic",
                        "reprocess(all())");
        assertThat(Called.with(setup, "plan", "sums").out()).isEqualTo(again.out());
        assertThat(Called.with(setup, "plan", "sums", "--json").out())
                .startsWith("{")
                .contains("\"nothingToRun\"");
        assertThat(Called.with(setup, "status").out()).containsOnlyOnce("sums  ");
        try (Backstitch backstitch = Backstitch.open(config())) {
            assertThatThrownBy(() -> backstitch.plan(dag)).hasMessageStartingWith("BF-218");
        }
    }
}
