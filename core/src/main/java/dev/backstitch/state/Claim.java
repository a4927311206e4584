package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The right to run one task instance once.
 *
 * @param key which one
 * @param partition its partition's id; empty for a task that runs once
 * @param attempt which attempt this is, from 1
 * @param epoch under which it was claimed
 * @param engine who claimed it
 * @param gates what it passed; the places that it took are given back with the claim
 */
public record Claim(InstanceKey key, String partition, int attempt, long epoch, String engine, List<Gate> gates) {
    public Claim {
        requireNonNull(key, "key");
        requireNonNull(partition, "partition");
        requireNonNull(engine, "engine");
        gates = List.copyOf(gates);
    }

    /** A claim that passed no gate. */
    public Claim(InstanceKey key, String partition, int attempt, long epoch, String engine) {
        this(key, partition, attempt, epoch, engine, List.of());
    }
}
