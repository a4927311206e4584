package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.*;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.Plan;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Connector;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Revenue, kept in versions behind a view, from the dag to the rollback. */
@ExtendWith(OneDatabase.class)
abstract class VersionsContract {
    private static final String SEEN = "select distinct label from bi.revenue where day = date '2026-01-02'";

    @TempDir
    Path directory;

    abstract Connector connector();

    abstract Connection connect() throws SQLException;

    @BeforeEach
    final void fill() {
        execute(
                "create schema bi",
                "create table bi.source (id bigint, day date, label varchar(9))",
                "insert into bi.source select i, date '2026-01-01' + cast(i % 5 as integer), 'new'"
                        + " from generate_series(1, 50) s(i)",
                "create table bi.revenue_v1 (id bigint primary key, day date not null, label varchar(9))",
                "insert into bi.revenue_v1 select id, day, 'old' from bi.source",
                "create view bi.revenue as select * from bi.revenue_v1");
    }

    private static final Publish<Coverage.WholeTable> REPOINTED =
            repointView("bi.revenue").keepingArchiveFor(ofDays(30));

    private static Backfill revenue(TableName target, Publish<Coverage.WholeTable> publish) {
        return backfill("revenue")
                .owner("me")
                .because("the label was wrong")
                .target(target)
                .scope(days("day").from("2026-01-02").to("2026-01-04"))
                .shadow(copyOfTarget())
                .merge("select id, day, label from bi.source where day >= :partition_start and day < :partition_end")
                .keyedBy("id")
                .audit(unique("id"))
                .publish(publish);
    }

    static Dag behindTheView() {
        return dag("revenue").run(revenue(table("bi.revenue"), REPOINTED));
    }

    private static Dag of(String target) {
        return dag("revenue").run(revenue(table(target), REPOINTED));
    }

    final Backstitch open(Dag dag) {
        return Backstitch.open(BackstitchConfig.of(connector(), StateStores.h2(directory.resolve("state"))))
                .register(dag);
    }

    static RunResult published(Backstitch backstitch, Dag dag) {
        RunResult result = backstitch.start(backstitch.plan(dag)).await();
        assertThat(result.state()).as(result.failure()).isEqualTo(RunState.PUBLISHED);
        return result;
    }

    @Test
    void aDagThatNamesTheView_runsAgainAndAgain_andIsTakenBackStepByStep() throws SQLException {
        Dag dag = behindTheView();
        try (Backstitch backstitch = open(dag)) {
            Plan plan = backstitch.plan(dag);
            assertThat(PlanText.of(plan))
                    .contains("bi.revenue_v1, which view bi.revenue shows,")
                    .contains("show the shadow through view bi.revenue")
                    .contains("create or replace view")
                    .contains("not published by Backstitch before");
            String first = published(backstitch, dag).run();
            assertThat(rows(SEEN)).containsExactly("new");
            execute("update bi.source set label = 'newer'");

            assertThat(PlanText.of(backstitch.plan(dag)))
                    .containsPattern("published by run " + first + " at \\S+ with the same logic");
            String second = published(backstitch, dag).run();

            assertThat(rows(SEEN)).containsExactly("newer");
            assertThat(backstitch.archives()).extracting(Archive::run).containsExactly(second, first);
            assertThat(backstitch.archives().get(1).table()).hasToString("bi.revenue_v1");
            assertThat(backstitch
                            .report(second)
                            .backfills()
                            .get(0)
                            .archive()
                            .orElseThrow()
                            .run())
                    .isEqualTo(second);
            assertThat(rows("select count(*) from bi.revenue_v1 where label = 'old'"))
                    .containsExactly("50");
            backstitch.rollback(second);
            assertThat(rows(SEEN)).containsExactly("new");
            backstitch.rollback(first);
            assertThat(rows(SEEN)).containsExactly("old");
            assertThat(rows("select table_name from information_schema.tables where table_schema = 'bi' order by 1"))
                    .containsExactly("revenue", "revenue_v1", "source");
        }
    }

    @Test
    void aDagThatNamesTheTable_runsOnce_andIsToldToNameTheView() {
        Dag dag = of("bi.revenue_v1");
        try (Backstitch backstitch = open(dag)) {
            published(backstitch, dag);

            Problem problem = refusal(backstitch, dag);

            assertThat(problem.code()).isEqualTo(ErrorCode.VIEW_SHOWS_ANOTHER);
            assertThat(problem.toString())
                    .contains("bi.revenue_v1")
                    .contains("it shows bi.revenue_")
                    .contains(".target(table(\"bi.revenue\"))");
        }
    }

