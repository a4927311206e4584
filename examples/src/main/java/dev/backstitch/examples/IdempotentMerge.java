package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.keepLatestBy;
import static dev.backstitch.dsl.Dsl.notNull;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.runId;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static dev.backstitch.dsl.Dsl.updatedAt;
import static java.time.Duration.ofDays;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.util.List;

/** One day of prices, merged twice. The second time nothing is written, and no marker moves. */
final class IdempotentMerge extends WorkedCase {
    private static final Dag PRICES = dag("prices")
            .run(backfill("prices_of_a_day")
                    .owner("pricing@example.com")
                    .because("the feed of 14 April came twice, with corrections")
                    .target(table("shop.prices"))
                    .scope(days("day").only("2026-04-14"))
                    .shadow(scopeOfTarget())
                    .merge("select sku, day, price, sent_at from feed.prices where day = :day")
                    .keyedBy("sku", "day")
                    .dedupe(keepLatestBy("sent_at"))
                    .stamping(updatedAt("updated_at"), runId("backfill_run"))
                    .audit(unique("sku", "day"), notNull("price"))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(14))));

    private static final String MARKERS = """
            select backfill_run is null as never_written, count(distinct backfill_run) as runs, count(*) as rows,
              max(updated_at) as last_updated
            from shop.prices where day = date '2026-04-14' group by all order by all""";

    IdempotentMerge() {
        super("idempotent-merge", "one partition twice: the second run changes no row and no marker", PRICES);
    }

    public static void main(String[] arguments) {
        Examples.alone(new IdempotentMerge(), arguments);
    }

    @Override
    List<String> warehouse(Path directory) {
        return List.of(
                "create schema shop",
                "create schema feed",
                "create table shop.prices as select i as sku, date '2026-04-13' + d::integer as day,"
                        + " cast(i % 50 + 0.5 as decimal(10, 2)) as price, cast(null as timestamp) as updated_at,"
                        + " cast(null as varchar) as backfill_run from range(0, 1000) t(i), range(0, 3) u(d)",
                "create table feed.prices as select sku, day, price, timestamp '2026-04-14 06:00:00' as sent_at"
                        + " from shop.prices where day = date '2026-04-14'"
                        + " union all select sku, day, price + 0.1, timestamp '2026-04-14 07:00:00' from shop.prices"
                        + " where day = date '2026-04-14' and sku % 10 = 0");
    }

    @Override
    ExitCode story(Scene scene) {
        boolean first = !scene.isPublished();
        ExitCode code = scene.backstitch("run");
        if (first && code == ExitCode.DONE) {
            scene.backstitch("plan");
            scene.show("the first run wrote the prices that the feed had corrected, and marked these", MARKERS);
            code = scene.backstitch("run", "--again");
        }
        scene.show("whatever ran since, the markers are those of the first run", MARKERS);
        return code;
    }
}
