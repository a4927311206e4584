package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

/**
 * A column that the shadow has and the target lacks. It is nullable and has no default.
 *
 * @param name its name
 * @param type its type in the database's own words, such as {@code varchar(12)}
 */
public record AddedColumn(String name, String type) {
    public AddedColumn {
        requireNonNull(name, "name");
        requireNonNull(type, "type");
    }
}
