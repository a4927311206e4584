package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

/**
 * A column of a table or of a query.
 *
 * @param name its exact name
 * @param type its type in the database's own words
 * @param family what kind of type that is
 * @param nullability whether it takes nulls
 * @param origin where its values come from when they are not written
 */
public record Column(String name, String type, Family family, Nullability nullability, Origin origin) {
    public Column {
        requireNonNull(name, "name");
        requireNonNull(type, "type");
        requireNonNull(family, "family");
        requireNonNull(nullability, "nullability");
        requireNonNull(origin, "origin");
    }

    /** The kinds of type that the engine tells apart. */
    public enum Family {
        DATE,
        /** A timestamp without a zone. */
        LOCAL_TIMESTAMP,
        /** A timestamp that denotes an instant. */
        INSTANT,
        NUMBER,
        TEXT,
        OTHER
    }

    /** Whether a column takes nulls. */
    public enum Nullability {
        NULLABLE,
        NOT_NULL
    }

    /** Where a column's values come from. */
    public enum Origin {
        /** They are written. */
        WRITTEN,
        /** The database computes them; they cannot be written. */
        GENERATED
    }
}
