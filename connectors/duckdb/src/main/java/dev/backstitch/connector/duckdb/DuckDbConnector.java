package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.FingerprintDrift;
import dev.backstitch.connector.jdbc.HashSeals;
import dev.backstitch.connector.jdbc.JdbcConnector;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.spi.Interrupt;
import org.jooq.impl.DSL;

/** Backfills in a DuckDB database. */
final class DuckDbConnector extends JdbcConnector {
    private final Runnable close;

    private DuckDbConnector(Database database, String catalog, String ledgerSchema, Runnable close) {
        this(database, new LedgerTables(catalog, ledgerSchema), new DuckDbTables(database), close);
    }

    private DuckDbConnector(Database database, LedgerTables ledger, DuckDbTables tables, Runnable close) {
        super(
                "duckdb",
                database,
                ledger,
                new DuckDbCatalog(database, tables),
                tables,
                new FingerprintDrift(database.dialect()),
                new HashSeals(database.dialect(), tables));
        this.close = close;
    }

    /** Connects, and finds what the database is called: a schema of the same name would make shorter names ambiguous. */
    static DuckDbConnector connect(Database database, String ledgerSchema, Runnable close) {
        String catalog = database.read(
                "connection to DuckDB",
                Interrupt.never(),
                session -> session.one(DSL.resultQuery("select current_database()"), row -> row.getString(1)));
        return new DuckDbConnector(database, catalog, ledgerSchema, close);
    }

    @Override
    public void close() {
        close.run();
    }
}
