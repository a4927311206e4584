package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.*;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A dag of two backfills, a statement and a call over real tables: costs by region, and orders by Berlin's days. */
class DagOfSeveralTest {
    @TempDir
    Path directory;

    private Path warehouse;
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final AtomicBoolean unreachable = new AtomicBoolean();

    private final Backfill costs = backfill("costs")
            .owner("me")
            .because("costs were in cents")
            .target(table("app.costs"))
            .scope(values("region", "eu", "us"))
            .shadow(scopeOfTarget())
            .merge("select item, region, cents / 100.0 as cost from app.raw_costs where region = :region")
            .keyedBy("item", "region")
            .audit(
                    unique("item", "region"),
                    sum("cost").ratioToLive(0.01).within(percent(1)).perPartition())
            .publish(replacePartitions().keepingArchiveFor(ofDays(7)));

    private final Backfill orders = backfill("orders")
            .owner("me")
            .because("margins follow costs")
            .target(table("app.orders"))
            .scope(days("at_time")
                    .in(ZoneId.of("Europe/Berlin"))
                    .from("2024-10-26")
                    .to("2024-10-29"))
            .shadow(scopeOfTarget())
            .merge("""
                    select o.id, o.at_time, o.item, o.region, o.price, o.price - c.cost as margin
                    from app.raw_orders o join app.costs c using (item, region)
                    where o.at_time >= :partition_start and o.at_time < :partition_end""")
            .keyedBy("id")
            .limits(concurrency(2).firstPartitionAlone())
            .audit(satisfies("margin <= price"), coversSource("app.raw_orders", "id"))
            .publish(replacePartitions().keepingArchiveFor(ofDays(7)));

    private final Dag dag = dag("margin")
            .run(costs)
            .then(orders)
            .then(sql("refresh", "insert into app.margins select region, sum(margin) from app.orders group by region"))
            .then(call("notify", version(1), made -> {
                        if (unreachable.get()) {
                            throw new java.io.IOException("no route to host");
                        }
                        told.add(made.key());
                    })
                    .limits(retry(times(1))));

    @BeforeEach
    void build() throws SQLException {
        warehouse = directory.resolve("margin.duckdb");
        execute(
                "create schema app",
                "create table app.raw_costs as select * from (values (1, 'eu', 150), (2, 'eu', 250), (1, 'us', 350))"
                        + " t(item, region, cents)",
                "create table app.costs (item integer, region varchar, cost double)",
                "insert into app.costs select item, region, cents from app.raw_costs",
                "insert into app.costs values (9, 'asia', 99)",
                "create table app.raw_orders as select i as id, timestamptz '2024-10-25 22:00:00+00' + interval (i) hour"
                        + " as at_time, 1 as item, case when i % 2 = 0 then 'eu' else 'us' end as region, 10.0::double as price"
                        + " from range(0, 74) t(i)",
                "create table app.orders (id bigint, at_time timestamptz, item integer, region varchar, price double,"
                        + " margin double)",
                "insert into app.orders select id, at_time, item, region, price, 0 from app.raw_orders",
                "create table app.margins (region varchar, margin double)");
    }

    @Test
    void itRunsInOrder_andIsTakenBackInReverse() throws SQLException {
        try (Backstitch backstitch = open()) {
            String plan = PlanText.summary(backstitch.plan(dag));
            assertThat(plan)
                    .contains("  order       backfill costs")
                    .contains("              call notify after refresh")
                    .contains("2 partitions by region (VARCHAR)")
                    .contains("3 daily partitions by at_time (TIMESTAMP WITH TIME ZONE) in Europe/Berlin")
                    .contains("the first partition alone");

            RunResult result = backstitch.start(backstitch.plan(dag)).await();

            assertThat(result.state()).as(result.failure()).isEqualTo(RunState.PUBLISHED);
            assertThat(rows("select region, cost from app.costs where item = 1 order by 1"))
                    .containsExactly("eu 1.5", "us 3.5");
            // Of 24, 25 and 24 hours, that is 73 of 74 orders.
            assertThat(rows("select count(*) filter (where margin = 10 - case region when 'eu' then 1.5 else 3.5 end),"
                            + " count(*) from app.orders"))
                    .containsExactly("73 74");
            assertThat(rows("select count(*) from app.margins")).containsExactly("2");
            assertThat(told).containsExactly(result.run() + "/notify");

            backstitch.rollback(result.run());

            assertThat(rows("select sum(margin) from app.orders")).containsExactly("0.0");
            assertThat(rows("select cost from app.costs where item = 1 and region = 'eu'"))
                    .containsExactly("150.0");
        }
    }

    @Test
    void aFailedCall_isAllThatAResumeDoesAgain() throws SQLException {
        unreachable.set(true);
        try (Backstitch backstitch = open()) {
            RunResult failed = backstitch.start(backstitch.plan(dag)).await();
            assertThat(failed.state()).isEqualTo(RunState.FAILED);
            assertThat(failed.failure()).contains("BF-330").contains("no route to host");

            unreachable.set(false);
            RunResult resumed = backstitch.resume(failed.run()).await();

            assertThat(resumed.state()).as(resumed.failure()).isEqualTo(RunState.PUBLISHED);
            assertThat(rows("select count(*) from app.margins")).containsExactly("2");
            assertThat(rows("select state, count(*) from backstitch.bf_ledger group by 1"))
                    .containsExactly("PUBLISHED 5");
        }
    }

    private Backstitch open() {
        return Backstitch.open(
                        BackstitchConfig.of(DuckDb.file(warehouse).open(), StateStores.h2(directory.resolve("state"))))
                .register(dag);
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + warehouse);
    }

    private void execute(String... statements) throws SQLException {
        try (Connection connection = connect()) {
            Sql.run(connection, "set TimeZone = 'UTC'");
            Sql.run(connection, statements);
        }
    }

    private List<String> rows(String query) throws SQLException {
        try (Connection connection = connect()) {
            return Sql.rows(connection, query);
        }
    }
}
