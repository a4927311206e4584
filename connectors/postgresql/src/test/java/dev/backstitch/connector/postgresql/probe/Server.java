package dev.backstitch.connector.postgresql.probe;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;

/** The one PostgreSQL server of this JVM; it ends with the JVM. */
public final class Server {

    private static final EmbeddedPostgres POSTGRES = start();

    private Server() {}

    private static EmbeddedPostgres start() {
        try {
            return EmbeddedPostgres.builder()
                    .setServerConfig("fsync", "off")
                    .setServerConfig("jit", "off")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static int port() {
        return POSTGRES.getPort();
    }

    public static Connection connect() throws SQLException {
        return connect("postgres", port());
    }

    static Connection connectAs(String role) throws SQLException {
        return connect(role, port());
    }

    static Connection connectThrough(int port) throws SQLException {
        return connect("postgres", port);
    }

    private static Connection connect(String role, int port) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://localhost:" + port + "/postgres?user=" + role);
    }

    public static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row as text; "null" for SQL's null and for no row. */
    public static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getString(1)) : "null";
        }
    }

    /** Runs the statements on a thread of their own, since they are expected to wait. */
    public static CompletableFuture<Void> begin(Connection connection, String... statements) {
        return CompletableFuture.runAsync(() -> {
            try {
                run(connection, statements);
            } catch (SQLException e) {
                throw new CompletionException(e);
            }
        });
    }

    /** The error that ended what {@link #begin} began. */
    static SQLException refusalOf(CompletableFuture<Void> begun) {
        try {
            begun.join();
        } catch (CompletionException e) {
            return (SQLException) e.getCause();
        }
        throw new AssertionError("it was not refused");
    }

    /** Returns when the connection with this backend pid waits for a lock. */
    public static void awaitLockWait(Connection observer, int pid) throws SQLException {
        await(() -> ask(observer, "select wait_event_type from pg_stat_activity where pid = " + pid)
                .equals("Lock"));
    }

    public static int pid(Connection connection) throws SQLException {
        return Integer.parseInt(ask(connection, "select pg_backend_pid()"));
    }

    public static void await(Callable<Boolean> condition) throws SQLException {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        try {
            while (!condition.call()) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("not reached in a minute");
                }
                LockSupport.parkNanos(2_000_000);
            }
        } catch (SQLException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
