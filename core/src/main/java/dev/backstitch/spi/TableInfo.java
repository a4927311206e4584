package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.util.Collection;
import java.util.List;

/**
 * A table as the catalogue shows it at one moment.
 *
 * @param name its exact name
 * @param identity what stays the same when it is renamed and differs for another table of that name, such as an oid
 * @param kind what it is
 * @param columns its columns, in order
 * @param uniqueKeys column sets that the database itself keeps unique
 * @param estimatedRows the catalogue's estimate; 0 where it has none
 * @param structure a fingerprint of columns, types, nullability, defaults and constraints; it changes when one of them does
 */
public record TableInfo(
        ResolvedTable name,
        String identity,
        Kind kind,
        List<Column> columns,
        List<List<String>> uniqueKeys,
        long estimatedRows,
        String structure) {
    public TableInfo {
        requireNonNull(name, "name");
        requireNonNull(identity, "identity");
        requireNonNull(kind, "kind");
        columns = List.copyOf(columns);
        uniqueKeys = uniqueKeys.stream().map(List::copyOf).toList();
        requireNonNull(structure, "structure");
    }

    /** Whether the database itself sees to it that no two rows have equal values in these columns. */
    public boolean keepsUnique(Collection<String> some) {
        return uniqueKeys.stream().anyMatch(unique -> !unique.isEmpty() && some.containsAll(unique));
    }

    /** What a name in the catalogue stands for. */
    public enum Kind {
        TABLE,
        VIEW,
        /** A partitioned, foreign or temporary table, or whatever else cannot be a target. */
        OTHER
    }
}
