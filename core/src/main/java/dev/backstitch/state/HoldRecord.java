package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What a run holds downstream, as it is stored.
 *
 * @param hold its name
 * @param note what has to be known to release it
 * @param since when the run wanted it, by the engine's clock
 */
public record HoldRecord(String run, String hold, State state, String note, Instant since) {
    public HoldRecord {
        requireNonNull(run, "run");
        requireNonNull(hold, "hold");
        requireNonNull(state, "state");
        requireNonNull(note, "note");
        requireNonNull(since, "since");
    }

    /** How far it is. */
    public enum State {
        /** It was at rest before, by somebody else, and is left so. */
        FOUND,
        /** It is about to be held, or is: its process may have ended in between. */
        WANTED,
        /** It is held. */
        HELD,
        /** It is about to be released, or is. */
        RELEASING
    }

    /** Whether the run needs it at rest, and would have to release it. */
    boolean isWanted() {
        return state == State.WANTED || state == State.HELD;
    }
}
