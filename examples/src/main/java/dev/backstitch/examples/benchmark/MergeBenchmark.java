package dev.backstitch.examples.benchmark;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.event.RunEvent;
import dev.backstitch.examples.benchmark.RecordedTransactions.Sent;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.spi.Connector;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the engine adds to the merges of a backfill on DuckDB: its merges against a loop by hand that sends the very
 * statements that the engine sent, with the same binds, over as many connections, on a copy of the same file. Alternating,
 * in one process; medians with their spread.
 */
public final class MergeBenchmark {
    private static final int ROUNDS = 31;

    /**
     * Until the JVM has compiled both sides. The engine is the larger one: in early rounds its compilation takes up to 120 ms
     * of a core that the database would use.
     */
    private static final int ROUNDS_BEFORE = 45;

    private static final double NANOS_A_MILLI = 1e6;

    private final Path home;
    private final Path warehouse;
    private final Dag dag;
    private final int connections;

    private MergeBenchmark(Path home, Path warehouse, Dag dag) {
        this.home = home;
        this.warehouse = warehouse;
        this.dag = dag;
        this.connections = dag.backfills().get(0).limits().concurrency();
    }

    /**
     * Measures in a folder, and prints one line a side and the ratio.
     *
     * @param warehouse a DuckDB file that the dag can run on; it is not changed
     */
    public static void run(Path dir, Path warehouse, Dag dag, PrintStream out) throws IOException, SQLException {
        Files.createDirectories(dir);
        new MergeBenchmark(Files.createTempDirectory(dir, "merges"), warehouse, dag).run(out);
    }

    private void run(PrintStream out) throws IOException, SQLException {
        RecordedTransactions recorded = record();
        List<Double> byEngine = new ArrayList<>();
        List<Double> byHand = new ArrayList<>();
        for (int round = 0; round < ROUNDS_BEFORE + ROUNDS; round++) {
            boolean handFirst = round % 2 == 0;
            double hand = handFirst ? byHand(recorded, round) : 0;
            double engine = byEngine(round);
            hand = handFirst ? hand : byHand(recorded, round);
            if (round >= ROUNDS_BEFORE) {
                byHand.add(hand);
                byEngine.add(engine);
            }
        }
        out.printf(
                Locale.ROOT,
                "%d merges of %d statements in all, %d at a time, DuckDB, median of %d after %d%n",
                recorded.merges().size(),
                recorded.merges().stream().mapToInt(List::size).sum(),
                connections,
                ROUNDS,
                ROUNDS_BEFORE);
        out.printf("  the same statements by hand  %s%n", shown(byHand));
        out.printf("  Backstitch                   %s%n", shown(byEngine));
        out.printf(Locale.ROOT, "  ratio %.3f%n", Medians.of(byEngine) / Medians.of(byHand));
    }

    private static String shown(List<Double> millis) {
        return String.format(
                Locale.ROOT,
                "%,7.0f ms (%,.0f .. %,.0f)",
                Medians.of(millis),
                millis.stream().mapToDouble(Double::doubleValue).min().orElseThrow(),
                millis.stream().mapToDouble(Double::doubleValue).max().orElseThrow());
    }

    /** A run whose statements are written down; it is not measured. */
    private RecordedTransactions record() throws IOException, SQLException {
        RecordedTransactions recorded = new RecordedTransactions();
        Path file = copy("recorded");
        try (OneFile database = new OneFile(file)) {
            measure(DuckDb.on(recorded.around(database)).open(), file);
        }
        return recorded;
    }

    private double byEngine(int round) throws IOException {
        Path file = copy("engine-" + round);
        return measure(DuckDb.file(file).open(), file);
    }

    /** From the shadow's end to the last merge's, as the listener hears them. */
    private double measure(Connector connector, Path file) {
        AtomicLong began = new AtomicLong();
        AtomicLong ended = new AtomicLong();
        BackstitchConfig config = BackstitchConfig.of(
                        connector, StateStores.h2(file.resolveSibling(file.getFileName() + ".state")))
                .listener(event -> {
                    if (event instanceof RunEvent.TaskSucceeded done) {
                        switch (done.task()) {
                            case "shadow" -> began.set(System.nanoTime());
                            case "merge" -> ended.accumulateAndGet(System.nanoTime(), Math::max);
                            default -> {}
                        }
                    }
                });
        try (Backstitch backstitch = Backstitch.open(config).register(dag)) {
            RunResult result = backstitch.start(backstitch.plan(dag)).await();
            if (result.state() != RunState.PUBLISHED) {
                throw new IllegalStateException(result.toString());
            }
        }
        return (ended.get() - began.get()) / NANOS_A_MILLI;
    }

    private double byHand(RecordedTransactions recorded, int round) throws IOException, SQLException {
        Path file = copy("hand-" + round);
        Queue<List<Sent>> merges = new ConcurrentLinkedQueue<>(recorded.merges());
        ExecutorService threads = Executors.newFixedThreadPool(connections);
        List<Connection> open = new ArrayList<>();
        try (Connection first = connect(file)) {
            for (List<Sent> transaction : recorded.beforeMerges()) {
                send(first, transaction);
            }
            for (int i = 0; i < connections; i++) {
                open.add(connect(file));
            }
            long began = System.nanoTime();
            List<Future<?>> loops = new ArrayList<>();
            for (Connection connection : open) {
                loops.add(threads.submit(() -> {
                    for (List<Sent> merge = merges.poll(); merge != null; merge = merges.poll()) {
                        send(connection, merge);
                    }
                    return null;
                }));
            }
            for (Future<?> loop : loops) {
                loop.get();
            }
            return (System.nanoTime() - began) / NANOS_A_MILLI;
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("the loop by hand failed", e);
        } finally {
            threads.shutdownNow();
            for (Connection connection : open) {
                connection.close();
            }
        }
    }

    private static Connection connect(Path file) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:duckdb:" + file);
        try (var statement = connection.createStatement()) {
            statement.execute("set TimeZone = 'UTC'");
        }
        connection.setAutoCommit(false);
        return connection;
    }

    private static void send(Connection connection, List<Sent> transaction) throws SQLException {
        for (Sent sent : transaction) {
            sent.sendAgain(connection);
        }
        connection.commit();
    }

    /** Under the name of the original: recorded statements call the file's catalog by it. */
    private Path copy(String side) throws IOException {
        Path folder = Files.createDirectory(home.resolve(side));
        return Files.copy(warehouse, folder.resolve(warehouse.getFileName()));
    }
}
