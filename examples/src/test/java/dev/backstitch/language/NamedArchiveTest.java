package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.copyOfTarget;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.repointView;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.swapTable;
import static dev.backstitch.dsl.Dsl.table;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.CheckItem;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Waiver;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Publish;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table that a publish adds, under a name that people know. */
class NamedArchiveTest {
    private static final String OTHERS = "select table_name from duckdb_tables() where schema_name = 'app'"
            + " and table_name not like 'bf\\_%' escape '\\' order by 1";

    @TempDir
    Path directory;

    private Connection connection;
    private Backstitch backstitch;

    @BeforeEach
    void open() throws SQLException {
        Path file = directory.resolve("warehouse.duckdb");
        connection = DriverManager.getConnection("jdbc:duckdb:" + file);
        Sql.run(
                connection,
                "create schema app",
                "create table app.told as select i as id, date '2026-01-01' + cast(i % 3 as integer) as day,"
                        + " 'old' as note from range(0, 9) t(i)",
                "create view app.shown as select * from app.told");
        backstitch = Backstitch.open(
                BackstitchConfig.of(DuckDb.file(file).open(), StateStores.h2(directory.resolve("state"))));
    }

    @AfterEach
    void close() throws SQLException {
        backstitch.close();
        connection.close();
    }

    private static Dag publishing(String name, String note, Publish<? super Coverage.WholeTable> publish) {
        return dag(name)
                .run(backfill("told")
                        .owner("me")
                        .because("to see it")
                        .target(table(publish instanceof Publish.RepointView ? "app.shown" : "app.told"))
                        .scope(days("day").from("2026-01-01").to("2026-01-04"))
                        .shadow(copyOfTarget())
                        .merge("select id, day, '" + note + "' as note from app.told where day = :day")
                        .keyedBy("id")
                        .audit(rowCount().between(9, 9))
                        .publish(publish));
    }

    private RunResult run(Dag dag, Waiver... waivers) {
        return backstitch.register(dag).run(backstitch.plan(dag, waivers));
    }

    private List<String> rows(String query) throws SQLException {
        return Sql.rows(connection, query);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theArchive_hasItsName_andGoesWithARollback(boolean swap) throws SQLException {
        Sql.run(connection, "drop view app.shown");
        Publish<? super Coverage.WholeTable> publish = swap
                ? swapTable().keepingArchiveFor(ofDays(30)).named("told_v1_archive")
                : replacePartitions().keepingArchiveFor(ofDays(30)).named("told_v1_archive");
        Dag dag = publishing("first", "new", publish);
        assertThat(PlanText.of(backstitch.plan(dag))).contains("the archive told_v1_archive kept for 30 days");

        RunResult result = run(dag);

        assertThat(result.state()).isEqualTo(RunState.PUBLISHED);
        assertThat(rows(OTHERS)).containsExactly("told", "told_v1_archive");
        assertThat(rows("select distinct note from app.told_v1_archive")).containsExactly("old");
        assertThat(rows("select distinct note from app.told")).containsExactly("new");
        backstitch.rollback(result.run());
        assertThat(rows(OTHERS)).containsExactly("told");
        assertThat(rows("select distinct note from app.told")).containsExactly("old");
    }

    @Test
    void theVersionBehindAView_hasItsName() throws SQLException {
        RunResult result = run(publishing(
                "first",
                "new",
                repointView("app.shown").keepingArchiveFor(ofDays(30)).named("told_v3")));

        assertThat(result.state()).isEqualTo(RunState.PUBLISHED);
        assertThat(rows(OTHERS)).containsExactly("told", "told_v3");
        assertThat(rows("select distinct note from app.shown")).containsExactly("new");
        assertThat(rows("select distinct note from app.told_v3")).containsExactly("new");
        assertThat(rows("select distinct note from app.told")).containsExactly("old");
        backstitch.rollback(result.run());
        assertThat(rows(OTHERS)).containsExactly("told");
        assertThat(rows("select distinct note from app.shown")).containsExactly("old");
    }

    /** So that the same command may be given again, and says that it is published. */
    @Test
    void afterItsPublish_itCanBePlannedAgain_andNotBegun() {
        Dag dag = publishing(
                "first",
                "new",
                repointView("app.shown").keepingArchiveFor(ofDays(30)).named("told_v3"));
        run(dag);

        Plan again = backstitch.plan(dag);

        assertThat(again.backfill("told").checklist())
                .filteredOn(item -> item.outcome() == CheckItem.Outcome.REFUSED)
                .extracting(CheckItem::subject)
                .containsExactly(CheckItem.Subject.ARCHIVE);
        BackstitchException refused = catchThrowableOfType(BackstitchException.class, () -> backstitch.start(again));
        assertThat(refused.code()).isEqualTo(ErrorCode.CHECKLIST_REFUSED);
    }

    @Test
    void aNameThatIsTaken_keepsARunFromBeginning_andEvenWaivedNothingIsLost() throws SQLException {
        Sql.run(connection, "drop view app.shown", "create table app.precious as select 1 as value");
        Dag dag = publishing(
                "first", "new", swapTable().keepingArchiveFor(ofDays(30)).named("precious"));

        BackstitchException refused = catchThrowableOfType(BackstitchException.class, () -> run(dag));

        assertThat(refused.code()).isEqualTo(ErrorCode.CHECKLIST_REFUSED);
        assertThat(refused).hasMessageContaining("the name app.precious is taken");
        RunResult waived = run(dag, new Waiver("archive", "me", "let us see"));
        assertThat(waived.state()).isEqualTo(RunState.FAILED);
        assertThat(waived.failure()).contains("BF-207").contains("app.precious");
        assertThat(rows("select distinct note from app.told")).containsExactly("old");
        assertThat(rows("select value from app.precious")).containsExactly("1");
    }

    @Test
    void twoOfOneName_inOneDag_areRefused() throws SQLException {
        Sql.run(connection, "drop view app.shown", "create table app.more as from app.told");
        Publish<Coverage> archived =
                replacePartitions().keepingArchiveFor(ofDays(30)).named("both_archive");
        Dag dag = publishing("first", "new", archived)
                .then(backfill("more")
                        .owner("me")
                        .because("to see it")
                        .target(table("app.more"))
                        .scope(days("day").from("2026-01-01").to("2026-01-04"))
                        .shadow(copyOfTarget())
                        .merge("select id, day, 'new' as note from app.told where day = :day")
                        .keyedBy("id")
                        .audit(rowCount().between(9, 9))
                        .publish(archived));

        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> backstitch.plan(dag));

        assertThat(refused).hasMessageContaining("app.both_archive of told and more");
    }

    @Test
    void aNameThatNoDatabaseKeeps_orTheTargetsOwn_isRefused() {
        for (String name : List.of(" ", "x".repeat(64), "TOLD")) {
            Dag dag = publishing(
                    "first", "new", swapTable().keepingArchiveFor(ofDays(30)).named(name));

            RefusedException refused = catchThrowableOfType(RefusedException.class, () -> backstitch.plan(dag));

            assertThat(refused).hasMessageContaining("told.publish.named");
        }
    }
}
