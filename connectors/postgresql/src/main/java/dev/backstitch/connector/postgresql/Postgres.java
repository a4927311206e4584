package dev.backstitch.connector.postgresql;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.spi.Connector;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * The entrance to this connector. Each value is immutable; a connector is made by {@link #open()}.
 *
 * <pre>{@code
 * Connector warehouse = Postgres.url("jdbc:postgresql://db/warehouse")
 *         .user("backfill")
 *         .passwordFrom("WAREHOUSE_PASSWORD")
 *         .open();
 * }</pre>
 */
public final class Postgres {
    static final String POOL = "backstitch-postgresql-";
    private static final AtomicInteger POOLS = new AtomicInteger();

    private final Connections connections;
    private final String ledgerSchema;
    private final Duration lockTimeout;

    private Postgres(Connections connections, String ledgerSchema, Duration lockTimeout) {
        this.connections = connections;
        this.ledgerSchema = ledgerSchema;
        this.lockTimeout = lockTimeout;
    }

    private interface Connections {
        DataSource open();
    }

    /**
     * Over connections of the caller's, which {@link Connector#close()} leaves open. The sessions must last for a
     * transaction at least, and their user is the one whose privileges count.
     */
    public static Postgres on(DataSource source) {
        requireNonNull(source, "source");
        return new Postgres(() -> source, "backstitch", Duration.ofMillis(300));
    }

    /**
     * Over a pool of the connector's own.
     *
     * @param url such as {@code jdbc:postgresql://host/database}; without credentials in it
     */
    public static UserStep url(String url) {
        requireNonNull(url, "url");
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("a URL of PostgreSQL begins with jdbc:postgresql:");
        }
        if (url.matches("(?i).*[?&]password=.*")) {
            throw new IllegalArgumentException("a password has no place in a URL, which is logged; use passwordFrom");
        }
        return user -> new Password(url, requireNonNull(user, "user"));
    }

    /** Asks for the user. */
    @FunctionalInterface
    public interface UserStep {
        /** The user as which every session works. */
        PasswordStep user(String user);
    }

    /** Asks where the password comes from. */
    public sealed interface PasswordStep permits Password {
        /**
         * Reads the password from an environment variable, when the connector is opened.
         *
         * @throws IllegalStateException then, when the variable isn't set
         */
        Postgres passwordFrom(String environmentVariable);

        /** Needs none: the server trusts the user, or the driver finds it in {@code .pgpass}. */
        Postgres withoutPassword();
    }

    private record Password(String url, String user) implements PasswordStep {
        @Override
        public Postgres passwordFrom(String environmentVariable) {
            requireNonNull(environmentVariable, "environmentVariable");
            return new Postgres(
                    () -> {
                        String password = System.getenv(environmentVariable);
                        if (password == null) {
                            throw new IllegalStateException(
                                    "the environment variable " + environmentVariable + " is not set");
                        }
                        HikariConfig config = config();
                        config.setPassword(password);
                        return new HikariDataSource(config);
                    },
                    "backstitch",
                    Duration.ofMillis(300));
        }

        @Override
        public Postgres withoutPassword() {
            return new Postgres(() -> new HikariDataSource(config()), "backstitch", Duration.ofMillis(300));
        }

        private HikariConfig config() {
            HikariConfig config = new HikariConfig();
            config.setPoolName(POOL + POOLS.incrementAndGet());
            config.setJdbcUrl(url);
            config.setUsername(user);
            config.setMaximumPoolSize(20);
            config.setMinimumIdle(0);
            config.setAutoCommit(false);
            // The server's details hold values of rows, and exceptions end in logs.
            config.addDataSourceProperty("logServerErrorDetail", "false");
            config.addDataSourceProperty("tcpKeepAlive", "true");
            config.addDataSourceProperty("ApplicationName", "backstitch");
            return config;
        }
    }

    /** Where the ledger lives; by default {@code backstitch}. It is made where it is missing. */
    public Postgres ledgerIn(String schema) {
        return new Postgres(connections, requireNonNull(schema, "schema"), lockTimeout);
    }

    /**
     * How long a publish waits for a lock before it gives way; readers of the target queue behind it for as long. By
     * default 300 ms, at least 1 ms.
     */
    public Postgres lockTimeout(Duration timeout) {
        if (timeout.toMillis() < 1) {
            throw new IllegalArgumentException(
                    "a lock timeout is at least 1 ms, else it would be unlimited: " + timeout);
        }
        return new Postgres(connections, ledgerSchema, timeout);
    }

    /** The connector, which the caller closes. */
    public Connector open() {
        return PostgresConnector.over(connections.open(), ledgerSchema, lockTimeout);
    }

    /** Says where, and never who or with what. */
    @Override
    public String toString() {
        return "PostgreSQL, ledger in " + ledgerSchema;
    }
}
