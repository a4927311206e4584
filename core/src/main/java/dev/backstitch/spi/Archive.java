package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What a target held before a publish, kept for a rollback.
 *
 * @param table its name
 * @param run the run whose publish made it
 * @param rows rows that the target held in what was overwritten: the archive's
 * @param rowsPublished rows that took their place
 * @param createdAt when, by the database's clock
 * @param expiresAt until when it is kept, by the database's clock
 * @param state whether it is still there
 */
public record Archive(
        ResolvedTable table,
        String run,
        long rows,
        long rowsPublished,
        Instant createdAt,
        Instant expiresAt,
        State state) {
    public Archive {
        requireNonNull(table, "table");
        requireNonNull(run, "run");
        requireNonNull(createdAt, "createdAt");
        requireNonNull(expiresAt, "expiresAt");
        requireNonNull(state, "state");
    }

    /** Whether an archive is still there. */
    public enum State {
        KEPT,
        /** A rollback brought it back. */
        RESTORED,
        DROPPED
    }
}
