package dev.backstitch.audit;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spi.Measure;
import java.util.List;
import java.util.Optional;

/**
 * What an audit or an invariant found.
 *
 * @param name the audit's name, or the invariant's in words
 * @param kind what a failure does
 * @param outcome whether it passed
 * @param expected the condition
 * @param observed the measured value
 * @param partitions of an audit that looks at each partition, those that failed, in their order
 * @param offending the measure whose rows, groups or keys made it fail, where there is one
 */
public record Verdict(
        String name,
        Kind kind,
        Outcome outcome,
        String expected,
        String observed,
        List<OfPartition> partitions,
        Optional<Measure> offending) {
    public Verdict {
        requireNonNull(name, "name");
        requireNonNull(kind, "kind");
        requireNonNull(outcome, "outcome");
        requireNonNull(expected, "expected");
        requireNonNull(observed, "observed");
        partitions = List.copyOf(partitions);
        requireNonNull(offending, "offending");
    }

    /** A verdict without more to show. */
    public Verdict(String name, Kind kind, Outcome outcome, String expected, String observed) {
        this(name, kind, outcome, expected, observed, List.of(), Optional.empty());
    }

    /**
     * What failed in one partition.
     *
     * @param partition its id
     */
    public record OfPartition(String partition, String expected, String observed) {
        public OfPartition {
            requireNonNull(partition, "partition");
            requireNonNull(expected, "expected");
            requireNonNull(observed, "observed");
        }

        @Override
        public String toString() {
            return partition + " (expected " + expected + ", observed " + observed + ")";
        }
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
        FAILED,
        /** It failed, and a person has accepted what it found. */
        ACCEPTED
    }

    /** Whether the publish must not happen. */
    public boolean blocks() {
        return outcome == Outcome.FAILED && kind != Kind.WARNING;
    }

    /** The same verdict, which a person has accepted. */
    public Verdict accepted() {
        return new Verdict(name, kind, Outcome.ACCEPTED, expected, observed, partitions, offending);
    }

    @Override
    public String toString() {
        return name + ": expected " + expected + ", observed " + observed;
    }
}
