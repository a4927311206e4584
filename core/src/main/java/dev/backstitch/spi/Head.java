package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * The head row of a target: the run that acts for it, or acted last.
 *
 * @param run its id
 * @param epoch the fencing number under which it may act
 * @param state how far it is
 * @param actor who started it
 * @param since when the state was reached, by the database's clock
 */
public record Head(String run, long epoch, State state, String actor, Instant since) {
    public Head {
        requireNonNull(run, "run");
        requireNonNull(state, "state");
        requireNonNull(actor, "actor");
        requireNonNull(since, "since");
    }

    /** How far a run is, for one target. */
    public enum State {
        /** Claimed; the shadow may or may not exist. */
        BUILDING,
        /** The audits passed and the shadow is sealed. */
        AUDITED,
        PUBLISHED,
        ROLLED_BACK,
        /** Given up before it published. */
        ABANDONED;

        /** Whether another run has to wait. */
        public boolean isActive() {
            return this == BUILDING || this == AUDITED;
        }
    }
}
