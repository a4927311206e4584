package dev.backstitch.connector.postgresql;

import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.HashSeals;
import dev.backstitch.connector.jdbc.JdbcConnector;
import dev.backstitch.connector.jdbc.LedgerTables;
import java.time.Duration;
import javax.sql.DataSource;

/** The connector, put together. */
final class PostgresConnector extends JdbcConnector {
    private final DataSource source;

    private PostgresConnector(DataSource source, Database database, Parts parts) {
        super(
                "postgresql",
                database,
                parts.ledger,
                new PostgresCatalog(database, parts.reader, parts.tables, parts.schema),
                parts.tables,
                new CaptureDrift(database.dialect(), parts.captures),
                new CaptureSeals(new HashSeals(database.dialect(), parts.tables), parts.tables, parts.captures));
        this.source = source;
    }

    private static final class Parts {
        private final String schema;
        private final LedgerTables ledger;
        private final Captures captures;
        private final Tables reader;
        private final PostgresTables tables;

        Parts(String schema, Duration lockTimeout) {
            this.schema = schema;
            this.ledger = new LedgerTables("", schema);
            this.captures = new Captures(schema, lockTimeout);
            this.reader = new Tables(schema);
            this.tables = new PostgresTables(reader, captures, schema);
        }
    }

    static PostgresConnector over(DataSource source, String ledgerSchema, Duration lockTimeout) {
        return new PostgresConnector(
                source, new Database(source, new PostgresDialect()), new Parts(ledgerSchema, lockTimeout));
    }

    /** A pool of ours is closed; a data source that was handed in belongs to whoever made it. */
    @Override
    public void close() {
        if (source instanceof HikariDataSource pool && pool.getPoolName().startsWith(Postgres.POOL)) {
            pool.close();
        }
    }
}
