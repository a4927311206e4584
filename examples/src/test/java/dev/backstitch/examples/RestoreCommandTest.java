package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.missing;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.CliSetup;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreCommandTest {
    private static final Dag SUMS = dag("sums")
            .run(backfill("sums")
                    .owner("tester@example.com")
                    .because("amounts were half of what they are")
                    .target(table("app.sums"))
                    .scope(days("day").from("2001-01-01").to("2001-01-04"))
                    .shadow(scopeOfTarget())
                    .merge("select id, day, amount * 2 as amount from app.source where day = :day")
                    .keyedBy("id")
                    .reprocess(missing())
                    .audit(unique("id"))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(30))));

    @TempDir
    Path directory;

    private Path warehouse;
    private CliSetup setup;

    @BeforeEach
    void begin() throws SQLException {
        LogFile.open(directory.resolve("test.log"));
        warehouse = directory.resolve("warehouse.duckdb");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + warehouse);
                Statement statement = connection.createStatement()) {
            statement.execute("create schema app");
            statement.execute("create table app.source as select i as id,"
                    + " date '2001-01-01' + cast(i % 3 as integer) as day, i as amount from range(1, 31) t(i)");
            statement.execute(
                    "create table app.sums as select id, day, cast(amount as bigint) as amount from app.source");
        }
        setup = CliSetup.called("dags")
                .dags(SUMS)
                .state(() -> StateStores.h2(directory.resolve("state")))
                .engine(state -> BackstitchConfig.of(DuckDb.file(warehouse).open(), state));
    }

    private String doubled() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + warehouse);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "select string_agg(distinct day::varchar, ' ' order by day::varchar)"
                                + " from app.sums join app.source using (id, day) where sums.amount = 2 * source.amount")) {
            rows.next();
            return rows.getString(1);
        }
    }

    @Test
    void aPartitionIsRestored_andFoundMissingByTheNextRun() throws SQLException {
        String run = Called.with(setup, "run").run();
        assertThat(doubled()).isEqualTo("2001-01-01 2001-01-02 2001-01-03");

        Called restored = Called.with(setup, "restore", run, "--partition", "2001-01-02");

        assertThat(restored.code()).as(restored.err()).isEqualTo(ExitCode.DONE);
        assertThat(restored.out()).contains("restored 10 rows in place of 10, gave up 0 later writes");
        assertThat(doubled()).isEqualTo("2001-01-01 2001-01-03");
        assertThat(Called.with(setup, "restore", run, "--partition", "2001-01-02")
                        .out())
                .contains("nothing differs");
        assertThat(Called.with(setup, "watermark", "app.sums").out()).contains("2001-01-02");
        Called again = Called.with(setup, "run");
        assertThat(again.code()).as(again.err()).isEqualTo(ExitCode.DONE);
        assertThat(doubled()).isEqualTo("2001-01-01 2001-01-02 2001-01-03");
    }

    @Test
    void wrongUse_isRefused_andChangesNothing() throws SQLException {
        String run = Called.with(setup, "run").run();
        assertThat(Called.with(setup, "restore", run).code()).isEqualTo(ExitCode.USAGE);
        assertThat(Called.with(setup, "restore", run, "--partition", "2001-02-30"))
                .satisfies(refused -> {
                    assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
                    assertThat(refused.err()).contains("BF-105").contains("found 2001-02-30");
                });
        assertThat(Called.with(setup, "restore", run, "--partition", "2001-01-02", "--backfill", "lost")
                        .err())
                .contains("BF-121")
                .contains("[sums], found lost");
        assertThat(Called.with(setup, "restore", run, "--partition", "2001-01-02", "--accept-loss", "3")
                        .err())
                .contains("BF-410")
                .contains("found 0 rows");
        assertThat(doubled()).isEqualTo("2001-01-01 2001-01-02 2001-01-03");
        Called.with(setup, "rollback", run);
        assertThat(Called.with(setup, "restore", run, "--partition", "2001-01-02")
                        .err())
                .contains("found it ROLLED_BACK");
    }
}
