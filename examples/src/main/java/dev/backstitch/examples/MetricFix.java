package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.absolute;
import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.copyOfTarget;
import static dev.backstitch.dsl.Dsl.countDistinct;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.daily;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.percentile;
import static dev.backstitch.dsl.Dsl.repointView;
import static dev.backstitch.dsl.Dsl.sum;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static dev.backstitch.dsl.Dsl.view;
import static dev.backstitch.dsl.Dsl.zone;
import static java.time.Duration.ofDays;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;

/** A metric was wrong. Dashboards stay as they are until somebody has looked at the new version beside them. */
final class MetricFix extends WorkedCase {
    private static final Clock AT_NIGHT = Clock.fixed(Instant.parse("2026-04-02T02:00:00Z"), ZoneOffset.UTC);

    private static final Dag REVENUE = dag("net_revenue")
            .run(backfill("net_revenue")
                    .owner("finance-data@example.com")
                    .because("refunds were subtracted twice since the release of March 18")
                    .target(table("mart.revenue"))
                    .scope(days("day").from("2026-03-18").to("2026-04-01"))
                    .shadow(copyOfTarget())
                    .merge("""
                            select order_id, day, customer_id, gross, refund, gross - refund as net
                            from staging.orders
                            where day >= :partition_start and day < :partition_end""")
                    .keyedBy("order_id")
                    .limits(concurrency(2))
                    .publishDuring(daily("01:00", "05:00", zone("UTC")))
                    .audit(
                            unique("order_id"),
                            sum("net")
                                    .againstLive("net + refund")
                                    .within(absolute(0))
                                    .perPartition(),
                            countDistinct("customer_id").within(percent(0)).perPartition(),
                            percentile("net", 95).againstLive("net + refund").within(percent(1)))
                    .publish(repointView("mart.revenue")
                            .pinning(view("bi.revenue"))
                            .keepingArchiveFor(ofDays(30))
                            .named("revenue_v3")));

    private static final String READERS = """
            select 'jobs, by mart.revenue' as readers, count(*) as orders, sum(net) as net from mart.revenue
            union all
            select 'dashboards, by bi.revenue', count(*), sum(net) from bi.revenue
            order by readers""";

    MetricFix() {
        super(
                "metric-fix",
                "a metric was wrong: rehearsed in full, published beside the former version, dashboards moved on later",
                REVENUE);
    }

    public static void main(String[] arguments) {
        Examples.alone(new MetricFix(), arguments);
    }

    @Override
    List<String> warehouse(Path directory) {
        return List.of(
                "create schema staging",
                "create schema mart",
                "create schema bi",
                "create table staging.orders as select cast(i as bigint) as order_id,"
                        + " date '2026-03-01' + cast(i % 31 as integer) as day, cast(i * 7 % 900 as bigint) as customer_id,"
                        + " cast(i % 80 + 0.95 as decimal(12, 2)) as gross,"
                        + " cast(case when i % 20 = 0 then i % 80 / 2 + 0.25 else 0 end as decimal(12, 2)) as refund"
                        + " from range(1, 31001) t(i)",
                "create table mart.revenue_v2 as select *, cast(gross - case when day < '2026-03-18' then 1 else 2 end * refund"
                        + " as decimal(12, 2)) as net from staging.orders",
                "create view mart.revenue as select * from mart.revenue_v2",
                "create view bi.revenue as select * from mart.revenue_v2");
    }

    @Override
    ExitCode story(Scene scene) {
        if (!scene.isPublished()) {
            atNight(scene, "rehearse", "--full");
            scene.show("what readers see after the rehearsal: what they saw before", READERS);
        }
        ExitCode code = atNight(scene, "run");
        if (code == ExitCode.DONE) {
            scene.show("jobs read the new version, dashboards the former one", READERS);
            scene.say("somebody has compared the two, and moves the dashboards on");
            code = atNight(scene, "unpin");
            scene.show("what everybody sees now", READERS);
        }
        return code;
    }

    private static ExitCode atNight(Scene scene, String... command) {
        return scene.backstitch(
                (connector, state) -> BackstitchConfig.of(connector, state).clock(AT_NIGHT), command);
    }
}
