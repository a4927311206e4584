package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * The ledger's row for one partition of one run.
 *
 * @param run the run
 * @param partition the partition's id
 * @param state how far it is
 * @param epoch the fencing number under which it may be written
 * @param logic the fingerprint of what its merge computed
 * @param rows the merge's counts; all zero before it
 * @param since when the state was reached, by the database's clock
 */
public record Entry(
        String run, String partition, State state, long epoch, String logic, MergeCounts rows, Instant since) {
    public Entry {
        requireNonNull(run, "run");
        requireNonNull(partition, "partition");
        requireNonNull(state, "state");
        requireNonNull(logic, "logic");
        requireNonNull(rows, "rows");
        requireNonNull(since, "since");
    }

    /** How far a partition is. */
    public enum State {
        CLAIMED,
        MERGED,
        AUDITED,
        PUBLISHED,
        ROLLED_BACK
    }
}
