package dev.backstitch.assertj;

import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Family;
import dev.backstitch.spi.Column.Nullability;
import dev.backstitch.spi.Column.Origin;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** What tables and queries of a {@link FakeCatalog} say of their columns. */
final class FakeColumns {
    private FakeColumns() {}

    static Column column(String name, String type, Nullability nullability, Origin origin) {
        return new Column(name, type, family(type), nullability, origin);
    }

    static <T> List<T> append(List<T> before, T last) {
        return Stream.concat(before.stream(), Stream.of(last)).toList();
    }

    static List<String> append(String first, String... more) {
        return Stream.concat(Stream.of(first), Stream.of(more)).toList();
    }

    /** @throws IllegalArgumentException when two columns differ in nothing but case */
    static void requireOnce(String of, List<Column> columns) {
        Set<String> seen = new HashSet<>();
        for (Column column : columns) {
            if (!seen.add(column.name().toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("column " + column.name() + " of " + of + " is declared twice");
            }
        }
    }

    /** By the names that PostgreSQL, DuckDB and the SQL standard have for types; an unknown one is {@code OTHER}. */
    private static Family family(String type) {
        if (type.strip().endsWith("]")) {
            return Family.OTHER;
        }
        String word = type.toLowerCase(Locale.ROOT)
                .replaceAll("\\([^)]*\\)", " ")
                .strip()
                .replaceAll("\\s+", " ");
        return switch (word) {
            case "date" -> Family.DATE;
            case "timestamp",
                    "timestamp without time zone",
                    "datetime",
                    "timestamp_s",
                    "timestamp_ms",
                    "timestamp_ns" -> Family.LOCAL_TIMESTAMP;
            case "timestamptz", "timestamp with time zone" -> Family.INSTANT;
            case "tinyint",
                    "smallint",
                    "int",
                    "integer",
                    "bigint",
                    "hugeint",
                    "utinyint",
                    "usmallint",
                    "uinteger",
                    "ubigint",
                    "uhugeint",
                    "int2",
                    "int4",
                    "int8",
                    "real",
                    "float",
                    "float4",
                    "float8",
                    "double",
                    "double precision",
                    "decimal",
                    "numeric" -> Family.NUMBER;
            case "varchar", "character varying", "char", "character", "text", "string" -> Family.TEXT;
            default -> Family.OTHER;
        };
    }
}
