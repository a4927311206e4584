package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Rows, groups or keys that an audit objects to.
 *
 * @param columns what their values are
 * @param rows the first of them; a null is the text {@code null}
 * @param sql the query that finds all of them, to be run by hand while the shadow is there; empty where there is none
 */
public record Offenders(List<String> columns, List<List<String>> rows, String sql) {
    /** None. */
    public static final Offenders NONE = new Offenders(List.of(), List.of(), "");

    public Offenders {
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        requireNonNull(sql, "sql");
    }
}
