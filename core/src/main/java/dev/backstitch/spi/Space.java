package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * How much space a table takes, and how much is left beside it.
 *
 * @param table the table's bytes with its indexes, where the database tells
 * @param free the bytes that are free for more, where the database or its file system tells
 */
public record Space(Optional<Long> table, Optional<Long> free) {
    public Space {
        requireNonNull(table, "table");
        requireNonNull(free, "free");
    }
}
