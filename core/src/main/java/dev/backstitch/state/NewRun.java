package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;

/**
 * A run to be stored.
 *
 * @param id its id
 * @param dag the dag's name
 * @param actor who started it
 * @param plan the frozen plan
 * @param planSha its SHA-256, in hexadecimal
 * @param owner who acts for it
 * @param lease for how long, unless renewed
 * @param createdAt by the engine's clock
 */
public record NewRun(
        String id,
        String dag,
        String actor,
        String plan,
        String planSha,
        Owner owner,
        Duration lease,
        Instant createdAt) {
    public NewRun {
        requireNonNull(id, "id");
        requireNonNull(dag, "dag");
        requireNonNull(actor, "actor");
        requireNonNull(plan, "plan");
        requireNonNull(planSha, "planSha");
        requireNonNull(owner, "owner");
        requireNonNull(lease, "lease");
        requireNonNull(createdAt, "createdAt");
    }
}
