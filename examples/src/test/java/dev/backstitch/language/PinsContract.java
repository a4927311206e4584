package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.copyOfTarget;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.findsNothing;
import static dev.backstitch.dsl.Dsl.repointView;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static dev.backstitch.dsl.Dsl.view;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.SafetyItem;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Pin;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Readers who stay with the former version through a publish behind a view, until somebody moves them on. */
@ExtendWith(OneDatabase.class)
abstract class PinsContract {
    private static final String NEW = "select distinct label from bi.revenue";
    private static final String DASHBOARD = "select distinct label from bi.dashboard";

    @TempDir
    Path directory;

    abstract Connector connector();

    abstract Connection connect() throws SQLException;

    @BeforeEach
    final void fill() throws SQLException {
        execute(
                "create schema bi",
                "create table bi.source (id bigint, day date, label varchar(9))",
                "insert into bi.source select i, date '2026-01-02' + cast(i % 2 as integer), 'new'"
                        + " from generate_series(1, 20) s(i)",
                "create table bi.revenue_v2 (id bigint primary key, day date not null, label varchar(9))",
                "insert into bi.revenue_v2 select id, day, 'old' from bi.source",
                "create view bi.revenue as select * from bi.revenue_v2",
                "create view bi.dashboard as select * from bi.revenue_v2",
                "create view bi.board as select label from bi.dashboard");
    }

    private static Backfill revenue(TableName first, TableName... more) {
        return revenue(copyOfTarget(), "select id, day, label from bi.source where day = :day", first, more);
    }

    private static Backfill revenue(
            Shadow<dev.backstitch.spec.Coverage.WholeTable> shadow, String sql, TableName first, TableName... more) {
        return backfill("revenue")
                .owner("me")
                .because("the label was wrong")
                .target(table("bi.revenue"))
                .scope(days("day").from("2026-01-02").to("2026-01-04"))
                .shadow(shadow)
                .merge(sql)
                .keyedBy("id")
                .audit(unique("id"))
                .publish(repointView("bi.revenue")
                        .pinning(first, more)
                        .keepingArchiveFor(ofDays(30))
                        .named("revenue_v3"));
    }

    private static final Dag DAG = dag("revenue").run(revenue(view("bi.dashboard")));

    private Backstitch open() {
        return Backstitch.open(BackstitchConfig.of(connector(), StateStores.h2(directory.resolve("state"))));
    }

    private static String published(Backstitch backstitch, Dag dag) {
        RunResult result = backstitch.register(dag).start(backstitch.plan(dag)).await();
        assertThat(result.state()).as(result.failure()).isEqualTo(RunState.PUBLISHED);
        return result.run();
    }

    final List<String> rows(String query) throws SQLException {
        try (Connection connection = connect()) {
            return Sql.rows(connection, query);
        }
    }

