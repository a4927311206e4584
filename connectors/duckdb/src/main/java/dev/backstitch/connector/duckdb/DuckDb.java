package dev.backstitch.connector.duckdb;

import static java.util.Objects.requireNonNull;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.spi.Connector;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import javax.sql.DataSource;

/**
 * Targets in DuckDB: {@code DuckDb.file(path).ledgerIn("ops").open()}. Immutable; each method gives new options.
 *
 * <p>DuckDB lets one process write a file. Backstitch runs inside that process, beside its other connections.
 */
public final class DuckDb {
    private static final String LEDGER_SCHEMA = "backstitch";
    private static final int CONNECTIONS = 16;

    private DuckDb() {}

    /** A database file; it is made when it is missing. */
    public static File file(Path path) {
        return new File(requireNonNull(path, "path"), LEDGER_SCHEMA, Optional.empty(), Optional.empty());
    }

    /** The connections of somebody else's data source, which stays theirs to close. */
    public static Source on(DataSource source) {
        return new Source(requireNonNull(source, "source"), LEDGER_SCHEMA);
    }

    /** Options of a data source. */
    public static final class Source {
        private final DataSource source;
        private final String ledgerSchema;

        private Source(DataSource source, String ledgerSchema) {
            this.source = source;
            this.ledgerSchema = ledgerSchema;
        }

        /** The schema of the ledger's tables; default {@code backstitch}. It is made when it is missing. */
        public Source ledgerIn(String schema) {
            return new Source(source, named(schema));
        }

        /**
         * Connects.
         *
         * @throws BackstitchException when there is no connection
         */
        public Connector open() {
            return DuckDbConnector.connect(new Database(source, new DuckDbDialect()), ledgerSchema, () -> {});
        }
    }

    /** Options of a file. */
    public static final class File {
        private final Path path;
        private final String ledgerSchema;
        private final Optional<Integer> threads;
        private final Optional<String> memoryLimit;

        private File(Path path, String ledgerSchema, Optional<Integer> threads, Optional<String> memoryLimit) {
            this.path = path;
            this.ledgerSchema = ledgerSchema;
            this.threads = threads;
            this.memoryLimit = memoryLimit;
        }

        /** The schema of the ledger's tables; default {@code backstitch}. It is made when it is missing. */
        public File ledgerIn(String schema) {
            return new File(path, named(schema), threads, memoryLimit);
        }

        /** How many threads DuckDB uses for all its queries together, at least 1; default one a processor. */
        public File threads(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("threads are at least 1: " + count);
            }
            return new File(path, ledgerSchema, Optional.of(count), memoryLimit);
        }

        /** How much memory DuckDB uses before it writes to disk, such as {@code 4GB}; default 80% of the machine's. */
        public File memoryLimit(String limit) {
            return new File(path, ledgerSchema, threads, Optional.of(requireNonNull(limit, "limit")));
        }

        /**
         * Opens the file.
         *
         * @throws BackstitchException with {@code WAREHOUSE_IN_USE}, saying who holds it, when another process does
         */
        public Connector open() {
            Properties settings = new Properties();
            threads.ifPresent(count -> settings.setProperty("threads", count.toString()));
            memoryLimit.ifPresent(limit -> settings.setProperty("memory_limit", limit));
            FileConnections connections = FileConnections.open(path, settings);
            HikariConfig config = new HikariConfig();
            config.setPoolName("backstitch-duckdb");
            config.setDataSource(connections);
            config.setMaximumPoolSize(CONNECTIONS);
            config.setMinimumIdle(1);
            HikariDataSource pool = new HikariDataSource(config);
            Runnable close = () -> {
                pool.close();
                connections.close();
            };
            try {
                return DuckDbConnector.connect(new Database(pool, new DuckDbDialect()), ledgerSchema, close);
            } catch (RuntimeException e) {
                close.run();
                throw e;
            }
        }
    }

    private static String named(String schema) {
        if (schema.isBlank()) {
            throw new IllegalArgumentException("a schema's name is not blank");
        }
        return schema;
    }
}
