package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.daily;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.threads;
import static dev.backstitch.dsl.Dsl.zone;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A merge tells with how much of the machine it runs; others have what they had. */
class ComputeTest {
    private static final Compute LARGE = threads(3).megabytes(300).during(daily("22:00", "06:00", zone("UTC")));
    private static final String NIGHT = "2026-04-10T23:00:00Z";
    private static final String DAY = "2026-04-10T12:00:00Z";

    private static final String SETTINGS = "current_setting('threads') || '/' || current_setting('memory_limit')";

    @TempDir
    Path directory;

    private String file;

    @BeforeEach
    void prepare() throws SQLException {
        file = "jdbc:duckdb:" + directory.resolve("warehouse.duckdb");
        try (Connection connection = DriverManager.getConnection(file)) {
            Sql.run(
                    connection,
                    "create schema app",
                    "create table app.told as select i as id, date '2026-01-01' + cast(i % 3 as integer) as day,"
                            + " 'nothing' as note from range(0, 9) t(i)");
        }
    }

    private static Dag telling(String note) {
        return dag("told")
                .run(backfill("told")
                        .owner("me")
                        .because("to see it")
                        .target(table("app.told"))
                        .scope(days("day").from("2026-01-01").to("2026-01-04"))
                        .shadow(scopeOfTarget())
                        .merge("select id, day, " + note + " as note from app.told where day = :day")
                        .keyedBy("id")
                        .compute(LARGE)
                        .audit(rowCount().between(9, 9))
                        .publish(replacePartitions().keepingArchiveFor(ofDays(30))));
    }

    private Backstitch open(String now) {
        return Backstitch.open(BackstitchConfig.of(
                        DuckDb.file(directory.resolve("warehouse.duckdb"))
                                .threads(2)
                                .memoryLimit("500MiB")
                                .open(),
                        StateStores.h2(directory.resolve("state")))
                .clock(Clock.fixed(Instant.parse(now), ZoneOffset.UTC)));
    }

    private List<String> notes() throws SQLException {
        try (Connection connection = DriverManager.getConnection(file)) {
            return Sql.rows(connection, "select distinct note from app.told order by 1");
        }
    }

    @Test
    void atItsTime_aMergeHasIt() throws SQLException {
        Dag dag = telling(SETTINGS);
        try (Backstitch backstitch = open(NIGHT)) {
            assertThat(backstitch.register(dag).run(backstitch.plan(dag)).state())
                    .isEqualTo(RunState.PUBLISHED);
        }
        assertThat(notes()).containsExactly("3/300.0 MiB");
    }

    @Test
    void atOtherTimes_aMergeHasWhatEverybodyHas() throws SQLException {
        Dag dag = telling(SETTINGS);
        try (Backstitch backstitch = open(DAY)) {
            assertThat(backstitch.register(dag).run(backstitch.plan(dag)).state())
                    .isEqualTo(RunState.PUBLISHED);
        }
        assertThat(notes()).containsExactly("2/500.0 MiB");
    }

    /** The next run in the same process, without a word of it, tells what the failed one left behind. */
    @Test
    void afterMergesThatFailed_othersHaveWhatTheyHad() throws SQLException {
        Dag failing = telling("error('with ' || " + SETTINGS + ")");
        Dag usual = dag("usual")
                .run(telling(SETTINGS).backfills().get(0).compute(LARGE.during(daily("01:00", "02:00", zone("UTC")))));
        try (Backstitch backstitch = open(NIGHT)) {
            RunResult failed = backstitch.register(failing).run(backstitch.plan(failing));
            assertThat(failed.state()).isEqualTo(RunState.FAILED);
            assertThat(failed.failure()).contains("with 3/300.0 MiB");
            backstitch.cancel(failed.run());

            assertThat(backstitch.register(usual).run(backstitch.plan(usual)).state())
                    .isEqualTo(RunState.PUBLISHED);
        }
        assertThat(notes()).containsExactly("2/500.0 MiB");
    }

    @Test
    void thePlan_showsIt_andFreezesIt() {
        Dag dag = telling(SETTINGS);
        try (Backstitch backstitch = open(DAY)) {
            assertThat(PlanText.of(backstitch.plan(dag)))
                    .contains("each merge with 3 threads and 300 MB, 22:00 to 06:00 UTC");
            assertThat(PlanFormat.read(PlanFormat.write(backstitch.plan(dag))).dag())
                    .isEqualTo(dag);
        }
    }
}
