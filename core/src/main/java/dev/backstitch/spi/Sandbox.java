package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A schema in which a backfill is rehearsed.
 *
 * @param catalog the database that holds it; empty where the connector knows only one
 * @param schema its name, as the catalogue has it
 * @param dag whose rehearsal it is for
 * @param actor who rehearses
 * @param createdAt by the database's clock
 * @param expiresAt by the same clock
 * @param isExpired whether that time has come by the same clock
 */
public record Sandbox(
        String catalog,
        String schema,
        String dag,
        String actor,
        Instant createdAt,
        Instant expiresAt,
        boolean isExpired) {
    /** How the names of the schemas begin. */
    public static final String PREFIX = "backstitch_rehearsal_";

    public Sandbox {
        requireNonNull(catalog, "catalog");
        requireNonNull(schema, "schema");
        requireNonNull(dag, "dag");
        requireNonNull(actor, "actor");
        requireNonNull(createdAt, "createdAt");
        requireNonNull(expiresAt, "expiresAt");
        if (!schema.startsWith(PREFIX)) {
            throw new IllegalArgumentException("not a sandbox of ours: " + schema);
        }
    }

    /** A table or view of this name in it. */
    public ResolvedTable table(String name) {
        return new ResolvedTable(catalog, schema, name);
    }
}
