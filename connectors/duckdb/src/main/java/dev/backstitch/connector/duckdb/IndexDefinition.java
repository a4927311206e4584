package dev.backstitch.connector.duckdb;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The text of a CREATE INDEX as DuckDB's catalogue keeps it, taken apart at its names. */
final class IndexDefinition {
    private final String sql;
    private int at;

    private IndexDefinition(String sql) {
        this.sql = sql;
    }

    /** What follows the table's name: {@code (v, d)}. */
    static String over(String sql) {
        IndexDefinition definition = new IndexDefinition(sql.strip().replaceAll(";$", ""));
        while (!definition.word().equalsIgnoreCase("on")) {
            if (definition.at >= definition.sql.length()) {
                throw new IllegalStateException("not a definition of an index: " + sql);
            }
        }
        definition.name();
        return definition.sql.substring(definition.at);
    }

    /** The columns of {@code (v, "d x")}, or nothing if there is more than names in it. */
    static Optional<List<String>> plainColumns(String over) {
        IndexDefinition definition = new IndexDefinition(over.strip());
        if (!definition.take('(')) {
            return Optional.empty();
        }
        List<String> columns = new ArrayList<>();
        do {
            String word = definition.word();
            if (word.isEmpty()) {
                return Optional.empty();
            }
            columns.add(unquoted(word));
        } while (definition.take(','));
        return definition.take(')') && definition.at == definition.sql.length()
                ? Optional.of(columns)
                : Optional.empty();
    }

    /** Whether a column's name occurs in a text, in whatever meaning. */
    static boolean mentions(String text, String column) {
        return text.toLowerCase(Locale.ROOT).contains(column.toLowerCase(Locale.ROOT));
    }

    /** The dotted name of a table. */
    private void name() {
        do {
            word();
        } while (take('.'));
    }

    private boolean take(char wanted) {
        skipSpace();
        if (at < sql.length() && sql.charAt(at) == wanted) {
            at++;
            return true;
        }
        return false;
    }

    private void skipSpace() {
        while (at < sql.length() && Character.isWhitespace(sql.charAt(at))) {
            at++;
        }
    }

    /** The next identifier, quoted or not; empty in front of anything else. */
    private String word() {
        skipSpace();
        int from = at;
        if (at < sql.length() && sql.charAt(at) == '"') {
            at++;
            while (at < sql.length() && (sql.charAt(at) != '"' || isDoubled())) {
                at += sql.charAt(at) == '"' ? 2 : 1;
            }
            at++;
        } else {
            while (at < sql.length() && (Character.isLetterOrDigit(sql.charAt(at)) || sql.charAt(at) == '_')) {
                at++;
            }
        }
        return sql.substring(from, at);
    }

    private boolean isDoubled() {
        return at + 1 < sql.length() && sql.charAt(at + 1) == '"';
    }

    private static String unquoted(String word) {
        return word.startsWith("\"") ? word.substring(1, word.length() - 1).replace("\"\"", "\"") : word;
    }
}
