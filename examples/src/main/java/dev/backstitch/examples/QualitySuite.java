package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.months;
import static dev.backstitch.dsl.Dsl.notNull;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.references;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.times;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import java.nio.file.Path;
import java.util.List;

/** What a team asks of every table of facts is one value of theirs, and so are its limits; each backfill adds its own. */
final class QualitySuite extends WorkedCase {
    private static final Limits OURS =
            concurrency(2).timeout(ofMinutes(20)).retry(times(5).exponential(ofSeconds(1), ofMinutes(1)));

    /** What holds of facts that have this key and name a customer. */
    private static Audit[] facts(String key) {
        return new Audit[] {
            notNull(key, "day"),
            rowCount().within(percent(2)),
            references("customer_id", "crm.customers", "customer_id")
        };
    }

    private static Backfill cleaned(String name, String target, String source, String key) {
        return backfill(name)
                .owner("data-quality@example.com")
                .because("customers were merged, and their facts name the wrong ones")
                .target(table(target))
                .scope(months("day").from("2026-01-01").to("2026-04-01"))
                .shadow(scopeOfTarget())
                .merge("select f." + key + ", f.day, coalesce(m.now, f.customer_id) as customer_id, f.amount from "
                        + source
                        + " f left join crm.merged m on m.before = f.customer_id"
                        + " where f.day >= :partition_start and f.day < :partition_end")
                .keyedBy(key)
                .limits(OURS)
                .audit(unique(key), facts(key))
                .publish(replacePartitions().keepingArchiveFor(ofDays(30)));
    }

    private static final Backfill ORDERS = cleaned("orders", "sales.orders", "staging.orders", "order_id");
    private static final Backfill RETURNS = cleaned("returns", "sales.returns", "staging.returns", "return_id");

    private static final Dag SALES = dag("sales").run(ORDERS, RETURNS).publishTogether(ORDERS, RETURNS);

    QualitySuite() {
        super("quality-suite", "a suite of audits that a team reuses, in two backfills published together", SALES);
    }

    public static void main(String[] arguments) {
        Examples.alone(new QualitySuite(), arguments);
    }

    @Override
    List<String> warehouse(Path directory) {
        return List.of(
                "create schema crm",
                "create schema staging",
                "create schema sales",
                "create table crm.customers as select i as customer_id from range(0, 900) t(i)",
                "create table crm.merged as select i as before, i - 100 as now from range(900, 1000) t(i)",
                "create table staging.orders as select i as order_id, date '2026-01-01' + cast(i % 120 as integer) as day,"
                        + " i % 1000 as customer_id, cast(i % 77 as decimal(10, 2)) as amount from range(0, 60000) t(i)",
                "create table staging.returns as select i as return_id, date '2026-01-01' + cast(i % 120 as integer) as day,"
                        + " i % 1000 as customer_id, cast(i % 7 as decimal(10, 2)) as amount from range(0, 6000) t(i)",
                "create table sales.orders as from staging.orders",
                "create table sales.returns as from staging.returns");
    }

    @Override
    ExitCode story(Scene scene) {
        ExitCode code = scene.backstitch("run");
        scene.show("facts of customers that are merged, before April and since", """
                select day >= date '2026-04-01' as since_april, count(*) as facts, count(*) filter (where customer_id >= 900) as merged
                from (select day, customer_id from sales.orders union all select day, customer_id from sales.returns)
                group by all order by all""");
        return code;
    }
}
