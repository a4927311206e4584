package dev.backstitch.examples;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Visitors of a site: each writer inserts visits of today, one a transaction, and tries a refused one again, as writers of
 * DuckDB do; a reader counts them all the time.
 */
final class Traffic implements AutoCloseable {
    private static final int FIRST_ID = 80_000;
    private static final int MOST_TRIES = 100_000;
    private static final Duration PAUSE = Duration.ofMillis(5);

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger next = new AtomicInteger(FIRST_ID);
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger again = new AtomicInteger();
    private final AtomicInteger reads = new AtomicInteger();
    private final AtomicInteger failedReads = new AtomicInteger();
    private final List<Thread> threads = new ArrayList<>();
    private final List<Connection> connections = new ArrayList<>();

    private Traffic() {}

    static Traffic begin(Scene scene, int writers) {
        Traffic traffic = new Traffic();
        try {
            for (int i = 0; i < writers; i++) {
                traffic.start(scene.connect(), traffic::write);
            }
            traffic.start(scene.connect(), traffic::read);
        } catch (SQLException e) {
            throw new IllegalStateException("the site has no visitors", e);
        }
        return traffic;
    }

    private interface Work {
        void on(Connection connection) throws SQLException;
    }

    private void start(Connection connection, Work work) {
        connections.add(connection);
        Thread thread = new Thread(
                () -> {
                    while (!over.get()) {
                        try {
                            work.on(connection);
                        } catch (SQLException e) {
                            throw new IllegalStateException(e);
                        }
                        LockSupport.parkNanos(PAUSE.toNanos());
                    }
                },
                "visitor");
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
    }

    private void write(Connection connection) {
        int id = next.getAndIncrement();
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            if (isWritten(connection, id)) {
                written.incrementAndGet();
                return;
            }
            again.incrementAndGet();
        }
        throw new IllegalStateException("a visit could not be written");
    }

    /** By a statement of its own: one that was refused is closed. */
    private static boolean isWritten(Connection connection, int id) {
        try (Statement statement = connection.createStatement()) {
            statement.execute("insert into web.visits (visit_id, day, url) values (" + id + ", date '2026-06-16', '/?p="
                    + id + "')");
            return true;
        } catch (SQLException conflict) {
            return false;
        }
    }

    private void read(Connection connection) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select count(*) from web.visits")) {
            rows.next();
            reads.incrementAndGet();
        } catch (SQLException e) {
            failedReads.incrementAndGet();
        }
    }

    /** Nobody comes any more, and whoever has come is done. */
    void end() {
        over.set(true);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    String summary() {
        return written + " visits were written meanwhile, " + again + " of them refused at first and tried again; "
                + reads + " reads, " + failedReads + " of them failed";
    }

    @Override
    public void close() {
        end();
        for (Connection connection : connections) {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
