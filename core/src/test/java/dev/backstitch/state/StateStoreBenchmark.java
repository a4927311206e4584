package dev.backstitch.state;

import static dev.backstitch.state.Fixtures.ENGINE;
import static dev.backstitch.state.Fixtures.NOW;
import static dev.backstitch.state.Fixtures.instances;
import static dev.backstitch.state.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lanes over a state store, against a loop of plain JDBC that takes two transactions an instance. */
@Tag("benchmark")
final class StateStoreBenchmark {
    private static final int LANES = 4;
    private static final int INSTANCES = 10_000;
    private static final int CANDIDATES = 3;
    private static final int ROUNDS = 5;

    @TempDir
    Path dir;

    @Test
    void lanes_areAsFastAsPlainJdbcWithTwoTransactions() throws Exception {
        // Once unmeasured, for the JIT compiler.
        plain(0);
        store(0);
        double plain = 0;
        double store = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            double one = plain(round);
            double other = store(round);
            System.out.printf(
                    "round %d: plain JDBC %.0f/s, store %.0f/s, ratio %.2f%n", round, one, other, other / one);
            plain += one;
            store += other;
        }
        System.out.printf("mean ratio %.2f%n", store / plain);
        assertThat(store / plain).isGreaterThan(0.7);
    }

    @Test
    void create_isLinear() {
        try (StateStore store = StateStores.h2(dir.resolve("large"))) {
            for (int size : new int[] {10_000, 100_000, 1_000_000}) {
                long start = System.nanoTime();
                store.create(run("r" + size), instances(0, size, InstanceState.READY));
                System.out.printf("create %d: %.0f ms%n", size, millis(start));
            }
            String large = "r1000000";
            for (int repeat = 0; repeat < 3; repeat++) {
                long start = System.nanoTime();
                store.counts(large);
                System.out.printf("counts: %.1f ms%n", millis(start));
                start = System.nanoTime();
                store.runnable(large, NOW, 100);
                System.out.printf("runnable: %.1f ms%n", millis(start));
                start = System.nanoTime();
                store.nextRunnableAt(large);
                System.out.printf("nextRunnableAt: %.1f ms%n", millis(start));
            }
            long start = System.nanoTime();
            store.takeOver(large, 1, Fixtures.OTHER, Fixtures.LEASE, Fixtures.OWNER);
            System.out.printf("takeOver: %.0f ms%n", millis(start));
        }
    }

    private double store(int round) throws Exception {
        String id = "3f2a9c5e-run-" + round;
        try (StateStore store = StateStores.h2(dir.resolve("store" + round))) {
            store.create(run(id), instances(0, INSTANCES, InstanceState.READY));
            List<InstanceKey> runnable = store.runnable(id, NOW, INSTANCES);
            AtomicInteger cursor = new AtomicInteger();
            double perSecond = perSecond(() -> {
                int own = cursor.getAndIncrement();
                Optional<Claim> claim = store.claim(runnable.get(own), 1, ENGINE, NOW);
                while (claim.isPresent()) {
                    int next = cursor.getAndIncrement();
                    claim = store.succeed(
                            claim.orElseThrow(),
                            runnable.subList(Math.min(next, INSTANCES), Math.min(next + CANDIDATES, INSTANCES)),
                            NOW);
                }
                return null;
            });
            // A lane may have taken a neighbour's candidate and left its own: sweep as the engine does.
            for (InstanceKey left : store.runnable(id, NOW, INSTANCES)) {
                store.succeed(store.claim(left, 1, ENGINE, NOW).orElseThrow(), List.of(), NOW);
            }
            assertThat(store.counts(id)).containsExactly(new TaskCount(0, InstanceState.SUCCEEDED, INSTANCES));
            return perSecond;
        }
    }

    private double plain(int round) throws Exception {
        H2Address.settle();
        String url =
                "jdbc:h2:retry:" + dir.resolve("plain" + round) + ";AUTO_SERVER=TRUE;WRITE_DELAY=0;QUERY_CACHE_SIZE=64";
        try (Connection keep = DriverManager.getConnection(url, "sa", "");
                Statement ddl = keep.createStatement()) {
            ddl.execute("create table task (run varchar(200), task int, position int, state varchar(20), attempt int,"
                    + " primary key (run, task, position))");
            ddl.execute("create index by_state on task (run, state, task, position)");
            ddl.execute("insert into task select '3f2a9c5e-run', 0, x - 1, 'READY', 0 from system_range(1, " + INSTANCES
                    + ")");
            AtomicInteger cursor = new AtomicInteger();
            return perSecond(() -> {
                try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
                    connection.setAutoCommit(false);
                    try (PreparedStatement begin = connection.prepareStatement(
                                    "update task set state = 'RUNNING', attempt = attempt + 1 where run = ? and task = ?"
                                            + " and position = ? and state = 'READY'");
                            PreparedStatement end = connection.prepareStatement("update task set state = 'SUCCEEDED'"
                                    + " where run = ? and task = ? and position = ? and state = 'RUNNING'")) {
                        int next = cursor.getAndIncrement();
                        while (next < INSTANCES) {
                            execute(begin, next);
                            connection.commit();
                            execute(end, next);
                            connection.commit();
                            next = cursor.getAndIncrement();
                        }
                    }
                }
                return null;
            });
        }
    }

    private static void execute(PreparedStatement statement, int position) throws SQLException {
        statement.setString(1, "3f2a9c5e-run");
        statement.setInt(2, 0);
        statement.setInt(3, position);
        if (statement.executeUpdate() != 1) {
            throw new IllegalStateException("instance " + position + " wasn't there");
        }
    }

    private static double perSecond(Callable<?> lane) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(LANES);
        try {
            long start = System.nanoTime();
            List<Future<?>> lanes = new ArrayList<>();
            IntStream.range(0, LANES).forEach(each -> lanes.add(threads.submit(lane)));
            for (Future<?> each : lanes) {
                each.get();
            }
            return INSTANCES / (millis(start) / 1000);
        } finally {
            threads.shutdownNow();
        }
    }

    private static double millis(long start) {
        return (System.nanoTime() - start) / 1e6;
    }
}
