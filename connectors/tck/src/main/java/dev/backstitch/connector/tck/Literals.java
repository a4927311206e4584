package dev.backstitch.connector.tck;

import dev.backstitch.spec.Slice;
import java.time.Instant;

/** Slices as SQL with literals, written apart from what connectors make of them. */
final class Literals {
    private Literals() {}

    static String condition(Slice slice) {
        if (slice instanceof Slice.Value value) {
            String text = "'" + value.value().replace("'", "''") + "'";
            String column = value.column();
            return column.equals("region")
                    ? column + " = " + text
                    : column + " = cast(" + text + " as " + type(column) + ")";
        }
        Slice.Range range = (Slice.Range) slice;
        String column = range.column();
        return column + " >= " + literal(range.from(), column) + " and " + column + " < " + literal(range.to(), column);
    }

    private static String type(String column) {
        return switch (column) {
            case "store" -> "integer";
            case "amount" -> "decimal(10, 2)";
            default -> "boolean";
        };
    }

    private static String literal(Comparable<?> value, String column) {
        if (value instanceof Long number) {
            return number.toString();
        }
        if (value instanceof Instant instant) {
            String text = instant.toString().replace("T", " ").replace("Z", "");
            return column.endsWith("_tz") ? "timestamp with time zone '" + text + "+00'" : "timestamp '" + text + "'";
        }
        return column.equals("day")
                ? "date '" + value + "'"
                : "timestamp '" + value.toString().replace("T", " ") + "'";
    }
}
