package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * The watch of a published backfill, as it is stored.
 *
 * @param nextAt when it is looked at next, by the engine's clock
 * @param until when it ends by itself
 * @param looks how often it was looked at
 * @param breaches at how many of these something did not hold
 * @param last what the last look found: empty when all held, and why it ended once it has
 */
public record WatchRecord(
        String run, String backfill, State state, Instant nextAt, Instant until, int looks, int breaches, String last) {
    public WatchRecord {
        requireNonNull(run, "run");
        requireNonNull(backfill, "backfill");
        requireNonNull(state, "state");
        requireNonNull(nextAt, "nextAt");
        requireNonNull(until, "until");
        requireNonNull(last, "last");
    }

    /** Whether it goes on. */
    public enum State {
        WATCHING,
        ENDED
    }
}
