package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.acceptedValues;
import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.notNull;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.util.List;

/** Visits get the channel that they came by, as a new column, while four writers and a reader go on. */
final class NewDimension extends WorkedCase {
    private static final Dag VISITS = dag("visits")
            .run(backfill("visits_by_channel")
                    .owner("web-analytics@example.com")
                    .because("visits are asked for by channel")
                    .target(table("web.visits"))
                    .scope(days("day").from("2026-06-01").to("2026-06-15"))
                    .shadow(scopeOfTarget().adding("channel", "varchar"))
                    .merge("""
                            select visit_id, day, url,
                                   case when url like '%utm_source=mail%' then 'mail'
                                        when url like '%utm_source=%' then 'ad' else 'direct' end as channel
                            from web.visits
                            where day >= :partition_start and day < :partition_end""")
                    .keyedBy("visit_id")
                    .limits(concurrency(2))
                    .audit(
                            unique("visit_id"),
                            notNull("channel"),
                            acceptedValues("channel", "mail", "ad", "direct"),
                            rowCount().within(percent(0)))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(30))));

    NewDimension() {
        super(
                "new-dimension",
                "a column is added while four writers and a reader go on: no read fails, no write is lost",
                VISITS);
    }

    public static void main(String[] arguments) {
        Examples.alone(new NewDimension(), arguments);
    }

    @Override
    List<String> warehouse(Path directory) {
        return List.of("create schema web", """
                create table web.visits as
                select i as visit_id, date '2026-06-01' + cast(i % 16 as integer) as day,
                  '/?p=' || i || ['', '&utm_source=mail', '&utm_source=ad', ''][i % 4 + 1] as url
                from range(0, 80000) t(i)""");
    }

    @Override
    ExitCode story(Scene scene) {
        ExitCode code = scene.isPublished() ? scene.backstitch("run") : besideTraffic(scene);
        scene.show("visits by channel; those of today come without one until their source tells it", """
                select coalesce(channel, 'not known') as channel, count(*) filter (where day < date '2026-06-15') as in_scope,
                  count(*) filter (where visit_id < 80000 and day >= date '2026-06-15') as before,
                  count(*) filter (where visit_id >= 80000) as written_meanwhile
                from web.visits group by all order by all""");
        return code;
    }

    private static ExitCode besideTraffic(Scene scene) {
        try (Traffic traffic = Traffic.begin(scene, 4)) {
            ExitCode code = scene.backstitch("run");
            traffic.end();
            scene.say(traffic.summary());
            return code;
        }
    }
}
