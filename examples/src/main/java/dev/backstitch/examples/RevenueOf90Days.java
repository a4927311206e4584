package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.copyOfTarget;
import static dev.backstitch.dsl.Dsl.coversSource;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.satisfies;
import static dev.backstitch.dsl.Dsl.sum;
import static dev.backstitch.dsl.Dsl.swapTable;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.util.List;

/**
 * From ten pieces on an order costs a tenth less, which the pricing had forgotten. One order in four has ten or more, so that
 * the total has to fall by a known share: that is the gate, and not that it stays the same.
 */
final class RevenueOf90Days extends WorkedCase {
    private static final Dag REVENUE = dag("revenue")
            .run(backfill("revenue_with_discounts")
                    .owner("finance@example.com")
                    .because("the discount from ten pieces on was forgotten")
                    .target(table("finance.revenue"))
                    .scope(days("day").from("2026-01-01").to("2026-04-01"))
                    .shadow(copyOfTarget())
                    .merge("""
                            select order_id, day, pieces,
                                   cast(pieces * price * case when pieces >= 10 then 0.9 else 1 end as decimal(18, 2)) as revenue
                            from shop.orders
                            where day >= :partition_start and day < :partition_end""")
                    .keyedBy("order_id")
                    .limits(concurrency(3))
                    .audit(
                            unique("order_id"),
                            coversSource("shop.orders", "order_id"),
                            satisfies("revenue > 0"),
                            rowCount().within(percent(0)),
                            sum("revenue").ratioToLive(0.9545).within(percent(0.5)))
                    .publish(swapTable().keepingArchiveFor(ofDays(30))));

    RevenueOf90Days() {
        super("revenue-90-days", "the pricing has changed; the expected shift of the total is the gate", REVENUE);
    }

    public static void main(String[] arguments) {
        Examples.alone(new RevenueOf90Days(), arguments);
    }

    /** Prices are 10; pieces go 1, 4, 7, 10, 1, .. so that a quarter of the orders has ten. */
    @Override
    List<String> warehouse(Path directory) {
        return List.of(
                "create schema shop",
                "create schema finance",
                "create table shop.orders as select i as order_id, date '2026-01-01' + cast(i % 90 as integer) as day,"
                        + " cast(i // 90 % 4 * 3 + 1 as integer) as pieces, cast(10 as decimal(10, 2)) as price"
                        + " from range(0, 180000) t(i)",
                "create table finance.revenue as select order_id, day, pieces, cast(pieces * price as decimal(18, 2)) as revenue"
                        + " from shop.orders");
    }

    @Override
    ExitCode story(Scene scene) {
        ExitCode code = scene.backstitch("run");
        scene.show("by the number of pieces", """
                select pieces, count(*) as orders, sum(revenue) as revenue, sum(pieces * 10) as before
                from finance.revenue group by all order by all""");
        return code;
    }
}
