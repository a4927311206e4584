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
import java.util.regex.Pattern;
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

    /** The view of exactly this name. */
    static Optional<View> find(Session session, ResolvedTable name) {
        return session.first(
                DSL.resultQuery(
                        "select sql from duckdb_views() where not internal and database_name = {0} and schema_name = {1}"
                                + " and view_name = {2}",
                        DSL.val(name.catalog()), DSL.val(name.schema()), DSL.val(name.table())),
                row -> new View(name, row.getString(1)));
    }

    /** The comment of the view of exactly this name. */
    static Optional<String> comment(Session session, ResolvedTable name) {
        return session
                .list(
                        DSL.resultQuery(
                                "select comment from duckdb_views() where database_name = {0} and schema_name = {1}"
                                        + " and view_name = {2}",
                                DSL.val(name.catalog()), DSL.val(name.schema()), DSL.val(name.table())),
                        row -> DuckDbTables.text(row, 1))
                .stream()
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** Whether its definition has this name as a word, in whatever meaning. */
    boolean names(String word) {
        return Pattern.compile(
                        "(?<![\\p{L}\\p{N}_])" + Pattern.quote(word.replace("\"", "\"\"")) + "(?![\\p{L}\\p{N}_])",
                        Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                .matcher(sql)
                .find();
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
