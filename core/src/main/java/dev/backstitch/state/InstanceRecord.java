package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;

/**
 * A task instance as it is stored.
 *
 * @param claimedBy the engine that claimed it last, or empty
 * @param attempt attempts begun
 * @param notBefore when it may be tried again; the epoch's start when at once
 * @param error what the last attempt failed with, or empty
 * @param startedAt when its last attempt began, by the engine's clock
 * @param endedAt when it ended, by the engine's clock
 */
public record InstanceRecord(
        InstanceKey key,
        String partition,
        InstanceState state,
        String claimedBy,
        int attempt,
        Instant notBefore,
        String error,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt) {
    public InstanceRecord {
        requireNonNull(key, "key");
        requireNonNull(partition, "partition");
        requireNonNull(state, "state");
        requireNonNull(claimedBy, "claimedBy");
        requireNonNull(notBefore, "notBefore");
        requireNonNull(error, "error");
        requireNonNull(startedAt, "startedAt");
        requireNonNull(endedAt, "endedAt");
    }
}
