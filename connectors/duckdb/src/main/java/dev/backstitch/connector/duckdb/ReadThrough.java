package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Names;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spi.Reads;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jooq.impl.DSL;

/**
 * What a query reads through. DuckDB keeps no dependencies of views, but takes a query's text apart: its tables and
 * functions are looked up among views and macros, whose texts are taken apart in turn. Which columns of a table are read it
 * does not say; those of the query's result stand for them.
 */
final class ReadThrough {
    private static final String PART = "(?:\"(?:[^\"]|\"\")*\"|[^\\s.\"(]+)";
    private static final Pattern VIEW = Pattern.compile(
            "(?is)\\s*create\\s+(?:or\\s+replace\\s+)?(?:temp(?:orary)?\\s+)?view\\s+(?:if\\s+not\\s+exists\\s+)?"
                    + PART + "(?:\\s*\\.\\s*" + PART + ")*\\s*(?:\\((?:\"(?:[^\"]|\"\")*\"|[^)\"])*\\)\\s*)?as\\s(.*)");

    /** A name that a query mentions, as it is written there. */
    private record Mentioned(String kind, String schema, String name) {}

    /** A view or macro with the query or expression that it stands for. */
    private record Found(String kind, String name, String definition, String text) {}

    private final Session session;
    private final List<Reads.Definition> seen = new ArrayList<>();
    private final Set<String> unseen = new LinkedHashSet<>();
    private final Set<String> visited = new HashSet<>();
    private final Deque<Found> left = new ArrayDeque<>();

    private ReadThrough(Session session) {
        this.session = session;
    }

    static Reads of(Session session, BoundSql query) {
        return new ReadThrough(session).read(query);
    }

    private Reads read(BoundSql query) {
        session.columns(query)
                .forEach(column ->
                        seen.add(new Reads.Definition("column", column.name() + " of the query", column.type())));
        left.add(new Found("query", "", "", query.text()));
        while (!left.isEmpty()) {
            Found next = left.remove();
            List<Mentioned> mentioned = mentioned(next.text());
            if (mentioned.isEmpty()) {
                unseen.add(
                        next.kind().equals("query")
                                ? "which views and macros the query reads"
                                : "what " + next.kind() + " " + next.name() + " reads in turn");
            }
            mentioned.forEach(this::follow);
        }
        seen.sort(Comparator.comparing(Reads.Definition::kind).thenComparing(Reads.Definition::name));
        unseen.add("rows, settings of the session, and columns that the result does not show");
        return new Reads(seen, List.copyOf(unseen));
    }

    private void follow(Mentioned mentioned) {
        if (mentioned.name().toLowerCase(Locale.ROOT).startsWith("read_")) {
            unseen.add("the files of " + mentioned.name());
        }
        List<Found> found = mentioned.kind().equals("table") ? views(mentioned) : macros(mentioned);
        found.stream()
                .filter(each -> visited.add(each.kind() + " " + each.name()))
                .forEach(each -> {
                    seen.add(new Reads.Definition(each.kind(), each.name(), Names.hash(each.definition())));
                    left.add(each);
                });
    }

    /** Tables and functions of a query; at least the select itself, unless the text cannot be taken apart. */
    private List<Mentioned> mentioned(String text) {
        return session.list(
                DSL.resultQuery(
                        "select distinct kind, schema_name, name from (select 'select' as kind, '' as schema_name,"
                                + " '' as name from (select json_serialize_sql({0}) as tree)"
                                + " where (tree->>'error') = 'false' union all"
                                + " select 'table', value->>'schema_name', value->>'table_name'"
                                + " from json_tree(json_serialize_sql({0})) where type = 'OBJECT'"
                                + " and (value->>'type') = 'BASE_TABLE' union all"
                                + " select 'function', value->>'schema', value->>'function_name'"
                                + " from json_tree(json_serialize_sql({0})) where type = 'OBJECT'"
                                + " and (value->>'class') = 'FUNCTION') mentioned order by all",
                        DSL.val(text)),
                row -> new Mentioned(row.getString(1), row.getString(2), row.getString(3)));
    }

    private List<Found> views(Mentioned mentioned) {
        return session.list(
                DSL.resultQuery(
                        "select schema_name || '.' || view_name, sql from duckdb_views() where not internal"
                                + " and lower(view_name) = lower({0}) and {1} order by 1",
                        DSL.val(mentioned.name()), where(mentioned)),
                row -> new Found("view", row.getString(1), row.getString(2), queryOf(row.getString(2))));
    }

    private List<Found> macros(Mentioned mentioned) {
        return session.list(
                DSL.resultQuery(
                        "select schema_name || '.' || function_name, string_agg(concat_ws(' ', parameters,"
                                + " macro_definition), ' ; ' order by macro_definition), string_agg(case function_type"
                                + " when 'macro' then 'select (' || macro_definition || ')' else macro_definition end,"
                                + " ' ; ' order by macro_definition) from duckdb_functions()"
                                + " where function_type in ('macro', 'table_macro') and not internal"
                                + " and lower(function_name) = lower({0}) and {1} group by all order by 1",
                        DSL.val(mentioned.name()), where(mentioned)),
                row -> new Found("macro", row.getString(1), row.getString(2), row.getString(3)));
    }

    /** One name before a dot may be a schema's or a database's. */
    private static org.jooq.Condition where(Mentioned mentioned) {
        return mentioned.schema().isEmpty()
                ? DSL.condition("list_contains(current_schemas(true), schema_name)")
                : DSL.condition(
                        "lower({0}) in (lower(schema_name), lower(database_name))", DSL.val(mentioned.schema()));
    }

    private static String queryOf(String createView) {
        Matcher view = VIEW.matcher(createView.strip().replaceFirst(";$", ""));
        return view.matches() ? view.group(1) : "";
    }
}
