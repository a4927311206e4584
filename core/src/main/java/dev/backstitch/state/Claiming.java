package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;

/** What came of asking for an instance. */
public sealed interface Claiming {
    /** The claim, if it was given. */
    default Optional<Claim> claim() {
        return Optional.empty();
    }

    /** It is the caller's. */
    record Granted(Claim given) implements Claiming {
        public Granted {
            requireNonNull(given, "given");
        }

        @Override
        public Optional<Claim> claim() {
            return Optional.of(given);
        }
    }

    /** It isn't ready any more, or not yet, or its run isn't running under this epoch. */
    record NotReady() implements Claiming {}

    /**
     * A gate doesn't let it pass now.
     *
     * @param gate which one
     * @param after how long until it may; nothing when that depends on others, whose turn comes first
     */
    record Held(Gate gate, Optional<Duration> after) implements Claiming {
        public Held {
            requireNonNull(gate, "gate");
            requireNonNull(after, "after");
        }
    }
}
