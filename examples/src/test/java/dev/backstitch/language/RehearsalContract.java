package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.call;
import static dev.backstitch.dsl.Dsl.copyOfTarget;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.emptyLikeTarget;
import static dev.backstitch.dsl.Dsl.hold;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.repointView;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.swapTable;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static dev.backstitch.dsl.Dsl.version;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.Rehearsal;
import dev.backstitch.Rehearse;
import dev.backstitch.plan.Estimate;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Rehearsed;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Publish;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Sandbox;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A rehearsal does in a sandbox what a run does, and to everything else nothing. */
@ExtendWith(OneDatabase.class)
abstract class RehearsalContract {
    private static final String SCHEMAS =
            "select schema_name from information_schema.schemata where schema_name like 'backstitch%' order by 1";

    @TempDir
    Path directory;

    abstract Connector connector();

    abstract Connection connect() throws SQLException;

    /** What the catalogue has of the schemas {@code app} and {@code bi}, and what the database has beside them. */
    abstract List<String> catalogue() throws SQLException;

    @BeforeEach
    final void fill() throws SQLException {
        execute(
                "create schema app",
                "create table app.source (id bigint, day date, label varchar(9))",
                "insert into app.source select i, date '2026-01-01' + cast(case when i < 90 then i % 5 else 2 end as integer),"
                        + " 'new' from generate_series(1, 120) s(i)",
                "create table app.sales (id bigint primary key, day date not null, label varchar(9) default 'none')",
                "create index sales_by_day on app.sales (day)",
                "insert into app.sales select id, day, 'old' from app.source",
                "create table app.sales_v1 (id bigint primary key, day date not null, label varchar(9))",
                "insert into app.sales_v1 select * from app.sales",
                "create view app.shown as select * from app.sales_v1");
    }

    private static Backfill sales(String target, Publish<? super Coverage.WholeTable> publish) {
        return backfill("sales")
                .owner("me")
                .because("the label was wrong")
                .target(table(target))
                .scope(days("day").from("2026-01-01").to("2026-01-06"))
                .shadow(copyOfTarget())
                .merge("select id, day, label from app.source where day = :day")
                .keyedBy("id")
                .audit(unique("id"), rowCount().between(1, 120))
                .publish(publish);
    }

    private static Dag swapping() {
        return dag("sales")
                .run(sales(
                        "app.sales", swapTable().keepingArchiveFor(ofDays(30)).afterApproval()));
    }

    private Backstitch open() {
        return Backstitch.open(BackstitchConfig.of(connector(), StateStores.h2(directory.resolve("state"))));
    }

    private List<String> rows(String query) throws SQLException {
        try (Connection connection = connect()) {
            return Sql.rows(connection, query);
        }
    }

