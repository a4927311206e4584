package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What the ledger keeps of a run as a whole.
 *
 * @param run its id
 * @param dag the dag's name
 * @param actor who started it
 * @param plan its frozen plan, as the state store has it
 * @param createdAt when it was started, by its engine's clock
 */
public record KeptRun(String run, String dag, String actor, String plan, Instant createdAt) {
    public KeptRun {
        requireNonNull(run, "run");
        requireNonNull(dag, "dag");
        requireNonNull(actor, "actor");
        requireNonNull(plan, "plan");
        requireNonNull(createdAt, "createdAt");
    }
}
