package dev.backstitch.faults;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** Four applications that insert, update and delete orders, one statement a transaction, and note what they are told. */
final class Writers implements AutoCloseable {
    private static final int THREADS = 4;
    private static final long FIRST_NEW_ID = 1_000_000;

    private final Acks acks;
    private final Supplier<Phase> phase;
    private final DataSource target;
    private final List<LocalDate> days;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final AtomicReference<Throwable> defect = new AtomicReference<>();

    /**
     * @param days whose rows are written
     * @param phase what the engine does, for the counts
     */
    Writers(DataSource target, List<LocalDate> days, Acks acks, Supplier<Phase> phase) {
        this.target = target;
        this.days = days;
        this.acks = acks;
        this.phase = phase;
    }

    /**
     * Begins to write.
     *
     * @param generation another one each time, so that no id is used twice
     */
    Writers start(int generation, long seed) {
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            Thread thread = new Thread(
                    () -> {
                        try (Connection connection = target.getConnection()) {
                            new Writer(connection, number, generation, new Random(seed + number)).writeUntilStopped();
                        } catch (SQLException | RuntimeException | Error e) {
                            defect.compareAndSet(null, e);
                        }
                    },
                    "writer-" + i);
            threads.add(thread);
            thread.start();
        }
        return this;
    }

    void stop() throws InterruptedException {
        stopped.set(true);
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(30));
            if (thread.isAlive()) {
                throw new AssertionError(thread.getName() + " still waits for the database");
            }
        }
        if (defect.get() != null) {
            throw new AssertionError("a writer broke", defect.get());
        }
    }

    @Override
    public void close() throws InterruptedException {
        stop();
    }

    /** One application. Its rows are its own, so that the order of its acks is their order in the database. */
    private final class Writer {
        private final Connection connection;
        private final Random random;
        private final Deque<Long> inserted = new ArrayDeque<>();
        private final Deque<Long> base = new ArrayDeque<>();
        private long next;

        Writer(Connection connection, int number, int generation, Random random) {
            this.connection = connection;
            this.random = random;
            this.next = FIRST_NEW_ID * (1 + number) + 100_000L * generation;
            for (LocalDate day : days) {
                for (int i = number; i < 40; i += THREADS) {
                    // The sources of the scope lack order 13, and the merge deletes it.
                    if (i != 13) {
                        base.add((day.getDayOfMonth() - 1) * 1000L + i);
                    }
                }
            }
        }

        void writeUntilStopped() throws SQLException {
            while (!stopped.get()) {
                int dice = random.nextInt(10);
                if (dice < 4 || inserted.isEmpty() && dice < 7) {
                    insert();
                } else if (dice < 7) {
                    delete(inserted.remove());
                } else if (dice < 9 || inserted.isEmpty()) {
                    base.add(base.peek());
                    update(base.remove());
                } else {
                    update(inserted.peek());
                }
                // Other threads of this small machine have work to do as well.
                LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
            }
        }

        private void insert() throws SQLException {
            long id = next++;
            LocalDate day = days.get(random.nextInt(days.size()));
            int amount = random.nextInt(1000);
            if (tell(
                            "insert into app.orders (id, day, amount, label, loaded_at)"
                                    + " values (?, cast(? as date), ?, 'app', timestamp '2026-05-01 00:00:00')",
                            id,
                            day.toString(),
                            amount)
                    == 1) {
                inserted.add(id);
                acks.written(id, row(id, day, amount), phase.get());
            }
        }

        private void update(long id) throws SQLException {
            int amount = random.nextInt(1000);
            LocalDate day = id < FIRST_NEW_ID ? LocalDate.of(2026, 3, 1).plusDays(id / 1000) : dayOf(id);
            if (tell(
                            "update app.orders set amount = ?, label = 'app', loaded_at = timestamp '2026-05-01 00:00:00'"
                                    + " where id = ?",
                            amount,
                            id)
                    == 1) {
                acks.written(id, row(id, day, amount), phase.get());
            }
        }

        private LocalDate dayOf(long id) throws SQLException {
            try (PreparedStatement statement =
                    connection.prepareStatement("select cast(day as varchar) from app.orders where id = ?")) {
                statement.setLong(1, id);
                try (var rows = statement.executeQuery()) {
                    return rows.next() ? LocalDate.parse(rows.getString(1)) : days.get(0);
                }
            }
        }

        private void delete(long id) throws SQLException {
            if (tell("delete from app.orders where id = ?", id) == 1) {
                acks.deleted(id, phase.get());
            } else {
                inserted.add(id);
            }
        }

        private String row(long id, LocalDate day, int amount) {
            return id + "|" + day + "|" + amount + "|app|2026-05-01 00:00:00";
        }

        /** The number of rows, or 0 when the database refused. */
        private int tell(String sql, Object... values) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < values.length; i++) {
                    statement.setObject(i + 1, values[i]);
                }
                return statement.executeUpdate();
            } catch (SQLException e) {
                if (!connection.isValid(5)) {
                    throw e;
                }
                acks.rejected();
                return 0;
            }
        }
    }
}
