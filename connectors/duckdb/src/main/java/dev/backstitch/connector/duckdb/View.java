package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.QueryColumn;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.ResolvedTable;
import java.util.List;
import java.util.Optional;
import org.jooq.impl.DSL;

/**
 * A view that may read a table.
 *
 * @param name its exact name
 * @param sql its definition
 */
record View(ResolvedTable name, String sql) {
    /** The views whose definition mentions the table's name: those that read it are among them. */
    static List<View> mentioning(Session session, ResolvedTable table) {
        return session.list(
                DSL.resultQuery(
                        "select schema_name, view_name, sql from duckdb_views() where not internal"
                                + " and database_name = {0} and contains(lower(sql), lower({1}))"
                                + " order by schema_name, view_name",
                        DSL.val(table.catalog()), DSL.val(table.table().replace("\"", "\"\""))),
                row -> new View(
                        new ResolvedTable(table.catalog(), row.getString(1), row.getString(2)), row.getString(3)));
    }

    /** Its columns, or nothing if it can't be read; seen by a transaction of its own, which a broken view ends. */
    Optional<List<QueryColumn>> columns(Database database, Session before) {
        try {
            return Optional.of(database.read(before.what(), before.interrupt(), this::columns));
        } catch (BackstitchException e) {
            if (e.code() == ErrorCode.STATEMENT_REFUSED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Its columns as the transaction sees it. */
    List<QueryColumn> columns(Session session) {
        return session.columns(new BoundSql(
                "select * from "
                        + session.rendered(DSL.name(name.catalog(), name.schema(), name.table()))
                                .text(),
                List.of()));
    }
}
