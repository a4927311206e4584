package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.range;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
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
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A source that is wrong from its first day on, as the command line shows it: found with the first partition. */
class PartitionAuditTest {
    private static final String AUDIT = "range(amount) between 0 and 99 per partition";

    private static final Dag DAG = dag("sums")
            .run(backfill("sums")
                    .owner("tester@example.com")
                    .because("amounts were too small")
                    .target(table("app.sums"))
                    .scope(days("day").from("2001-01-01").to("2001-01-05"))
                    .shadow(scopeOfTarget())
                    .merge("select id, day, amount from app.source where day = :day")
                    .keyedBy("id")
                    .limits(concurrency(2).firstPartitionAlone())
                    .audit(
                            range("amount").between(0, 99).perPartition(),
                            rowCount().within(percent(0)).perPartition())
                    .publish(replacePartitions().keepingArchiveFor(ofDays(7))));

    @TempDir
    Path directory;

    private CliSetup setup;

    @BeforeEach
    void begin() throws SQLException {
        LogFile.open(directory.resolve("test.log"));
        sql(
                "create schema app",
                "create table app.source as select i as id, date '2001-01-01' + cast(i % 4 as integer) as day,"
                        + " cast(i as bigint) as amount from range(4, 44) t(i)",
                "create table app.sums as from app.source",
                "update app.source set amount = -1 where id in (8, 12, 9)");
        setup = CliSetup.called("sums")
                .dags(DAG)
                .state(() -> StateStores.h2(directory.resolve("state")))
                .engine(state -> BackstitchConfig.of(
                        DuckDb.file(directory.resolve("warehouse.duckdb")).open(), state));
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("warehouse.duckdb"));
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    @Test
    void theFirstPartition_tellsThatTheSourceIsWrong_andACorrectedOneGoesOn() throws SQLException {
        assertThat(Called.with(setup, "plan").out()).contains(AUDIT + " (right after each merge)");
        Called failed = Called.with(setup, "run");

        assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
        assertThat(failed.err())
                .contains("BF-320 audit of partition 2001-01-01 of app.bf_")
                .contains(AUDIT + ": expected every row, observed 2 of 10 rows break it")
                .contains("merged again");
        assertThat(Called.with(setup, "status", failed.run()).out())
                .containsPattern("merge_first +failed \\(2001-01-01\\)")
                .containsPattern("merge +3 waiting");
        assertThat(Called.with(setup, "explain", failed.run(), AUDIT).out())
                .contains("observed 1 of 4 partitions not: 2001-01-01")
                .contains("8 | 2001-01-01 | -1", "12 | 2001-01-01 | -1")
                .doesNotContain("9 | 2001-01-02")
                .containsPattern("select s.\\* from .*bf_\\w+_shadow");
        sql("update app.source set amount = id where amount < 0");

        Called resumed = Called.with(setup, "resume", failed.run());

        assertThat(resumed.code()).as(resumed.err()).isEqualTo(ExitCode.DONE);
        assertThat(resumed.out()).contains("passed   " + AUDIT + ": expected every row, observed all 4 partitions");
    }

    @Test
    void whatAPersonAccepts_isNotAskedAgain_butWhatElseFailsIs() throws SQLException {
        Called first = Called.with(setup, "run");
        Called accepted = Called.with(setup, "accept", first.run(), AUDIT, "--who", "ann", "--why", "a refund");
        assertThat(accepted.code()).as(accepted.err()).isEqualTo(ExitCode.DONE);

        Called second = Called.with(setup, "resume", first.run());

        assertThat(second.err()).contains("BF-320 audit of partition 2001-01-02");
        assertThat(Called.with(setup, "explain", first.run(), AUDIT).out())
                .contains("observed 2 of 4 partitions not: 2001-01-01 (")
                .contains("(but for another value: 1 of 4 partitions not: 2001-01-01 (");
        Called.with(setup, "accept", first.run(), AUDIT, "--who", "ann", "--why", "another refund");
        Called third = Called.with(setup, "resume", first.run());
        assertThat(third.code()).as(third.err()).isEqualTo(ExitCode.DONE);
        assertThat(third.out()).contains("accepted  " + AUDIT);
    }
}