    final void execute(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            Sql.run(connection, statements);
        }
    }

    private static BackstitchException failure(
            ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        BackstitchException failure = catchThrowableOfType(BackstitchException.class, call);
        assertThat(failure.code()).isEqualTo(code);
        return failure;
    }

    @Test
    void readersOfAPinnedView_stayWithTheFormerVersion_untilItIsUnpinned() throws SQLException {
        try (Backstitch backstitch = open()) {
            assertThat(PlanText.of(backstitch.plan(DAG))).contains("is what bi.dashboard shows until it is unpinned");
            assertThat(backstitch.plan(DAG).safety("revenue"))
                    .contains(new SafetyItem(
                            SafetyItem.Ask.ISOLATION,
                            SafetyItem.Outcome.MET,
                            "bi.dashboard shows the former version until it is unpinned"));
            String run = published(backstitch, DAG);

            assertThat(rows(NEW)).containsExactly("new");
            assertThat(rows(DASHBOARD)).containsExactly("old");
            assertThat(rows("select distinct label from bi.board")).containsExactly("old");
            assertThat(backstitch.pins(run))
                    .extracting(pin -> pin.view() + " " + pin.shows().orElseThrow(), Pin::isPinned)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple("bi.dashboard bi.revenue_v2", true));

            assertThat(backstitch.unpin(run, Optional.of("dashboard")))
                    .extracting(ResolvedTable::toString)
                    .containsExactly("bi.dashboard");

            assertThat(rows(DASHBOARD)).containsExactly("new");
            assertThat(rows("select distinct label from bi.board")).containsExactly("new");
            assertThat(backstitch.pins(run)).noneMatch(Pin::isPinned);
            assertThat(backstitch.unpin(run, Optional.empty())).isEmpty();
        }
    }

    @Test
    void aRollback_takesReadersBack_whetherTheyWereMovedOnOrNot() throws SQLException {
        try (Backstitch backstitch = open()) {
            backstitch.rollback(published(backstitch, DAG));
            assertThat(rows(NEW)).containsExactly("old");
            assertThat(rows(DASHBOARD)).containsExactly("old");

            String run = published(backstitch, DAG);
            backstitch.unpin(run, Optional.empty());
            backstitch.rollback(run);

            assertThat(rows(NEW)).containsExactly("old");
            assertThat(rows(DASHBOARD)).containsExactly("old");
            assertThat(rows("select distinct label from bi.board")).containsExactly("old");
            assertThat(rows("select table_name from information_schema.tables where table_schema = 'bi'"
                            + " and table_type = 'BASE TABLE' order by 1"))
                    .containsExactly("revenue_v2", "source");
            assertThat(failure(ErrorCode.WRONG_STATE, () -> backstitch.unpin(run, Optional.empty())))
                    .hasMessageContaining("expected a run that is published, found it ROLLED_BACK");
        }
    }

    @Test
    void anAddedColumn_comesWithTheUnpinning_andGoesWithTheRollback() throws SQLException {
        execute("drop view bi.board");
        Dag dag = dag("revenue")
                .run(revenue(
                        copyOfTarget().adding("extra", "integer"),
                        "select id, day, label, 7 as extra from bi.source where day = :day",
                        view("bi.dashboard")));
        try (Backstitch backstitch = open()) {
            String run = published(backstitch, dag);
            assertThat(rows("select * from bi.dashboard where id = 2")).containsExactly("2 2026-01-02 old");
            backstitch.unpin(run, Optional.empty());
            assertThat(rows("select * from bi.dashboard where id = 2")).containsExactly("2 2026-01-02 new 7");

            backstitch.rollback(run);

            assertThat(rows("select * from bi.dashboard where id = 2")).containsExactly("2 2026-01-02 old");
        }
    }

    @Test
    void theArchive_isNotDropped_whileAPinnedViewShowsIt() throws SQLException {
        try (Backstitch backstitch = open()) {
            String run = published(backstitch, DAG);
            execute("update backstitch.bf_archive set expires_at = timestamp '2001-01-01 00:00:00'");

            assertThat(backstitch.purgeArchives()).isEmpty();
            assertThat(rows(DASHBOARD)).containsExactly("old");

            backstitch.unpin(run, Optional.empty());
            assertThat(backstitch.purgeArchives()).hasSize(1);
            assertThat(rows(DASHBOARD)).containsExactly("new");
        }
    }

    @Test
    void viewsThatCannotStay_areRefusedWhenPlanned() throws SQLException {
        execute(
                "create view bi.some as select * from bi.revenue_v2 where id > 3",
                "create view bi.sources as select * from bi.source",
                "create view bi.through as select * from bi.revenue");
        try (Backstitch backstitch = open()) {
            assertThat(refusal(backstitch, revenue(view("bi.missing"))))
                    .extracting(Problem::code)
                    .containsExactly(ErrorCode.VIEW_NOT_PLAIN);
            assertThat(refusal(backstitch, revenue(view("bi.some"))).get(0).code())
                    .isEqualTo(ErrorCode.VIEW_NOT_PLAIN);
            assertThat(refusal(backstitch, revenue(view("bi.through"))).get(0).code())
                    .isEqualTo(ErrorCode.VIEW_NOT_PLAIN);
            assertThat(refusal(backstitch, revenue(view("bi.sources"))).get(0)).satisfies(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.VIEW_SHOWS_ANOTHER);
                assertThat(problem.found()).isEqualTo("that it shows bi.source");
            });
            assertThat(refusal(backstitch, revenue(view("bi.revenue"))).get(0).code())
                    .isEqualTo(ErrorCode.CONFLICTING_SETTINGS);
            assertThat(refusal(backstitch, revenue(view("bi.dashboard"), view("bi.dashboard")))
                            .get(0)
                            .found())
                    .isEqualTo("bi.dashboard again");
        }
    }

    private static List<Problem> refusal(Backstitch backstitch, Backfill backfill) {
        return catchThrowableOfType(
                        RefusedException.class,
                        () -> backstitch.plan(dag("revenue").run(backfill)))
                .problems();
    }

    @Test
    void whatSomebodyHasDoneToAPinnedView_isLeftAsItIs() throws SQLException {
        try (Backstitch backstitch = open()) {
            String run = published(backstitch, DAG);
            assertThat(failure(ErrorCode.WRONG_STATE, () -> backstitch.unpin(run, Optional.of("nobodys"))))
                    .hasMessageContaining("found [bi.dashboard]");
            execute(
                    "drop view bi.board",
                    "create or replace view bi.dashboard as select id, day, label from bi.source");

            assertThat(failure(ErrorCode.TARGET_CHANGED, () -> backstitch.unpin(run, Optional.empty())))
                    .hasMessageContaining("found bi.source");

            assertThat(rows("select count(*) from bi.dashboard")).containsExactly("20");
            backstitch.rollback(run);
            assertThat(rows(NEW)).containsExactly("old");
        }
    }

    @Test
    void aPinnedViewThatComputesSomethingByNow_isNotLeftWithoutItsTable() throws SQLException {
        try (Backstitch backstitch = open()) {
            String run = published(backstitch, DAG);
            execute(
                    "drop view bi.board",
                    "drop view bi.dashboard",
                    "create view bi.dashboard as select count(*) as n from bi.revenue_v2",
                    "update backstitch.bf_archive set expires_at = timestamp '2001-01-01 00:00:00'");
            assertThat(backstitch.purgeArchives()).isEmpty();
            assertThat(rows("select n from bi.dashboard")).containsExactly("20");

            execute("drop view bi.dashboard", "create view bi.dashboard as select count(*) as n from bi.revenue_v3");

            assertThat(failure(ErrorCode.TARGET_CHANGED, () -> backstitch.rollback(run)))
                    .hasMessageContaining("bi.dashboard");
            assertThat(rows(NEW)).containsExactly("new");
            assertThat(rows("select n from bi.dashboard")).containsExactly("20");
            execute("drop view bi.dashboard");
            backstitch.rollback(run);
            assertThat(rows(NEW)).containsExactly("old");
        }
    }

    @Test
    void aLaterPublish_orAWatchThatObjects_keepsReadersWhereTheyAre() throws SQLException {
        Backfill watched = revenue(view("bi.dashboard"))
                .watch(ofHours(1))
                .every(ofHours(1))
                .check(findsNothing("no_new", "select * from :shadow where label = 'new'"));
        try (Backstitch backstitch = open()) {
            String run = published(backstitch, dag("revenue").run(watched));
            execute("create view bi.unrelated as select 1 as one");
            assertThat(backstitch.watches()).hasSize(1);
            backstitch
                    .config()
                    .state()
                    .looked(backstitch.watches().get(0), true, "no_new: expected no row, observed 20");

            assertThat(failure(ErrorCode.WRONG_STATE, () -> backstitch.unpin(run, Optional.empty())))
                    .hasMessageContaining("the watch objects: no_new");

            assertThat(rows(DASHBOARD)).containsExactly("old");
        }
    }

    @Test
    void anUnpinning_andARollbackAtOnce_leaveReadersWithATableThatIsThere() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try (Backstitch backstitch = open()) {
            for (int i = 0; i < 4; i++) {
                String run = published(backstitch, DAG);
                CountDownLatch both = new CountDownLatch(2);
                Future<Optional<ErrorCode>> unpinned = threads.submit(() -> together(both, () -> {
                    backstitch.unpin(run, Optional.empty());
                }));
                Future<Optional<ErrorCode>> back = threads.submit(() -> together(both, () -> backstitch.rollback(run)));

                assertThat(back.get()).isEmpty();
                assertThat(unpinned.get().map(ErrorCode::name))
                        .isIn(Optional.empty(), Optional.of("NOT_PUBLISHED"), Optional.of("WRONG_STATE"));
                assertThat(rows(DASHBOARD)).containsExactly("old");
                assertThat(rows(NEW)).containsExactly("old");
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static Optional<ErrorCode> together(CountDownLatch both, Runnable call) throws InterruptedException {
        both.countDown();
        both.await();
        try {
            call.run();
            return Optional.empty();
        } catch (BackstitchException e) {
            return Optional.of(e.code());
        }
    }
}
