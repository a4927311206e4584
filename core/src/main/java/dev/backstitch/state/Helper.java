package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

/**
 * An engine that works on a run beside its owner, or did.
 *
 * @param engine its id
 * @param lease whether its lease holds; expired also for one that isn't a helper any more and has left work behind
 * @param running how many instances are {@code RUNNING} by its claim
 */
public record Helper(String engine, RunRecord.LeaseStatus lease, int running) {
    public Helper {
        requireNonNull(engine, "engine");
        requireNonNull(lease, "lease");
    }

    /** Whether its lease holds. */
    public boolean isAlive() {
        return lease == RunRecord.LeaseStatus.HELD;
    }
}
