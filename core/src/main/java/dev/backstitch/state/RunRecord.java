package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * A run as it is stored.
 *
 * @param epoch the fencing number under which its owner acts
 * @param failure what went wrong, or empty
 * @param owner who acts for it, or acted last
 * @param leasedUntil until when, by the database's clock
 * @param lease whether that has passed
 * @param endedAt when it left {@code RUNNING}, by the engine's clock
 */
public record RunRecord(
        String id,
        String dag,
        String actor,
        String planSha,
        RunState state,
        long epoch,
        String failure,
        Owner owner,
        Instant leasedUntil,
        LeaseStatus lease,
        Instant createdAt,
        Optional<Instant> endedAt) {
    public RunRecord {
        requireNonNull(id, "id");
        requireNonNull(dag, "dag");
        requireNonNull(state, "state");
        requireNonNull(owner, "owner");
        requireNonNull(lease, "lease");
        requireNonNull(endedAt, "endedAt");
    }

    /** What a lease says at the moment of reading, by the database's clock. */
    public enum LeaseStatus {
        HELD,
        EXPIRED
    }
}
