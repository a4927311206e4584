package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.util.stream.Stream;

/**
 * A table's exact name, as the catalogue spells it.
 *
 * @param catalog the database that holds it; empty where the connector knows only one
 * @param schema its schema
 * @param table its own name
 */
public record ResolvedTable(String catalog, String schema, String table) {
    public ResolvedTable {
        requireNonNull(catalog, "catalog");
        requireNonNull(schema, "schema");
        requireNonNull(table, "table");
    }

    /** Another table beside this one. */
    public ResolvedTable sibling(String name) {
        return new ResolvedTable(catalog, schema, name);
    }

    /** Its parts, outermost first, without an empty catalog. */
    public Stream<String> parts() {
        return Stream.of(catalog, schema, table).filter(part -> !part.isEmpty());
    }

    /** {@code schema.table}, for people. */
    @Override
    public String toString() {
        return schema + "." + table;
    }
}
