package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.findsNothing;
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
import dev.backstitch.spec.Audit;
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

class RehearseCommandTest {
    @TempDir
    Path directory;

    private CliSetup setup;

    private static Dag doubling(String name, String target, Audit audit) {
        return dag(name)
                .run(backfill(name)
                        .owner("tester@example.com")
                        .because("amounts were half of what they are")
                        .target(table(target))
                        .scope(days("day").from("2001-01-01").to("2001-01-04"))
                        .shadow(scopeOfTarget())
                        .merge("select id, day, amount * 2 as amount from app.source where day = :day")
                        .keyedBy("id")
                        .audit(audit)
                        .publish(replacePartitions().keepingArchiveFor(ofDays(30))));
    }

    @BeforeEach
    void begin() throws SQLException {
        LogFile.open(directory.resolve("test.log"));
        Path warehouse = directory.resolve("warehouse.duckdb");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + warehouse);
                Statement statement = connection.createStatement()) {
            statement.execute("create schema app");
            statement.execute("create table app.source as select i as id,"
                    + " date '2001-01-01' + cast(i % 3 as integer) as day, i as amount from range(1, 31) t(i)");
            statement.execute(
                    "create table app.sums as select id, day, cast(amount as bigint) as amount from app.source");
        }
        setup = CliSetup.called("dags")
                .dags(
                        doubling("sums", "app.sums", unique("id")),
                        doubling("doomed", "app.sums", findsNothing("no_sum", "select * from :shadow")),
                        doubling("lost", "app.nowhere", unique("id")))
                .state(() -> StateStores.h2(directory.resolve("state")))
                .engine(state -> BackstitchConfig.of(DuckDb.file(warehouse).open(), state));
    }

    @Test
    void rehearse_saysWhatItMeasured_andPlanEstimatesByIt() {
        assertThat(Called.with(setup, "plan", "sums").out()).doesNotContain("estimate");

        Called rehearsed = Called.with(setup, "rehearse", "sums", "--partitions", "2");

        assertThat(rehearsed.code()).as(rehearsed.err()).isEqualTo(ExitCode.DONE);
        assertThat(rehearsed.out())
                .contains("rehearsed sums: 2 partitions, a copy of 20 rows; shadow ")
                .containsPattern("2001-01-01  10 rows from the source, 10 after the merge, in \\d+\\.\\d\\d s")
                .contains("no target was written: structure, comment and rehearsed rows are what they were before")
                .containsPattern("sandbox backstitch_rehearsal_[0-9a-f]{8} is dropped")
                .contains("of work, by the rehearsal of 2 partitions at ")
                .contains("the shadow has about 30 rows")
                .doesNotContain("published:");
        assertThat(Called.with(setup, "plan", "sums").out()).containsPattern("estimate +\\d+\\.\\d\\d s to ");
        assertThat(Called.with(setup, "runbook", "sums").out()).contains("by the rehearsal of 2 partitions at ");
        assertThat(Called.with(setup, "status").out()).startsWith("no run in ");
    }

    @Test
    void aFailedRehearsal_saysWhy_andWhatStaysOfIt() {
        Called failed = Called.with(setup, "rehearse", "doomed");

        assertThat(failed.code()).isEqualTo(ExitCode.FAILED);
        assertThat(failed.out())
                .contains("FAILED   no_sum")
                .containsPattern("sandbox backstitch_rehearsal_[0-9a-f]{8} stays until ");
        assertThat(failed.err())
                .contains("the rehearsal ended FAILED: BF-320")
                .contains("rehearse again: dags rehearse");
        assertThat(Called.with(setup, "archives", "purge", "--dry-run").out()).doesNotContain("would drop");
    }

    @Test
    void wrongUse_isRefused_beforeAnythingIsMade() {
        assertThat(Called.with(setup, "rehearse", "sums", "--full", "--partitions", "2"))
                .satisfies(refused -> {
                    assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
                    assertThat(refused.err()).contains("--full and --partitions exclude each other");
                });
        assertThat(Called.with(setup, "rehearse", "sums", "--partitions", "0")).satisfies(refused -> {
            assertThat(refused.code()).isEqualTo(ExitCode.USAGE);
            assertThat(refused.err()).contains("--partitions is at least 1, found 0");
        });
        assertThat(Called.with(setup, "rehearse").err()).contains("doomed");
        assertThat(Called.with(setup, "rehearse", "lost")).satisfies(refused -> {
            assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
            assertThat(refused.err()).contains("BF-201");
        });
    }
}
