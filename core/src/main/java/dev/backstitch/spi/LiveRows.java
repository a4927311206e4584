package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

/**
 * How many rows the target has in a partition today.
 *
 * @param count the number
 * @param basis where it comes from
 */
public record LiveRows(long count, Basis basis) {
    public LiveRows {
        requireNonNull(basis, "basis");
    }

    /** What a number of rows rests on. */
    public enum Basis {
        /** The rows were counted. */
        COUNTED,
        /** The database estimates it from its statistics; it may be far off. */
        ESTIMATED
    }
}
