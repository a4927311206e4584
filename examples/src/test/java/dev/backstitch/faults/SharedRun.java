package dev.backstitch.faults;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.BackstitchCommand;
import dev.backstitch.cli.CliSetup;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.event.RunEvent;
import dev.backstitch.quartz.QuartzCluster;
import dev.backstitch.quartz.QuartzLanes;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.StateStores;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

/** A process that shares runs with others: their state store and their target are on one PostgreSQL. */
final class SharedRun {
    static final String READY = "READY";
    static final String MERGED = "MERGED ";
    static final String PUBLISHED = "PUBLISHED";
    static final int CONCURRENCY = 8;
    static final Duration LEASE = Duration.ofSeconds(3);

    private static final LocalDate FIRST = LocalDate.parse("2020-01-01");
    private static final int ROWS_A_DAY = 20;

    private SharedRun() {}

    /** What a process does. */
    enum Part {
        /** Starts the run and waits for its end. */
        START,
        /** Works for whoever started one. */
        WORK,
        /** Starts the run on the scheduler of a node of a Quartz cluster that has jobs of its own. */
        NODE,
        /** Gives the command {@code run} at a given time. */
        COMMAND
    }

    /** Recomputes so many days, each of which takes its source so long. */
    static Dag scene(int partitions, double seconds) {
        return dag("events")
                .run(backfill("events")
                        .owner("data-eng@example.com")
                        .because("amounts were halved")
                        .target(table("app.events"))
                        .scope(days("day").from(FIRST).to(FIRST.plusDays(partitions)))
                        .shadow(scopeOfTarget())
                        .merge("select e.id, e.day, e.amount from staging.events e, pg_sleep(" + seconds + ")"
                                + " where e.day >= :partition_start and e.day < :partition_end")
                        .keyedBy("id")
                        .limits(concurrency(CONCURRENCY))
                        .audit(unique("id"))
                        .publish(replacePartitions().keepingArchiveFor(Duration.ofDays(3))));
    }

    /** Makes target and source. */
    static void create(Connection connection, int partitions) throws SQLException {
        Sql.run(
                connection,
                "create schema app",
                "create schema staging",
                "create table app.events (id bigint primary key, day date not null, amount integer not null)",
                "insert into app.events select d * 100 + i, date '" + FIRST + "' + d, i"
                        + " from generate_series(0, " + (partitions - 1) + ") d, generate_series(1, " + ROWS_A_DAY
                        + ") i",
                "create table staging.events as select id, day, amount * 2 as amount from app.events");
    }

    public static void main(String[] arguments) throws InterruptedException, SchedulerException {
        Part part = Part.valueOf(arguments[0]);
        Dag dag = scene(Integer.parseInt(arguments[2]), Double.parseDouble(arguments[3]));
        if (part == Part.COMMAND) {
            command(arguments[1], dag, Instant.ofEpochMilli(Long.parseLong(arguments[4])));
        }
        BackstitchConfig config = BackstitchConfig.of(
                        Postgres.on(connections(arguments[1])).open(), StateStores.on(connections(arguments[1])))
                .lease(LEASE)
                .sweep(Duration.ofMillis(500))
                .listener(SharedRun::say);
        if (part == Part.NODE) {
            config = config.lanes(QuartzLanes.on(startNode("node", connections(arguments[1]))));
        }
        Backstitch backstitch = Backstitch.open(config).register(dag);
        if (part == Part.WORK) {
            backstitch.work();
            print(READY);
            new CountDownLatch(1).await();
        }
        backstitch.start(backstitch.plan(dag)).await();
        print(PUBLISHED);
        backstitch.close();
        System.exit(0);
    }

    /** A node of a Quartz cluster whose tables are there. */
    static Scheduler startNode(String id, DataSource database) throws SchedulerException {
        Scheduler node = QuartzCluster.node(id, database);
        node.start();
        return node;
    }

    private static void command(String url, Dag dag, Instant at) {
        CliSetup setup = CliSetup.called("events")
                .dags(dag)
                .state(() -> StateStores.on(connections(url)))
                .engine(state -> BackstitchConfig.of(
                                Postgres.on(connections(url)).open(), state)
                        .lease(LEASE));
        LockSupport.parkUntil(at.toEpochMilli());
        ExitCode code = BackstitchCommand.run(setup, new Terminal(System.out, System.err, Terminal.Kind.PLAIN), "run");
        System.exit(code.number());
    }

    static DataSource connections(String url) {
        return Sql.source(() -> DriverManager.getConnection(url));
    }

    private static void say(RunEvent event) {
        if (event instanceof RunEvent.PartitionMerged merged) {
            print(MERGED + merged.partition());
        }
    }

    private static synchronized void print(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
