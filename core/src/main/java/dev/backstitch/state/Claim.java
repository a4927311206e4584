package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

/**
 * The right to run one task instance once.
 *
 * @param key which one
 * @param partition its partition's id; empty for a task that runs once
 * @param attempt which attempt this is, from 1
 * @param epoch under which it was claimed
 * @param engine who claimed it
 */
public record Claim(InstanceKey key, String partition, int attempt, long epoch, String engine) {
    public Claim {
        requireNonNull(key, "key");
        requireNonNull(partition, "partition");
        requireNonNull(engine, "engine");
    }
}
