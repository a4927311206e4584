package dev.backstitch.spec;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The name of a table as a developer wrote it: one to three parts, outermost first. The database's own rules decide at
 * plan time which object it means; from then on the exact name is used, quoted.
 *
 * @param parts catalog, schema, table; the leading ones may be missing
 */
public record TableName(List<String> parts) {
    public TableName {
        parts = List.copyOf(parts);
        if (parts.isEmpty() || parts.size() > 3 || parts.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("a table's name has one to three parts, none of them blank: " + parts);
        }
    }

    /** Splits at dots: {@code analytics.flights} has two parts. */
    public static TableName parse(String dotted) {
        return new TableName(List.of(dotted.split("\\.", -1)));
    }

    /** The table's own name, without its schema. */
    public String table() {
        return parts.get(parts.size() - 1);
    }

    @Override
    public String toString() {
        return parts.stream()
                .map(part -> part.matches("\\w+") ? part : '"' + part.replace("\"", "\"\"") + '"')
                .collect(Collectors.joining("."));
    }
}
