package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.satisfies;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.sum;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A consumer counted each order of four days twice. The shop goes on to sell meanwhile. */
final class DoubledQuantities extends WorkedCase {
    private static final Dag ITEMS = dag("order_items")
            .run(backfill("doubled_quantities")
                    .owner("shop-data@example.com")
                    .because("the consumer counted each order of these days twice")
                    .target(table("shop.order_items"))
                    .scope(days("day").only("2026-05-03", "2026-05-04", "2026-05-09", "2026-05-10"))
                    .shadow(scopeOfTarget())
                    .merge("""
                            select order_id, item_id, day, cast(sum(quantity) as integer) as quantity
                            from staging.sales where day = :day group by all""")
                    .keyedBy("order_id", "item_id")
                    .limits(concurrency(2))
                    .audit(
                            unique("order_id", "item_id"),
                            satisfies("quantity >= 0"),
                            rowCount().within(percent(1)),
                            sum("quantity").ratioToLive(0.5).within(percent(1)))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(30))));

    DoubledQuantities() {
        super(
                "doubled-quantities",
                "four days of a table that is written meanwhile; half of what was counted is the gate",
                ITEMS);
    }

    public static void main(String[] arguments) {
        Examples.alone(new DoubledQuantities(), arguments);
    }

    @Override
    List<String> warehouse(Path directory) {
        return List.of(
                "create schema shop",
                "create schema staging",
                "create table staging.sales as select cast(i // 3 as bigint) as order_id, i % 3 as item_id,"
                        + " date '2026-05-01' + cast(i // 3 % 14 as integer) as day, cast(i % 7 + 1 as integer) as quantity"
                        + " from range(0, 42000) t(i)",
                "create table shop.order_items as select order_id, item_id, day,"
                        + " quantity * case when day in ('2026-05-03', '2026-05-04', '2026-05-09', '2026-05-10') then 2 else 1 end"
                        + " as quantity from staging.sales");
    }

    @Override
    ExitCode story(Scene scene) {
        scene.say("with each day that is merged the shop sells something: the publish replaces four days and no more");
        ExitCode code = scene.backstitch(
                (connector, state) -> BackstitchConfig.of(connector, state).listener(event -> sell(scene, event)),
                "run");
        scene.show("quantities by day", """
                select day, sum(quantity) as quantity, count(*) filter (where order_id >= 1000000) as sold_meanwhile
                from shop.order_items group by all order by all""");
        return code;
    }

    private static void sell(Scene scene, RunEvent event) {
        if (event instanceof RunEvent.PartitionMerged merged) {
            try (Connection connection = scene.connect();
                    Statement statement = connection.createStatement()) {
                statement.execute("insert into shop.order_items select 1000000 + "
                        + merged.partition().hashCode() % 1000 + ", 0, date '2026-05-15', 1");
            } catch (SQLException e) {
                throw new IllegalStateException("the shop could not sell", e);
            }
        }
    }
}
