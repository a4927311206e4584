package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jooq.impl.DSL;

/**
 * A view that shows all rows and columns of one table: {@code select *}, or a list of its columns in their order. DuckDB
 * prints a view's query anew, so that whatever else is in it stands in the text, in one place and spelling; what does not
 * match to the last character is no plain view.
 *
 * @param table which it shows
 * @param columns how it names the columns
 */
record PlainView(ResolvedTable table, Columns columns) {
    private static final String NAME = "(?:[\\p{L}\\p{N}_]+|\"(?:[^\"]|\"\")+\")";
    private static final Pattern PLAIN = Pattern.compile("CREATE VIEW " + dotted(3) + " AS SELECT (?<columns>\\*|"
            + NAME + "(?:, " + NAME + ")*) FROM (?<table>" + dotted(3) + ");?");
    private static final Pattern PART = Pattern.compile(NAME);

    /** How a view names its columns. */
    enum Columns {
        ALL,
        LISTED
    }

    private static String dotted(int most) {
        return NAME + "(?:\\." + NAME + "){0," + (most - 1) + "}";
    }

    /** What the view shows, or nothing if it isn't a plain one of a table that is there. */
    static Optional<PlainView> of(Session session, DuckDbTables tables, View view) {
        Matcher plain = PLAIN.matcher(view.sql());
        if (!plain.matches()) {
            return Optional.empty();
        }
        List<String> listed = names(plain.group("columns"));
        return tables.resolve(session, named(view.name(), names(plain.group("table"))))
                .filter(found -> found.kind() == TableInfo.Kind.TABLE)
                .filter(found -> listed.isEmpty() || listed.equals(columnNames(found)))
                .map(found -> new PlainView(found.name(), listed.isEmpty() ? Columns.ALL : Columns.LISTED));
    }

    /** A name without a schema means the view's own first, whoever reads it. */
    private static TableName named(ResolvedTable view, List<String> parts) {
        return new TableName(parts.size() == 1 ? List.of(view.schema(), parts.get(0)) : parts);
    }

    private static List<String> columnNames(TableInfo table) {
        return table.columns().stream().map(Column::name).toList();
    }

    private static List<String> names(String text) {
        List<String> names = new ArrayList<>();
        Matcher part = PART.matcher(text);
        while (part.find()) {
            String name = part.group();
            names.add(
                    name.startsWith("\"") ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name);
        }
        return names;
    }

    /** The statement that makes a view of this form show another table. */
    BoundSql showing(Session session, ResolvedTable view, TableInfo next) {
        return new BoundSql(
                "create or replace view " + quoted(session, view) + " as select "
                        + (columns == Columns.ALL
                                ? "*"
                                : columnNames(next).stream()
                                        .map(name ->
                                                session.rendered(DSL.name(name)).text())
                                        .collect(Collectors.joining(", ")))
                        + " from " + quoted(session, next.name()),
                List.of());
    }

    private static String quoted(Session session, ResolvedTable table) {
        return session.rendered(DSL.name(table.catalog(), table.schema(), table.table()))
                .text();
    }
}
