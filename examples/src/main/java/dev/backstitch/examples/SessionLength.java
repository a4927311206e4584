package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.copyOfTarget;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.findsNothing;
import static dev.backstitch.dsl.Dsl.median;
import static dev.backstitch.dsl.Dsl.notNull;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.quartzGroup;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.swapTable;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static dev.backstitch.dsl.Dsl.updatedAt;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.quartz.QuartzLanes;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Properties;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.StdSchedulerFactory;

/** The length of a session is new. The job that refreshes dashboards is held meanwhile, and the table watched for a day. */
final class SessionLength extends WorkedCase {
    private static final Instant MORNING = Instant.parse("2026-05-08T06:00:00Z");
    private static final TriggerKey REFRESH = TriggerKey.triggerKey("refresh", "dashboards");

    private static final Dag EVENTS = dag("events")
            .run(backfill("session_length")
                    .owner("product-data@example.com")
                    .because("the length of a session is new in v2")
                    .target(table("app.events"))
                    .scope(days("event_date").lastDays(7))
                    .shadow(copyOfTarget()
                            .adding("session_length_sec", "integer")
                            .adding("updated_at", "timestamp"))
                    .merge("""
                            select event_id, event_date, user_id, started_at, ended_at,
                                   cast(date_diff('second', started_at, ended_at) as integer) as session_length_sec
                            from staging.events
                            where event_date >= :partition_start and event_date < :partition_end""")
                    .keyedBy("event_id", "event_date")
                    .stamping(updatedAt("updated_at"))
                    .limits(concurrency(2))
                    .holding(quartzGroup("dashboards"))
                    .audit(
                            unique("event_id", "event_date"),
                            notNull("event_date"),
                            rowCount().within(percent(2)),
                            median("session_length_sec")
                                    .againstLive("date_diff('second', started_at, ended_at)")
                                    .within(percent(5)))
                    .publish(swapTable().keepingArchiveFor(ofDays(30)).named("events_v1_archive"))
                    .watch(ofHours(24))
                    .every(ofMinutes(15))
                    .check(
                            unique("event_id", "event_date"),
                            notNull("session_length_sec"),
                            findsNothing(
                                    "no_session_ends_before_it_begins",
                                    "select event_id from :shadow where session_length_sec < 0")));

    SessionLength() {
        super("session-length", "a derived column of the last 7 days; a job held meanwhile, a watch of a day", EVENTS);
    }

    public static void main(String[] arguments) {
        Examples.alone(new SessionLength(), arguments);
    }

    @Override
    List<String> warehouse(Path directory) {
        return List.of(
                "create schema app",
                "create schema staging",
                "create table staging.events as select cast(i as bigint) as event_id,"
                        + " date '2026-04-08' + cast(i % 30 as integer) as event_date, i % 500 as user_id,"
                        + " date '2026-04-08' + cast(i % 30 as integer) + to_seconds(i * 7 % 80000) as started_at,"
                        + " date '2026-04-08' + cast(i % 30 as integer) + to_seconds(i * 7 % 80000 + i * 13 % 3600) as ended_at"
                        + " from range(0, 60000) t(i)",
                "create table app.events as from staging.events order by event_id");
    }

    /** The host's job that refreshes dashboards. */
    public static final class Refresh implements Job {
        @Override
        public void execute(JobExecutionContext context) {}
    }

    @Override
    ExitCode story(Scene scene) {
        try {
            Scheduler host = host();
            scene.say("the host's scheduler refreshes dashboards: " + host.getTriggerState(REFRESH));
            ExitCode code = at(scene, host, Duration.ZERO, "run");
            scene.say("the job that refreshes dashboards again: " + host.getTriggerState(REFRESH));
            scene.show("lengths by day", """
                    select event_date, count(*) as events, median(session_length_sec) as median_length
                    from app.events where event_date >= '2026-04-29' group by all order by all""");
            if (code == ExitCode.DONE) {
                scene.say("a quarter of an hour later, and a day later: what any open process would look at by itself");
                at(scene, host, ofMinutes(15), "watch", "--once");
                at(scene, host, ofHours(24), "watch", "--once");
            }
            host.shutdown();
            return code;
        } catch (SchedulerException e) {
            throw new IllegalStateException("the host's scheduler failed", e);
        }
    }

    private static ExitCode at(Scene scene, Scheduler host, Duration later, String... command) {
        Clock clock = Clock.fixed(MORNING.plus(later), ZoneOffset.UTC);
        return scene.backstitch(
                (connector, state) -> BackstitchConfig.of(connector, state)
                        .lanes(QuartzLanes.on(host))
                        .clock(clock),
                command);
    }

    private static Scheduler host() throws SchedulerException {
        Properties properties = new Properties();
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_NAME, "host");
        properties.setProperty(StdSchedulerFactory.PROP_THREAD_POOL_CLASS, "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", "8");
        Scheduler host = new StdSchedulerFactory(properties).getScheduler();
        host.scheduleJob(
                JobBuilder.newJob(Refresh.class)
                        .withIdentity("refresh", "dashboards")
                        .build(),
                TriggerBuilder.newTrigger()
                        .withIdentity(REFRESH)
                        .withSchedule(SimpleScheduleBuilder.repeatHourlyForever())
                        .build());
        host.start();
        return host;
    }
}
