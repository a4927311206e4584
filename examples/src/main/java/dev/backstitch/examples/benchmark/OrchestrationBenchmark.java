package dev.backstitch.examples.benchmark;

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
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.Plan;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.jdbcx.JdbcDataSource;

/**
 * What the engine itself costs: 10,000 task instances that do nothing, at default settings on an H2 file, four at a time,
 * against a loop of two transactions an instance (mark it running, mark it done) that four threads run by hand on an H2
 * file with the same settings. Alternating, in one process; medians with their spread.
 */
public final class OrchestrationBenchmark {
    private static final int INSTANCES = 10_000;
    private static final int LANES = 4;
    private static final int ROUNDS = 5;

    /** Until the JVM has compiled both sides; the engine is the larger one. */
    private static final int ROUNDS_BEFORE = 5;

    private OrchestrationBenchmark() {}

    /** Measures in a folder that is made when it is missing, and prints one line a side and the ratio. */
    public static void run(Path dir, PrintStream out) throws IOException {
        // Both sides share their file through a server on loopback; H2 reads this once, when the first side loads it.
        System.setProperty("h2.bindAddress", "127.0.0.1");
        Files.createDirectories(dir);
        List<Double> engine = new ArrayList<>();
        List<Double> raw = new ArrayList<>();
        for (int round = 0; round < ROUNDS_BEFORE + ROUNDS; round++) {
            Path home = Files.createTempDirectory(dir, "round");
            boolean handFirst = round % 2 == 0;
            double byHand = handFirst ? raw(home.resolve("raw")) : 0;
            double byEngine = engine(home.resolve("engine"));
            byHand = handFirst ? byHand : raw(home.resolve("raw"));
            if (round >= ROUNDS_BEFORE) {
                raw.add(byHand);
                engine.add(byEngine);
            }
        }
        out.printf(
                "%,d task instances without work, H2 file, %d lanes, median of %d after %d%n",
                INSTANCES, LANES, ROUNDS, ROUNDS_BEFORE);
        out.printf("  two transactions an instance by hand  %s%n", shown(raw));
        out.printf("  Backstitch                            %s%n", shown(engine));
        out.printf("  ratio %.2f%n", Medians.of(engine) / Medians.of(raw));
    }

    private static String shown(List<Double> rates) {
        return String.format(
                "%,8.0f instances/s (%,.0f .. %,.0f)",
                Medians.of(rates),
                rates.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
                rates.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
    }

    /** From the first merge to the last, as the listener hears them; planning and storing the run are not counted. */
    private static double engine(Path state) {
        AtomicLong first = new AtomicLong();
        AtomicLong last = new AtomicLong();
        AtomicInteger done = new AtomicInteger();
        Dag dag = dag("benchmark").run(nothing());
        BackstitchConfig config = BackstitchConfig.of(new NoWork(), StateStores.h2(state))
                .listener(event -> {
                    if (event instanceof RunEvent.TaskSucceeded succeeded
                            && succeeded.task().equals("merge")) {
                        long now = System.nanoTime();
                        first.compareAndSet(0, now);
                        last.accumulateAndGet(now, Math::max);
                        done.incrementAndGet();
                    }
                });
        try (Backstitch backstitch = Backstitch.open(config).register(dag)) {
            Plan plan = backstitch.plan(dag);
            RunResult result = backstitch.start(plan).await();
            if (result.state() != RunState.PUBLISHED || done.get() != INSTANCES) {
                throw new IllegalStateException(done + " of " + INSTANCES + ": " + result);
            }
        }
        return rate(last.get() - first.get());
    }

    private static dev.backstitch.spec.Backfill nothing() {
        LocalDate first = LocalDate.of(1990, 1, 1);
        return backfill("nothing")
                .owner("benchmark")
                .because("the engine's own cost is measured")
                .target(table("bench.nothing"))
                .scope(days("day").from(first).to(first.plusDays(INSTANCES)))
                .shadow(scopeOfTarget())
                .merge("select id, day from source where day = :day")
                .keyedBy("id")
                .limits(concurrency(LANES))
                .audit(unique("id"))
                .publish(replacePartitions().keepingArchiveFor(Duration.ofDays(1)));
    }

    private static double raw(Path file) {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:" + file.toAbsolutePath() + ";AUTO_SERVER=TRUE;WRITE_DELAY=0");
        ExecutorService threads = Executors.newFixedThreadPool(LANES);
        try (Connection keepOpen = database.getConnection()) {
            try (var statement = keepOpen.createStatement()) {
                statement.execute("create table task (id int primary key, state varchar(16), attempt int,"
                        + " started_at timestamp with time zone, ended_at timestamp with time zone)");
                statement.execute("insert into task select x - 1, 'READY', 0, null, null from system_range(1, "
                        + INSTANCES + ")");
            }
            AtomicInteger next = new AtomicInteger();
            long began = System.nanoTime();
            List<Future<?>> loops = new ArrayList<>();
            for (int i = 0; i < LANES; i++) {
                loops.add(threads.submit(() -> {
                    loop(database, next);
                    return null;
                }));
            }
            for (Future<?> loop : loops) {
                loop.get();
            }
            return rate(System.nanoTime() - began);
        } catch (SQLException | ExecutionException | InterruptedException e) {
            throw new IllegalStateException("the loop by hand failed", e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static void loop(JdbcDataSource database, AtomicInteger next) throws SQLException {
        try (Connection connection = database.getConnection();
                PreparedStatement begin = connection.prepareStatement("update task set state = 'RUNNING',"
                        + " attempt = attempt + 1, started_at = current_timestamp where id = ? and state = 'READY'");
                PreparedStatement end = connection.prepareStatement("update task set state = 'SUCCEEDED',"
                        + " ended_at = current_timestamp where id = ? and state = 'RUNNING'")) {
            connection.setAutoCommit(false);
            for (int id = next.getAndIncrement(); id < INSTANCES; id = next.getAndIncrement()) {
                for (PreparedStatement step : Arrays.asList(begin, end)) {
                    step.setInt(1, id);
                    if (step.executeUpdate() != 1) {
                        throw new IllegalStateException("instance " + id);
                    }
                    connection.commit();
                }
            }
        }
    }

    private static double rate(long nanos) {
        return INSTANCES * 1e9 / nanos;
    }
}
