package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.daily;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.notNull;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.references;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.sum;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static dev.backstitch.dsl.Dsl.zone;
import static java.time.Duration.ofDays;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.util.List;

/** Thirty days of orders are about to be recomputed. Until somebody says so nothing is written: a plan, and a runbook. */
final class OrdersPlan extends WorkedCase {
    private static final Dag ORDERS = dag("orders")
            .run(backfill("orders_with_shipping")
                    .owner("orders@example.com")
                    .because("shipping was left out of the total")
                    .target(table("shop.orders"))
                    .scope(days("day").from("2026-09-01").to("2026-10-01"))
                    .shadow(scopeOfTarget())
                    .merge("""
                            select o.order_id, o.day, o.customer_id, o.total + s.cost as total
                            from shop.orders o join staging.shipping s using (order_id)
                            where o.day >= :partition_start and o.day < :partition_end""")
                    .keyedBy("order_id")
                    .limits(concurrency(2))
                    .during(daily("22:00", "06:00", zone("Europe/Berlin")))
                    .audit(
                            unique("order_id"),
                            notNull("total"),
                            references("customer_id", "shop.customers", "customer_id"),
                            rowCount().within(percent(0)),
                            sum("total").ratioToLive(1.1).within(percent(2)))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(30)).afterApproval()));

    OrdersPlan() {
        super("orders-plan", "thirty days of orders: a plan and a runbook, and nothing written", ORDERS);
    }

    public static void main(String[] arguments) {
        Examples.alone(new OrdersPlan(), arguments);
    }

    @Override
    List<String> warehouse(Path directory) {
        return List.of(
                "create schema shop",
                "create schema staging",
                "create table shop.customers as select i as customer_id from range(0, 500) t(i)",
                "create table shop.orders as select i as order_id, date '2026-08-20' + cast(i % 60 as integer) as day,"
                        + " i % 500 as customer_id, cast(50 as decimal(12, 2)) as total from range(0, 60000) t(i)",
                "create table staging.shipping as select order_id, cast(5 as decimal(12, 2)) as cost from shop.orders");
    }

    @Override
    ExitCode story(Scene scene) {
        ExitCode code = scene.backstitch("plan");
        if (code == ExitCode.DONE) {
            code = scene.backstitch("runbook");
        }
        if (code == ExitCode.DONE) {
            String page = scene.directory().resolve("runbook.html").toString();
            code = scene.backstitch("runbook", "--out", page);
        }
        scene.show("what the warehouse holds is what it held", """
                select schema_name as schema, table_name as "table", estimated_size as rows from duckdb_tables()
                order by all""");
        return code;
    }
}
