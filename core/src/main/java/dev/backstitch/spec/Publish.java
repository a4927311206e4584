package dev.backstitch.spec;

import java.time.Duration;

/**
 * How the shadow becomes live.
 *
 * @param <C> what the shadow must cover at least
 */
public sealed interface Publish<C extends Coverage> {
    /** How long the archive is kept for a rollback, by the database's clock. */
    Duration retention();

    /** The scope's rows of the target are archived and replaced in one transaction; the table itself stays. */
    record ReplacePartitions(Duration retention) implements Publish<Coverage> {
        public ReplacePartitions {
            requirePositive(retention);
        }
    }

    /** The shadow takes the target's name, and the target becomes the archive, in one step. */
    record SwapTable(Duration retention) implements Publish<Coverage.WholeTable> {
        public SwapTable {
            requirePositive(retention);
        }
    }

    private static void requirePositive(Duration retention) {
        if (retention.isNegative() || retention.isZero()) {
            throw new IllegalArgumentException("an archive is kept for a positive time: " + retention);
        }
    }
}
