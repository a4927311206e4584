package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.all;
import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.missing;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.product;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static dev.backstitch.dsl.Dsl.values;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlannedPartition;
import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Reprocess;
import dev.backstitch.spec.Scope;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repairs: which partitions of a scope lack what another table has, by the counts of both. */
class MissingFromTest {
    private static final Scope WEEK = days("day").from("2026-01-01").to("2026-01-08");

    @TempDir
    Path directory;

    private Backstitch backstitch;

    /** Of the source's 10 rows a day the target has 10, none, 9, 4, 12 and 10; on the seventh neither has any. */
    @BeforeEach
    void open() throws Exception {
        Path file = directory.resolve("warehouse.duckdb");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file)) {
            Sql.run(
                    connection,
                    "create schema app",
                    "create schema raw",
                    "create table raw.events as select d * 100 + i as id, date '2026-01-01' + d::integer as Day,"
                            + " 'eu' as region from range(0, 6) t(d), range(0, 10) u(i)",
                    "create table app.events as select d * 100 + i as id, date '2026-01-01' + d::integer as day,"
                            + " 'eu' as region from range(0, 6) t(d), range(0, 12) u(i)"
                            + " where i < [10, 0, 9, 4, 12, 10][d + 1]",
                    "create table raw.undated as select 1 as id");
        }
        backstitch = Backstitch.open(
                BackstitchConfig.of(DuckDb.file(file).open(), StateStores.h2(directory.resolve("state"))));
    }

    @AfterEach
    void close() {
        backstitch.close();
    }

    private static Dag repairing(Scope scope) {
        return dag("events").run(events(scope, all()));
    }

    private static Backfill events(Scope scope, Reprocess policy) {
        return backfill("events")
                .owner("me")
                .because("test")
                .target(table("app.events"))
                .scope(scope)
                .shadow(scopeOfTarget())
                .merge("select id, day, region from raw.events where day = :day")
                .keyedBy("id")
                .reprocess(policy)
                .audit(unique("id"))
                .publish(replacePartitions().keepingArchiveFor(ofDays(3)));
    }

    private List<String> lacking(Scope scope) {
        return backstitch.plan(repairing(scope)).backfills().get(0).scope().stream()
                .map(Partition::id)
                .toList();
    }

    @Test
    void onlyWhatIsEmpty_runs_andBothCountsAreShown() {
        Plan plan = backstitch.plan(repairing(WEEK.missingFrom("raw.events")));

        List<PlannedPartition> partitions = plan.backfills().get(0).partitions();
        assertThat(partitions).hasSize(7);
        assertThat(partitions)
                .filteredOn(planned -> planned.decision() == Decision.RUN)
                .singleElement()
                .satisfies(planned -> {
                    assertThat(planned.partition().id()).isEqualTo("2026-01-02");
                    assertThat(planned.reason())
                            .isEqualTo("10 rows in raw.events, no row in the target;"
                                    + " not published by Backstitch before");
                });
        assertThat(partitions.get(3).reason()).isEqualTo("lacks nothing: 10 rows in raw.events, 4 rows in the target");
        assertThat(partitions.get(6).reason()).isEqualTo("lacks nothing: no row in raw.events, no row in the target");
    }

    @Test
    void countsThatDiffer_areALackToo() {
        assertThat(lacking(WEEK.missingFrom("raw.events").countsDiffer()))
                .containsExactly("2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05");
    }

    /** The typical day has 10: half of that is 5. */
    @Test
    void whatIsFarBelowTheTypical_isALackToo() {
        assertThat(lacking(WEEK.missingFrom("raw.events").belowTypical(percent(50))))
                .containsExactly("2026-01-02", "2026-01-04");
        assertThat(lacking(
                        WEEK.missingFrom("raw.events").belowTypical(percent(95)).backwards()))
                .containsExactly("2026-01-04", "2026-01-03", "2026-01-02");
    }

    /** The typical day is that of the whole scope, also where most of its days are skipped. */
    @Test
    void theTypical_isThatOfTheScope_whateverRuns() {
        Dag first = dag("first")
                .run(events(days("day").only("2026-01-01", "2026-01-02", "2026-01-05", "2026-01-06"), all()));
        backstitch.register(first);
        backstitch.start(backstitch.plan(first)).await();
        Scope repair = WEEK.missingFrom("raw.events").belowTypical(percent(95));

        assertThat(backstitch
                        .plan(dag("events").run(events(repair, missing())))
                        .backfills()
                        .get(0)
                        .scope())
                .extracting(Partition::id)
                .containsExactly("2026-01-03", "2026-01-04");
    }

    @Test
    void aScopeOfSeveralColumns_isCountedByAllOfThem() {
        Scope regions = product(WEEK, values("region", "eu", "us")).missingFrom("raw.events");
        Dag dag = dag("events")
                .run(backfill("events")
                        .owner("me")
                        .because("test")
                        .target(table("app.events"))
                        .scope(regions)
                        .shadow(scopeOfTarget())
                        .merge("select id, day, region from raw.events where day >= :day_start and day < :day_end"
                                + " and region = :region")
                        .keyedBy("id")
                        .audit(unique("id"))
                        .publish(replacePartitions().keepingArchiveFor(ofDays(3))));

        assertThat(backstitch.plan(dag).backfills().get(0).scope())
                .extracting(Partition::id)
                .containsExactly("2026-01-02/eu");
    }

    @Test
    void nothingThatLacks_isNothingLeft() {
        backstitch.register(repairing(WEEK.missingFrom("raw.events")));
        Dag dag = repairing(WEEK.missingFrom("raw.events"));
        backstitch.start(backstitch.plan(dag)).await();

        assertThat(refusal(dag))
                .contains("expected a partition that lacks rows of raw.events")
                .contains("Nothing has to be done, as far as counts tell.");
    }

    @Test
    void wrongUses_areRefused() {
        assertThat(refusal(repairing(WEEK.missingFrom("raw.event"))))
                .contains("events.scope.missingFrom: expected a table or view raw.event, found none of that name");
        assertThat(refusal(repairing(WEEK.missingFrom("raw.undated"))))
                .contains("expected a column day in ")
                .contains("found [id]. Name a view that has it.");
        assertThat(refusal(repairing(WEEK.missingFrom("raw.events").missingFrom("raw.events"))))
                .contains("expected missingFrom(..) once, found it twice");
        assertThat(refusal(repairing(product(WEEK.missingFrom("raw.events"), values("region", "eu")))))
                .contains("expected missingFrom(..) of the whole product");
    }

    private String refusal(Dag dag) {
        return String.valueOf(catchThrowableOfType(RefusedException.class, () -> backstitch.plan(dag))
                .getMessage());
    }
}
