package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.atMost;
import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.coversSource;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.daily;
import static dev.backstitch.dsl.Dsl.emptyLikeTarget;
import static dev.backstitch.dsl.Dsl.months;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.range;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.satisfies;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.threads;
import static dev.backstitch.dsl.Dsl.unique;
import static dev.backstitch.dsl.Dsl.zone;
import static java.time.Duration.ofDays;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Windows;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** Margins were computed with today's cost of a product, in place of what it cost on the day of the order. */
final class GrossMargin extends WorkedCase {
    private static final Clock NIGHT = Clock.fixed(Instant.parse("2026-04-10T23:00:00Z"), ZoneOffset.UTC);

    /** What a team keeps beside its dags, and says to those that are large. */
    private static final Compute LARGE = threads(4).megabytes(1024);

    private static final Windows OFF_PEAK = daily("22:00", "06:00", zone("UTC"));

    private static final Dag MARGINS = dag("margins")
            .run(backfill("gross_margin")
                    .owner("finance-data@example.com")
                    .because("a margin takes what the product cost on the day of the order")
                    .target(table("mart.margins"))
                    .scope(months("order_date").from("2026-01-01").to("2026-04-01"))
                    .shadow(emptyLikeTarget())
                    .merge("""
                            select o.order_id, o.order_date, o.product, o.revenue,
                                   cast(o.quantity * c.unit_cost as decimal(12, 2)) as cost,
                                   round((o.revenue - o.quantity * c.unit_cost) / o.revenue, 4) as margin
                            from staging.orders o
                            join staging.costs c on c.product = o.product
                              and o.order_date >= c.effective_from
                              and (o.order_date < c.effective_to or c.effective_to is null)
                            where o.order_date >= :partition_start and o.order_date < :partition_end""")
                    .keyedBy("order_id")
                    .deletingMissing(atMost(percent(1)))
                    .limits(concurrency(1))
                    .compute(LARGE.during(OFF_PEAK))
                    .audit(
                            unique("order_id"),
                            satisfies("revenue >= cost and cost >= 0").tolerating(percent(0.5)),
                            range("margin").between(0, 1.5).tolerating(percent(0.5)),
                            coversSource("staging.orders", "order_id"))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(30))));

    GrossMargin() {
        super(
                "gross-margin",
                "costs that change over time; an order without a cost is found before it is lost",
                MARGINS);
    }

    public static void main(String[] arguments) {
        Examples.alone(new GrossMargin(), arguments);
    }

    /** Of product 17 nobody knows what it cost on the first three days of March. */
    @Override
    List<String> warehouse(Path directory) {
        return List.of(
                "create schema mart",
                "create schema staging",
                "create table staging.costs as select p as product, (p + 10) * [1.0, 1.1][v + 1] as unit_cost,"
                        + " [date '2025-12-01', case when p = 17 then date '2026-03-04' else date '2026-02-10' end][v + 1]"
                        + " as effective_from,"
                        + " [case when p = 17 then date '2026-03-01' else date '2026-02-10' end, null][v + 1] as effective_to"
                        + " from range(1, 41) t(p), range(0, 2) u(v)",
                "create table staging.orders as select i as order_id, date '2026-01-01' + cast(i // 300 as integer) as order_date,"
                        + " i * 7 % 40 + 1 as product, i % 5 + 1 as quantity, cast((i % 5 + 1) * (i * 7 % 40 + 11) *"
                        + " case when i % 400 = 0 then 0.8 else 1.6 end as decimal(12, 2)) as revenue"
                        + " from range(0, 27000) t(i)",
                "create table mart.margins as select order_id, order_date, product, revenue,"
                        + " cast(quantity * (product + 10) * 1.1 as decimal(12, 2)) as cost,"
                        + " round((revenue - quantity * (product + 10) * 1.1) / revenue, 4) as margin from staging.orders");
    }

    @Override
    ExitCode story(Scene scene) {
        ExitCode code = atNight(scene, "run");
        if (code == ExitCode.FAILED) {
            String run = scene.latest().orElseThrow().id();
            atNight(scene, "explain", run, "coversSource(order_id of staging.orders)");
            scene.sql(
                    "what the product cost in between is known by the buyers",
                    "update staging.costs set effective_to = date '2026-03-04' where product = 17 and effective_to is not null");
            code = atNight(scene, "resume", run);
        }
        scene.show("margins by month", """
                select cast(date_trunc('month', order_date) as date) as month, count(*) as orders, sum(revenue) as revenue,
                       sum(cost) as cost from mart.margins group by all order by all""");
        return code;
    }

    /** When nobody else computes: by day its merges would take no more than anybody else's. */
    private static ExitCode atNight(Scene scene, String... command) {
        return scene.backstitch(
                (connector, state) -> BackstitchConfig.of(connector, state).clock(NIGHT), command);
    }
}
