package dev.backstitch.examples.benchmark;

import static dev.backstitch.dsl.Dsl.call;
import static dev.backstitch.dsl.Dsl.version;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.Backstitch;
import dev.backstitch.Run;
import dev.backstitch.event.RunEvent;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.StateStores;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What orchestration costs with its state on PostgreSQL, beside others that keep theirs there; in one process, by turns. */
@Tag("benchmark")
class PostgresOrchestrationBenchmark {
    private static final int INSTANCES = 10_000;
    private static final int BEFORE = 2;
    private static final int ROUNDS = 3;
    private static final int HOPS = 300;

    private static EmbeddedPostgres postgres;
    private static int databases;

    @BeforeAll
    static void start() throws IOException {
        postgres = EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .start();
    }

    @AfterAll
    static void stop() throws IOException {
        postgres.close();
    }

    private static HikariDataSource empty() throws SQLException {
        String name = "bench_" + ++databases;
        Contenders.execute(postgres.getPostgresDatabase(), "create database " + name);
        return pool(postgres.getJdbcUrl("postgres", name));
    }

    static HikariDataSource pool(String url) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setMaximumPoolSize(12);
        return new HikariDataSource(config);
    }

    @Test
    void throughput() throws Exception {
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        for (int round = 0; round < BEFORE + ROUNDS; round++) {
            for (Contender contender : Contenders.all()) {
                try (HikariDataSource database = empty()) {
                    double rate = contender.run(database, round < BEFORE ? INSTANCES / 5 : INSTANCES);
                    if (round >= BEFORE) {
                        rates.computeIfAbsent(contender.name(), name -> new ArrayList<>())
                                .add(rate);
                    }
                }
            }
        }
        double floor = Medians.of(rates.values().iterator().next());
        System.out.printf(
                "%,d task instances without work, PostgreSQL with fsync, %d lanes, median of %d after %d shorter ones%n",
                INSTANCES, Nothing.LANES, ROUNDS, BEFORE);
        rates.forEach((name, all) -> System.out.printf(
                "  %-38s %,7.0f instances/s (%,.0f .. %,.0f)  %.2f of the first%n",
                name,
                Medians.of(all),
                all.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
                all.stream().mapToDouble(Double::doubleValue).max().orElseThrow(),
                Medians.of(all) / floor));
    }

    @Test
    void dependentHop() throws Exception {
        List<Double> engine = new ArrayList<>();
        List<Double> byHand = new ArrayList<>();
        for (int round = 0; round < BEFORE + ROUNDS; round++) {
            try (HikariDataSource database = empty()) {
                double hand = handHop(database);
                double ours = engineHop(database);
                if (round >= BEFORE) {
                    byHand.add(hand);
                    engine.add(ours);
                }
            }
        }
        System.out.printf(
                "%d tasks, each after the one before: by hand %.3f ms a hop, Backstitch %.3f ms, ratio %.2f%n",
                HOPS, Medians.of(byHand), Medians.of(engine), Medians.of(engine) / Medians.of(byHand));
    }

    private static double handHop(HikariDataSource database) throws SQLException {
        Contenders.execute(
                database,
                "create table hop (id int primary key, state varchar(16))",
                "insert into hop select x, 'READY' from generate_series(1, " + HOPS + ") x");
        try (Connection connection = database.getConnection();
                PreparedStatement update =
                        connection.prepareStatement("update hop set state = ? where id = ? and state = ?")) {
            connection.setAutoCommit(false);
            long began = System.nanoTime();
            for (int id = 1; id <= HOPS; id++) {
                for (String[] step : new String[][] {{"RUNNING", "READY"}, {"DONE", "RUNNING"}}) {
                    update.setString(1, step[0]);
                    update.setInt(2, id);
                    update.setString(3, step[1]);
                    update.executeUpdate();
                    connection.commit();
                }
            }
            return (System.nanoTime() - began) / 1e6 / HOPS;
        }
    }

    private static double engineHop(HikariDataSource database) {
        Dag dag = Nothing.of(1);
        for (int i = 0; i < HOPS; i++) {
            dag = dag.then(step(i));
        }
        List<Long> done = new CopyOnWriteArrayList<>();
        try (Backstitch backstitch = Nothing.engine(StateStores.on(database), event -> {
                    if (event instanceof RunEvent.TaskSucceeded succeeded
                            && succeeded.task().startsWith("step_")) {
                        done.add(System.nanoTime());
                    }
                })
                .register(dag)) {
            Nothing.requirePublished(backstitch.run(backstitch.plan(dag)));
        }
        return (done.get(done.size() - 1) - done.get(0)) / 1e6 / (HOPS - 1);
    }

    private static CallTask step(int number) {
        return call("step_" + number, version(1), context -> {});
    }

    /** Time and memory by the number of instances, and how soon a run of many goes on after its engine was closed. */
    @Test
    void size() throws Exception {
        measure(INSTANCES / 10);
        long[] small = measure(INSTANCES);
        long[] large = measure(10 * INSTANCES);
        System.out.printf(
                "%,d and %,d instances, PostgreSQL: %,d and %,d ms (x%.1f), peak heap %,d and %,d MB (x%.1f)%n",
                INSTANCES,
                10 * INSTANCES,
                small[0],
                large[0],
                (double) large[0] / small[0],
                small[1] >> 20,
                large[1] >> 20,
                (double) large[1] / small[1]);
    }

    /** Milliseconds from planning to published, and the most heap that was live after a collection. */
    private static long[] measure(int instances) throws SQLException {
        try (HikariDataSource database = empty()) {
            Dag dag = Nothing.of(instances);
            System.gc();
            heap().forEach(MemoryPoolMXBean::resetPeakUsage);
            long before =
                    heap().stream().mapToLong(pool -> pool.getUsage().getUsed()).sum();
            long began = System.nanoTime();
            try (Backstitch backstitch =
                    Nothing.engine(StateStores.on(database), event -> {}).register(dag)) {
                Nothing.requirePublished(backstitch.run(backstitch.plan(dag)));
            }
            long took = (System.nanoTime() - began) / 1_000_000;
            long peak = heap().stream()
                    .mapToLong(pool -> pool.getPeakUsage().getUsed())
                    .sum();
            return new long[] {took, peak - before};
        }
    }

    private static List<MemoryPoolMXBean> heap() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .toList();
    }

    @Test
    void resume() throws Exception {
        int instances = 10 * INSTANCES;
        Dag dag = Nothing.of(instances);
        NoWork ledger = new NoWork();
        try (HikariDataSource database = empty()) {
            Nothing.Pace before = new Nothing.Pace();
            String run;
            try (Backstitch backstitch =
                    Nothing.engine(ledger, StateStores.on(database), before).register(dag)) {
                Run started = backstitch.start(backstitch.plan(dag));
                run = started.id();
                while (before.done() < instances / 2) {
                    LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
                }
            }
            Nothing.Pace after = new Nothing.Pace();
            try (Backstitch backstitch =
                    Nothing.engine(ledger, StateStores.on(database), after).register(dag)) {
                long began = System.nanoTime();
                Run resumed = backstitch.resume(run);
                while (after.done() == 0) {
                    LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
                }
                long took = (System.nanoTime() - began) / 1_000_000;
                Nothing.requirePublished(resumed.await());
                System.out.printf(
                        "%,d instances, half of them done: %,d ms from resume to the first merge%n", instances, took);
            }
        }
    }
}
