package dev.backstitch.audit;

import static java.util.Objects.requireNonNull;

/**
 * What an audit or an invariant found.
 *
 * @param name the audit's name, or the invariant's in words
 * @param kind what a failure does
 * @param outcome whether it passed
 * @param expected the condition
 * @param observed the measured value
 */
public record Verdict(String name, Kind kind, Outcome outcome, String expected, String observed) {
    public Verdict {
        requireNonNull(name, "name");
        requireNonNull(kind, "kind");
        requireNonNull(outcome, "outcome");
        requireNonNull(expected, "expected");
        requireNonNull(observed, "observed");
    }

    /** Where a verdict comes from, and what its failure does. */
    public enum Kind {
        /** The engine's own condition; it always blocks. */
        INVARIANT,
        /** Declared, and it blocks. */
        BLOCKING,
        /** Declared, and it only warns. */
        WARNING
    }

    /** Whether a check passed. */
    public enum Outcome {
        PASSED,
        FAILED
    }

    /** Whether the publish must not happen. */
    public boolean blocks() {
        return outcome == Outcome.FAILED && kind != Kind.WARNING;
    }

    @Override
    public String toString() {
        return name + ": expected " + expected + ", observed " + observed;
    }
}