    @Test
    void anArchivedVersion_isNobodysTarget() {
        Dag dag = behindTheView();
        try (Backstitch backstitch = open(dag)) {
            published(backstitch, dag);
            Dag late =
                    dag("late").run(revenue(table("bi.revenue_v1"), swapTable().keepingArchiveFor(ofDays(1))));

            Problem problem = refusal(backstitch, late);

            assertThat(problem.code()).isEqualTo(ErrorCode.TARGET_CHANGED);
            assertThat(problem.toString()).contains("the archive of run");
        }
    }

    @Test
    void aViewThatIsNoPlainOne_isRefused_withItsDefinition() {
        for (String query : List.of(
                "select * from bi.revenue_v1 where id > 3",
                "select id, day, upper(label) as label from bi.revenue_v1",
                "select r.* from bi.revenue_v1 r join bi.source s on s.id = r.id")) {
            execute("drop view bi.revenue", "create view bi.revenue as " + query);
            try (Backstitch backstitch = open(behindTheView())) {
                Problem problem = refusal(backstitch, behindTheView());

                assertThat(problem.code()).as(query).isEqualTo(ErrorCode.VIEW_NOT_PLAIN);
                assertThat(problem.toString()).containsIgnoringCase("from").contains("revenue_v1");
            }
        }
    }

    @Test
    void whatIsNoView_isRefused() {
        execute("drop view bi.revenue");
        try (Backstitch backstitch = open(of("bi.revenue_v1"))) {
            assertThat(refusal(backstitch, of("bi.revenue_v1")).code()).isEqualTo(ErrorCode.VIEW_NOT_PLAIN);
            execute("create table bi.revenue (id bigint)");
            assertThat(refusal(backstitch, of("bi.revenue_v1")).code()).isEqualTo(ErrorCode.VIEW_NOT_PLAIN);
        }
    }

    @Test
    void anotherViewAsTheTarget_isRefused() {
        execute("create view bi.other as select * from bi.source");
        try (Backstitch backstitch = open(of("bi.other"))) {
            assertThat(refusal(backstitch, of("bi.other")).code()).isEqualTo(ErrorCode.TARGET_NOT_A_TABLE);
        }
    }

    @Test
    void anotherViewOfTheVersion_isRefusedByName() {
        execute("create view bi.late as select id from bi.revenue_v1 where id > 10");
        try (Backstitch backstitch = open(behindTheView())) {
            Problem problem = refusal(backstitch, behindTheView());

            assertThat(problem.code()).isEqualTo(ErrorCode.DEPENDENT_AT_RISK);
            assertThat(problem.toString()).contains("bi.late");
        }
    }

    @Test
    void aBackfillOfTheShownTable_thatIsActive_isNamed() {
        Dag table = dag("table")
                .run(revenue(
                        table("bi.revenue_v1"),
                        swapTable().keepingArchiveFor(ofDays(1)).afterApproval()));
        execute("drop view bi.revenue");
        try (Backstitch backstitch = open(table)) {
            backstitch.start(backstitch.plan(table)).await();
            execute("create view bi.revenue as select * from bi.revenue_v1");

            assertThat(refusal(backstitch, behindTheView()).code()).isEqualTo(ErrorCode.ACTIVE_BACKFILL);
        }
    }

    @Test
    void aView_isPublishedTogetherWithATable() throws SQLException {
        execute(
                "create table bi.costs (id bigint primary key, day date not null, label varchar(9))",
                "insert into bi.costs select id, day, 'old' from bi.source");
        Backfill costs = backfill("costs")
                .owner("me")
                .because("the label was wrong")
                .target(table("bi.costs"))
                .scope(days("day").from("2026-01-02").to("2026-01-04"))
                .shadow(scopeOfTarget())
                .merge("select id, day, label from bi.source where day >= :partition_start and day < :partition_end")
                .keyedBy("id")
                .audit(unique("id"))
                .publish(replacePartitions().keepingArchiveFor(ofDays(7)));
        Backfill revenue = revenue(table("bi.revenue"), REPOINTED);
        Dag dag = dag("both").run(costs, revenue).publishTogether(costs, revenue);
        try (Backstitch backstitch = open(dag)) {
            String run = published(backstitch, dag).run();
            assertThat(rows(SEEN + " union all select distinct label from bi.costs where day = date '2026-01-02'"))
                    .containsExactly("new", "new");

            backstitch.rollback(run);
        }
        assertThat(rows(SEEN + " union all select distinct label from bi.costs where day = date '2026-01-02'"))
                .containsExactly("old", "old");
    }

    private static Problem refusal(Backstitch backstitch, Dag dag) {
        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> backstitch.plan(dag));
        assertThat(refused).as("a refusal").isNotNull();
        assertThat(refused.problems()).as(refused.getMessage()).hasSize(1);
        return refused.problems().get(0);
    }

    final void execute(String... statements) {
        try (Connection connection = connect()) {
            Sql.run(connection, statements);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    final List<String> rows(String query) throws SQLException {
        try (Connection connection = connect()) {
            return Sql.rows(connection, query);
        }
    }
}
