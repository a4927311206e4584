package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.coversSource;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.keepFirstBy;
import static dev.backstitch.dsl.Dsl.notNull;
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

/** A loader was down for three days. The raw events are there, some of them sent twice by devices that tried again. */
final class OutageFill extends WorkedCase {
    private static final Dag EVENTS = dag("events")
            .run(backfill("events_of_the_outage")
                    .owner("platform@example.com")
                    .because("the loader was down from 8 to 10 July")
                    .target(table("app.events"))
                    .scope(days("event_date")
                            .from("2026-07-01")
                            .to("2026-07-15")
                            .missingFrom("raw.events"))
                    .shadow(scopeOfTarget())
                    .merge("""
                            select event_id, event_date, device, kind, received_at from raw.events
                            where event_date >= :partition_start and event_date < :partition_end""")
                    .keyedBy("event_id")
                    .dedupe(keepFirstBy("received_at", "device"))
                    .limits(concurrency(2))
                    .audit(
                            unique("event_id"),
                            notNull("event_date", "kind"),
                            coversSource("raw.events", "event_id"),
                            rowCount().between(1_000, 5_000).perPartition())
                    .publish(replacePartitions().keepingArchiveFor(ofDays(30))));

    OutageFill() {
        super(
                "outage-fill",
                "finds exactly the days that an outage left empty, and fills them without duplicates",
                EVENTS);
    }

    public static void main(String[] arguments) {
        Examples.alone(new OutageFill(), arguments);
    }

    /** 2,000 events a day; of the days of the outage one in ten came again, an hour later. */
    @Override
    List<String> warehouse(Path directory) {
        return List.of("create schema raw", "create schema app", """
                create table raw.events as
                with sent as (
                  select i as event_id, date '2026-07-01' + cast(i // 2000 as integer) as event_date, i % 97 as device,
                    ['open', 'tap', 'close'][i % 3 + 1] as kind
                  from range(0, 28000) t(i))
                select *, event_date + interval 10 hour as received_at from sent
                union all
                select *, event_date + interval 11 hour from sent
                where event_date between '2026-07-08' and '2026-07-10' and event_id % 10 = 0""", """
                create table app.events as
                select * from raw.events where event_date not between '2026-07-08' and '2026-07-10'""");
    }

    @Override
    ExitCode story(Scene scene) {
        scene.show("before", """
                select min(event_date) as first, max(event_date) as last, count(distinct event_date) as days, count(*) as events
                from app.events""");
        ExitCode code = scene.backstitch("run");
        scene.show("the days of the outage", """
                select event_date, count(*) as events, count(distinct event_id) as ids, max(hour(received_at)) as latest_hour
                from app.events where event_date between '2026-07-08' and '2026-07-10' group by all order by all""");
        return code;
    }
}
