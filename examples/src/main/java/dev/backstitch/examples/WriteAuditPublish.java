package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.absolute;
import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.references;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.sum;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.util.List;

/** Payments get their country from the customer in place of the card. Two customers have a country that nobody knows. */
final class WriteAuditPublish extends WorkedCase {
    private static final Dag PAYMENTS = dag("payments")
            .run(backfill("payments_country")
                    .owner("finance@example.com")
                    .because("tax follows the customer's country, not the card's")
                    .target(table("finance.payments"))
                    .scope(days("day").from("2026-03-01").to("2026-03-15"))
                    .shadow(scopeOfTarget())
                    .merge("""
                            select p.payment_id, p.day, p.customer_id, p.amount, c.country
                            from finance.payments p join crm.customers c using (customer_id)
                            where p.day >= :partition_start and p.day < :partition_end""")
                    .keyedBy("payment_id")
                    .limits(concurrency(2))
                    .audit(
                            unique("payment_id"),
                            references("country", "finance.countries", "code"),
                            rowCount().within(percent(0)),
                            sum("amount").within(absolute(0)))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(30))));

    WriteAuditPublish() {
        super(
                "write-audit-publish",
                "an audit fails, the target is untouched, explain finds the cause; corrected, resumed, published",
                PAYMENTS);
    }

    public static void main(String[] arguments) {
        Examples.alone(new WriteAuditPublish(), arguments);
    }

    @Override
    List<String> warehouse(Path directory) {
        return List.of(
                "create schema crm",
                "create schema finance",
                "create table finance.countries as select unnest(['AT', 'CH', 'DE', 'FR']) as code",
                "create table crm.customers as select i as customer_id,"
                        + " case when i in (17, 170) then 'XX' else ['AT', 'CH', 'DE', 'FR'][i % 4 + 1] end as country"
                        + " from range(1, 501) t(i)",
                "create table finance.payments as select i as payment_id, date '2026-03-01' + cast(i % 20 as integer) as day,"
                        + " cast(i * 7 % 500 + 1 as bigint) as customer_id, cast(i % 90 + 0.99 as decimal(12, 2)) as amount,"
                        + " 'DE' as country from range(1, 20001) t(i)");
    }

    @Override
    ExitCode story(Scene scene) {
        ExitCode code = scene.backstitch("run");
        if (code == ExitCode.FAILED) {
            String run = scene.latest().orElseThrow().id();
            scene.show(
                    "the target is what it was",
                    "select country, count(*) as payments from finance.payments group by all order by all");
            scene.backstitch("explain", run, "references(country in finance.countries)");
            scene.sql(
                    "the cause is in the source, and is corrected there",
                    "update crm.customers set country = 'AT' where country = 'XX'");
            code = scene.backstitch("resume", run);
        }
        scene.show(
                "what the payments of these two weeks say now",
                "select country, count(*) as payments, sum(amount) as amount from finance.payments"
                        + " where day < date '2026-03-15' group by all order by all");
        return code;
    }
}
