package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spi.ResolvedTable;
import java.util.List;
import java.util.Optional;
import org.jooq.Name;
import org.jooq.impl.DSL;

/**
 * An index that CREATE INDEX made. It keeps its table from being renamed, so that a publish drops and recreates it.
 *
 * @param name its exact name
 * @param unique UNIQUE, or nothing
 * @param over what follows the table's name in its definition: the method, if any, and the expressions
 * @param uniqueColumns the columns that it keeps unique, where it is over columns alone
 * @param comment its comment
 */
record SecondaryIndex(
        String name, String unique, String over, Optional<List<String>> uniqueColumns, Optional<String> comment) {
    SecondaryIndex {
        uniqueColumns = uniqueColumns.map(List::copyOf);
    }

    static List<SecondaryIndex> of(Session session, ResolvedTable table) {
        return session.list(
                DuckDbTables.ofTable(
                        "select index_name, is_unique, sql, expressions, comment from duckdb_indexes()"
                                + " where {0} and sql is not null order by index_name",
                        table),
                row -> {
                    boolean unique = row.getBoolean(2);
                    String over = IndexDefinition.over(row.getString(3));
                    return new SecondaryIndex(
                            row.getString(1),
                            unique ? "unique " : "",
                            over,
                            unique ? IndexDefinition.plainColumns(over) : Optional.empty(),
                            DuckDbTables.text(row, 5));
                });
    }

    void drop(Session session, ResolvedTable table) {
        session.update(DSL.query("drop index {0}", qualified(table)));
    }

    void create(Session session, ResolvedTable table) {
        // The definition's text is the catalogue's, so that it is passed on as it is and not as a template.
        session.update(new BoundSql(
                "create " + unique + "index " + session.rendered(DSL.name(name)).text() + " on "
                        + session.rendered(DSL.name(table.catalog(), table.schema(), table.table()))
                                .text() + over,
                List.of()));
        comment.ifPresent(text ->
                session.update(DSL.query("comment on index {0} is {1}", qualified(table), DuckDbTables.literal(text))));
    }

    private Name qualified(ResolvedTable table) {
        return DSL.name(table.catalog(), table.schema(), name);
    }
}
