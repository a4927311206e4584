package dev.backstitch.connector.snowflake;

import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.FingerprintDrift;
import dev.backstitch.connector.jdbc.HashSeals;
import dev.backstitch.connector.jdbc.JdbcConnector;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Interrupt;
import java.util.Optional;
import org.jooq.impl.DSL;

/** Backfills in one database of a Snowflake account. */
final class SnowflakeConnector extends JdbcConnector {
    private final Runnable close;

    private SnowflakeConnector(
            Database database,
            String name,
            String schema,
            String ledgerSchema,
            SnowflakeTables tables,
            Runnable close) {
        super(
                "snowflake",
                database,
                new LedgerTables(name, SnowflakeTables.folded(ledgerSchema)),
                new SnowflakeCatalog(database, tables, schema),
                tables,
                new FingerprintDrift(database.dialect()),
                new HashSeals(database.dialect(), tables));
        this.close = close;
    }

    /** Connects, and finds in which database the session is. */
    static SnowflakeConnector connect(Database database, String ledgerSchema, Runnable close) {
        record Place(Optional<String> database, Optional<String> schema) {}
        Place place = database.read(
                "connection to Snowflake",
                Interrupt.never(),
                session -> session.one(
                        DSL.resultQuery("select current_database(), current_schema()"),
                        row -> new Place(
                                Optional.ofNullable(row.getString(1)), Optional.ofNullable(row.getString(2)))));
        String name = place.database()
                .orElseThrow(() -> new BackstitchException(
                        ErrorCode.TARGET_MISSING,
                        "the connection to Snowflake refused: expected a session in a database, found one in none."
                                + " Nothing was written. Name the database with database(..), or give the user a default"
                                + " one that it may use."));
        return new SnowflakeConnector(
                database, name, place.schema().orElse("PUBLIC"), ledgerSchema, new SnowflakeTables(name), close);
    }

    @Override
    public void close() {
        close.run();
    }
}
