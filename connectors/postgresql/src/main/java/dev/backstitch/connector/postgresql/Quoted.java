package dev.backstitch.connector.postgresql;

import dev.backstitch.spi.ResolvedTable;
import java.util.Collection;
import java.util.stream.Collectors;

/** Exact names and texts, as they stand in a statement. */
final class Quoted {
    private Quoted() {}

    static String name(String exact) {
        return '"' + exact.replace("\"", "\"\"") + '"';
    }

    static String table(ResolvedTable table) {
        return name(table.schema()) + "." + name(table.table());
    }

    static String names(Collection<String> exact) {
        return exact.stream().map(Quoted::name).collect(Collectors.joining(", "));
    }

    /** A text, for statements that take no binds. It is right whatever {@code standard_conforming_strings} says. */
    static String text(String value) {
        String doubled = value.replace("'", "''");
        return value.contains("\\") ? "E'" + doubled.replace("\\", "\\\\") + "'" : "'" + doubled + "'";
    }
}
