package dev.backstitch.connector.snowflake;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.spi.Connector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The entrance to this connector. Each value is immutable; a connector is made by {@link #open()}.
 *
 * <pre>{@code
 * Connector warehouse = Snowflake.account("myorg-production")
 *         .user("BACKFILL")
 *         .keyFrom(Path.of("/run/secrets/backfill.p8"))
 *         .role("BACKFILLER")
 *         .warehouse("BACKFILL_WH")
 *         .database("ANALYTICS")
 *         .open();
 * }</pre>
 *
 * <p>The driver reads results by a package of the JVM that is closed to it: the JVM needs
 * {@code --add-opens=java.base/java.nio=ALL-UNNAMED}, or a runnable jar {@code Add-Opens: java.base/java.nio} in its
 * manifest. {@link #open()} refuses without it.
 */
public final class Snowflake {
    private static final String LEDGER_SCHEMA = "backstitch";
    private static final int CONNECTIONS = 16;

    /** Connections, and how they end. */
    private record Opened(DataSource source, Runnable close) {}

    private interface Connections {
        Opened open(Session session);
    }

    /** Where a session begins. */
    record Session(
            Optional<String> role, Optional<String> warehouse, Optional<String> database, Optional<String> schema) {
        static final Session DEFAULT =
                new Session(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    private final Connections connections;
    private final Session session;
    private final String ledgerSchema;

    private Snowflake(Connections connections, Session session, String ledgerSchema) {
        this.connections = connections;
        this.session = session;
        this.ledgerSchema = ledgerSchema;
    }

    /**
     * Over connections of the caller's, which {@link Connector#close()} leaves open. Each begins in the database of the
     * targets, with a warehouse; the parameters that a backfill needs are set in it and stay.
     */
    public static Snowflake on(DataSource source) {
        requireNonNull(source, "source");
        return new Snowflake(unused -> new Opened(source, () -> {}), Session.DEFAULT, LEDGER_SCHEMA);
    }

    /**
     * Over a pool of the connector's own.
     *
     * @param account its identifier, such as {@code myorg-production}; not its URL
     */
    public static UserStep account(String account) {
        if (!account.matches("[A-Za-z0-9][A-Za-z0-9_.-]*")) {
            throw new IllegalArgumentException(
                    "an account is named like myorg-production, without https:// and .snowflakecomputing.com");
        }
        if (account.contains("snowflakecomputing")) {
            throw new IllegalArgumentException(
                    "an account is named like myorg-production, without .snowflakecomputing.com");
        }
        return user -> new Credentials(account, requireNonNull(user, "user"));
    }

    /** Asks for the user. */
    @FunctionalInterface
    public interface UserStep {
        /** The user as which every session works. */
        CredentialsStep user(String user);
    }

    /** Asks how the user proves who it is. What is secret is read when the connector is opened, and shown nowhere. */
    public sealed interface CredentialsStep permits Credentials {
        /**
         * By a private key, PKCS#8 in PEM, without a passphrase.
         *
         * @throws IllegalStateException at the opening, when the file is not there
         */
        Snowflake keyFrom(Path file);

        /** By a private key whose passphrase an environment variable holds. */
        Snowflake keyFrom(Path file, String passphraseVariable);

        /**
         * By a password from an environment variable.
         *
         * @throws IllegalStateException at the opening, when the variable isn't set
         */
        Snowflake passwordFrom(String environmentVariable);

        /** By an OAuth token from an environment variable. */
        Snowflake tokenFrom(String environmentVariable);
    }

    private record Credentials(String account, String user) implements CredentialsStep {
        @Override
        public Snowflake keyFrom(Path file) {
            return with(driver -> driver.key(existing(file), Optional.empty()));
        }

        @Override
        public Snowflake keyFrom(Path file, String passphraseVariable) {
            return with(driver -> driver.key(existing(file), Optional.of(secret(passphraseVariable))));
        }

        @Override
        public Snowflake passwordFrom(String environmentVariable) {
            return with(driver -> driver.password(secret(environmentVariable)));
        }

        @Override
        public Snowflake tokenFrom(String environmentVariable) {
            return with(driver -> driver.token(secret(environmentVariable)));
        }

        private interface Proof {
            SnowflakeLogins by(SnowflakeLogins logins);
        }

        private Snowflake with(Proof proof) {
            return new Snowflake(
                    session -> pool(proof.by(SnowflakeLogins.of(account, user, session))),
                    Session.DEFAULT,
                    LEDGER_SCHEMA);
        }

        private static Path existing(Path file) {
            if (!Files.isReadable(file)) {
                throw new IllegalStateException("the private key " + file + " is not there, or not readable");
            }
            return file;
        }

        private static String secret(String environmentVariable) {
            String value = System.getenv(environmentVariable);
            if (value == null) {
                throw new IllegalStateException("the environment variable " + environmentVariable + " is not set");
            }
            return value;
        }
    }

    private static Opened pool(DataSource logins) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("backstitch-snowflake");
        // As a data source, since a pool logs its properties.
        config.setDataSource(logins);
        config.setMaximumPoolSize(CONNECTIONS);
        config.setMinimumIdle(0);
        config.setAutoCommit(false);
        HikariDataSource pool = new HikariDataSource(config);
        return new Opened(pool, pool::close);
    }

    /** The role of every session; by default the user's own. */
    public Snowflake role(String name) {
        return in(new Session(Optional.of(name), session.warehouse(), session.database(), session.schema()));
    }

    /** The warehouse that runs the statements; by default the user's own. */
    public Snowflake warehouse(String name) {
        return in(new Session(session.role(), Optional.of(name), session.database(), session.schema()));
    }

    /** The database of the targets and of the ledger; by default the user's own. */
    public Snowflake database(String name) {
        return in(new Session(session.role(), session.warehouse(), Optional.of(name), session.schema()));
    }

    /** The schema of tables that are named without one; by default {@code PUBLIC}. */
    public Snowflake schema(String name) {
        return in(new Session(session.role(), session.warehouse(), session.database(), Optional.of(name)));
    }

    private Snowflake in(Session other) {
        return new Snowflake(connections, other, ledgerSchema);
    }

    /** The schema of the ledger's tables; default {@code backstitch}. It is made when it is missing. */
    public Snowflake ledgerIn(String schema) {
        return new Snowflake(connections, session, requireNonNull(schema, "schema"));
    }

    /**
     * The connector, which the caller closes.
     *
     * @throws dev.backstitch.error.BackstitchException when there is no connection, or the JVM is closed to the driver
     */
    public Connector open() {
        SnowflakeLogins.requireOpenJvm();
        Opened opened = connections.open(session);
        try {
            return SnowflakeConnector.connect(
                    new Database(opened.source(), new SnowflakeDialect()), ledgerSchema, opened.close());
        } catch (RuntimeException e) {
            opened.close().run();
            throw e;
        }
    }

    /** Says where, and never who or with what. */
    @Override
    public String toString() {
        return "Snowflake, ledger in " + ledgerSchema;
    }
}
