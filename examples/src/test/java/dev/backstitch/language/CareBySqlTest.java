package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.probe;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.sqlHold;
import static dev.backstitch.dsl.Dsl.table;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.Run;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Hold;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is held, and what is asked, by statements in the warehouse: a table of jobs, and one of replicas that lag. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CareBySqlTest {
    @TempDir
    Path directory;

    private final CountDownLatch waits = new CountDownLatch(1);
    private Connection connection;
    private Backstitch backstitch;

    @BeforeEach
    void open() throws SQLException {
        Path file = directory.resolve("warehouse.duckdb");
        connection = DriverManager.getConnection("jdbc:duckdb:" + file);
        Sql.run(
                connection,
                "create schema app",
                "create schema ops",
                "create table ops.jobs as select * from (values ('loader', false), ('other', true)) t(name, paused)",
                "create table ops.replicas as select 'eu' as name, 5 as lag",
                "create table app.told as select i as id, date '2026-01-01' + cast(i % 3 as integer) as day,"
                        + " 'nothing' as note from range(0, 9) t(i)");
        backstitch = Backstitch.open(
                BackstitchConfig.of(DuckDb.file(file).open(), StateStores.h2(directory.resolve("state")))
                        .sweep(ofMillis(50))
                        .listener(event -> {
                            if (event instanceof RunEvent.TaskWaits) {
                                waits.countDown();
                            }
                        }));
    }

    @AfterEach
    void close() throws SQLException {
        backstitch.close();
        connection.close();
    }

    private static Dag telling(String note) {
        return dag("told")
                .run(backfill("told")
                        .owner("me")
                        .because("to see it")
                        .target(table("app.told"))
                        .scope(days("day").from("2026-01-01").to("2026-01-04"))
                        .shadow(scopeOfTarget())
                        .merge("select id, day, (" + note + ") as note from app.told where day = :day")
                        .keyedBy("id")
                        .holding(pausing("loader"), pausing("other"))
                        .waitWhile(probe(
                                "replica lag",
                                "select name || ' is ' || lag || ' s behind' from ops.replicas where lag > 60"))
                        .audit(rowCount().between(9, 9))
                        .publish(replacePartitions().keepingArchiveFor(ofDays(30))));
    }

    private static Hold pausing(String job) {
        return sqlHold(
                "job " + job,
                "select 1 from ops.jobs where name = '" + job + "' and paused",
                "update ops.jobs set paused = true where name = '" + job + "'",
                "update ops.jobs set paused = false where name = '" + job + "'");
    }

    private List<String> rows(String query) throws SQLException {
        return Sql.rows(connection, query);
    }

    @Test
    void aJob_isPausedWhileTheRunGoesOn_andOneThatWasPausedStaysSo() throws SQLException {
        Dag dag = telling("select string_agg(name, ' ' order by name) from ops.jobs where paused");

        RunResult result = backstitch.register(dag).run(backstitch.plan(dag));

        assertThat(result.state()).isEqualTo(RunState.PUBLISHED);
        assertThat(rows("select distinct note from app.told")).containsExactly("loader other");
        assertThat(rows("select name from ops.jobs where paused")).containsExactly("other");
    }

    @Test
    void whileAReplicaLags_noPartitionBegins() throws Exception {
        Sql.run(connection, "update ops.replicas set lag = 61");
        Dag dag = telling("select 'done'");
        Run run = backstitch.register(dag).start(backstitch.plan(dag));
        assertThat(waits.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(rows("select distinct state from backstitch.bf_ledger")).containsExactly("CLAIMED");

        Sql.run(connection, "update ops.replicas set lag = 60");

        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(rows("select distinct note from app.told")).containsExactly("done");
    }

    @Test
    void bothAreFrozenWithThePlan() {
        Dag dag = telling("select 'done'");

        assertThat(PlanFormat.read(PlanFormat.write(backstitch.plan(dag))).dag())
                .isEqualTo(dag);
    }
}
