package dev.backstitch.spec;

import java.util.List;

/**
 * The columns that a merge sets by itself.
 *
 * @param stamps at least one, each of another column
 */
public record Stamping(List<Stamp> stamps) {
    public Stamping {
        stamps = List.copyOf(stamps);
    }

    /** The columns' names. */
    public List<String> columns() {
        return stamps.stream().map(Stamp::column).toList();
    }
}