    final void execute(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            Sql.run(connection, statements);
        }
    }

    /** Everything that a rehearsal has no business with. */
    private List<String> production() throws SQLException {
        List<String> all = new ArrayList<>(catalogue());
        for (String table : List.of("source", "sales", "sales_v1", "shown")) {
            all.addAll(rows("select '" + table + "', t.* from app." + table + " t order by 1, 2, 3"));
        }
        all.addAll(rows(SCHEMAS));
        return all;
    }

    private static Rehearsal rehearse(Backstitch backstitch, Dag dag, Rehearse how) {
        return backstitch.rehearse(dag, how, event -> {});
    }

    @Test
    void threePartitions_ofASwap_areMeasured_andNothingElseIsWritten() throws SQLException {
        List<String> before = production();
        try (Backstitch backstitch = open()) {
            Rehearsal rehearsal = rehearse(backstitch, swapping(), Rehearse.partitions(3));

            assertThat(rehearsal.result().state())
                    .as(rehearsal.result().failure())
                    .isEqualTo(RunState.PUBLISHED);
            assertThat(production()).isEqualTo(before);
            assertThat(rehearsal.changed()).isEmpty();
            assertThat(rehearsal.isKept()).isFalse();
            Rehearsed.OfBackfill measured =
                    rehearsal.measured().orElseThrow().backfills().get(0);
            // The first, the last, and the one with the most rows; each with the rows that production has in it.
            assertThat(measured.merges())
                    .extracting(merged -> merged.partition() + " " + merged.staged() + " " + merged.rows())
                    .containsExactly("2026-01-01 17 17", "2026-01-03 49 49", "2026-01-05 18 18");
            assertThat(measured.merges()).allMatch(merged -> !merged.took().isZero());
            assertThat(measured.copied()).isEqualTo(84);
            assertThat(measured.published()).isEqualTo(84);
            assertThat(backstitch.runs()).isEmpty();
            assertThat(backstitch.archives()).isEmpty();
        }
    }

    @Test
    void whatWasMeasured_isWhatPlansEstimateBy_untilTheLogicChanges() throws SQLException {
        try (Backstitch backstitch = open()) {
            assertThat(backstitch.plan(swapping()).estimate()).isEmpty();
            rehearse(backstitch, swapping(), Rehearse.full());
        }
        try (Backstitch backstitch = open()) {
            Plan plan = backstitch.plan(swapping());

            Estimate estimate = plan.estimate().orElseThrow();
            assertThat(estimate.rehearsed()).isEqualTo(5);
            assertThat(estimate.rows()).isEqualTo(120);
            assertThat(estimate.least()).isPositive().isLessThanOrEqualTo(estimate.most());
            assertThat(PlanText.of(plan)).containsPattern("estimate +\\d+\\.\\d\\d s to \\d+\\.\\d\\d s of work");
            Dag other = dag("sales").run(sales("app.sales", swapTable().keepingArchiveFor(ofDays(30))));
            assertThat(backstitch.plan(other).estimate()).isPresent();
            execute("create view app.through as select * from app.source");
            Dag otherLogic = dag("sales")
                    .run(backfill("sales")
                            .owner("me")
                            .because("the label was wrong")
                            .target(table("app.sales"))
                            .scope(days("day").from("2026-01-01").to("2026-01-06"))
                            .shadow(copyOfTarget())
                            .merge("select id, day, upper(label) as label from app.source where day = :day")
                            .keyedBy("id")
                            .audit(unique("id"))
                            .publish(swapTable().keepingArchiveFor(ofDays(30))));
            assertThat(backstitch.plan(otherLogic).estimate()).isEmpty();
        }
    }

    @Test
    void replacedPartitions_ofAnEmptyShadow_andAVersionBehindAView_areRehearsedToo() throws SQLException {
        List<String> before = production();
        Dag replacing = dag("sales")
                .run(backfill("sales")
                        .owner("me")
                        .because("the label was wrong")
                        .target(table("app.sales"))
                        .scope(days("day").from("2026-01-01").to("2026-01-06"))
                        .shadow(emptyLikeTarget())
                        .merge("select id, day, label from app.source where day = :day")
                        .keyedBy("id")
                        .audit(unique("id"))
                        .publish(replacePartitions()
                                .keepingArchiveFor(ofDays(30))
                                .named("sales_before")));
        Dag repointing = dag("shown")
                .run(sales(
                        "app.shown",
                        repointView("app.shown").keepingArchiveFor(ofDays(30)).named("sales_v2")));
        try (Backstitch backstitch = open()) {
            for (Dag dag : List.of(replacing, repointing)) {
                Rehearsal rehearsal = rehearse(backstitch, dag, Rehearse.partitions(2));

                assertThat(rehearsal.result().state())
                        .as(rehearsal.result().failure())
                        .isEqualTo(RunState.PUBLISHED);
                assertThat(rehearsal.measured().orElseThrow().partitions()).isEqualTo(2);
                assertThat(production()).isEqualTo(before);
            }
        }
    }

    @Test
    void whatIsOfProductionAlone_isLeftAlone() throws SQLException {
        List<String> touched = new ArrayList<>();
        Hold reports = hold("reports", version(1), new Hold.Port() {
            @Override
            public Hold.Before look() {
                touched.add("looked at");
                return new Hold.Before(false, "");
            }

            @Override
            public void hold(String note) {
                touched.add("held");
            }

            @Override
            public void release(String note) {
                touched.add("released");
            }
        });
        Backfill held = sales("app.sales", swapTable().keepingArchiveFor(ofDays(30)))
                .holding(reports)
                .watch(ofHours(1))
                .every(ofHours(1))
                .check(unique("id"));
        Dag dag = dag("sales").run(held).then(call("tell", version(1), context -> touched.add("told")));
        try (Backstitch backstitch = open()) {
            Rehearsal rehearsal = rehearse(backstitch, dag, Rehearse.partitions(1));

            assertThat(rehearsal.measured().orElseThrow().partitions()).isEqualTo(1);
            assertThat(rehearsal.leftOut()).containsExactly("tell");
            assertThat(touched).isEmpty();
            assertThat(backstitch.watches()).isEmpty();
            assertThat(backstitch.holds()).isEmpty();
        }
    }

    @Test
    void whatFails_leavesItsSandbox_untilItsTimeIsOver() throws SQLException {
        execute("insert into app.source values (121, date '2026-01-03', 'new'), (121, date '2026-01-03', 'newer')");
        List<String> before = production();
        try (Backstitch backstitch = open()) {
            Rehearsal rehearsal = rehearse(backstitch, swapping(), Rehearse.full());

            assertThat(rehearsal.result().state()).isEqualTo(RunState.FAILED);
            assertThat(rehearsal.result().failure()).contains("BF-302");
            assertThat(rehearsal.measured()).isEmpty();
            assertThat(rehearsal.isKept()).isTrue();
            assertThat(backstitch.plan(swapping()).estimate()).isEmpty();
            assertThat(backstitch.sandboxes())
                    .extracting(Sandbox::schema)
                    .containsExactly(rehearsal.sandbox().schema());
            assertThat(backstitch.purgeSandboxes()).isEmpty();
            assertThat(rows(SCHEMAS)).containsExactly(rehearsal.sandbox().schema());
            assertThat(rows("select count(*) from " + rehearsal.sandbox().schema() + ".sales"))
                    .containsExactly("120");

            Rehearsal short_ = rehearse(backstitch, swapping(), Rehearse.full().keeping(ofMillis(1)));
            execute(
                    "create schema backstitch_rehearsal_mine",
                    "create table backstitch_rehearsal_mine.kept (i integer)");

            assertThat(backstitch.purgeSandboxes())
                    .extracting(Sandbox::schema)
                    .containsExactly(short_.sandbox().schema());
            assertThat(rows(SCHEMAS))
                    .containsExactlyInAnyOrder(rehearsal.sandbox().schema(), "backstitch_rehearsal_mine");
            execute(
                    "drop schema backstitch_rehearsal_mine cascade",
                    "drop schema " + rehearsal.sandbox().schema() + " cascade");
            assertThat(production()).isEqualTo(before);
        }
    }

    @Test
    void aRunAfterIt_publishesAsIfThereHadBeenNone() throws SQLException {
        Dag dag = dag("sales").run(sales("app.sales", swapTable().keepingArchiveFor(ofDays(30))));
        try (Backstitch backstitch = open().register(dag)) {
            rehearse(backstitch, dag, Rehearse.partitions(3).keeping(ofDays(1)));
            assertThat(backstitch.recover()).isEmpty();

            RunResult result = backstitch.start(backstitch.plan(dag)).await();

            assertThat(result.state()).as(result.failure()).isEqualTo(RunState.PUBLISHED);
            assertThat(rows("select label, count(*) from app.sales group by label"))
                    .containsExactly("new 120");
        }
    }
}
