package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How the shadow becomes live.
 *
 * @param <C> what the shadow must cover at least
 */
public sealed interface Publish<C extends Coverage> {
    /** How long the archive is kept for a rollback, by the database's clock. */
    Duration retention();

    /** Whether a person has to approve it after the audits. */
    Approval approval();

    /** The same, which waits after the audits until a person approves it. */
    Publish<C> afterApproval();

    /** Whether a person has to approve a publish. */
    enum Approval {
        NOT_NEEDED,
        NEEDED
    }

    /** The scope's rows of the target are archived and replaced in one transaction; the table itself stays. */
    record ReplacePartitions(Duration retention, Approval approval) implements Publish<Coverage> {
        public ReplacePartitions {
            requirePositive(retention);
            requireNonNull(approval, "approval");
        }

        /** Without a word of a person. */
        public ReplacePartitions(Duration retention) {
            this(retention, Approval.NOT_NEEDED);
        }

        @Override
        public ReplacePartitions afterApproval() {
            return new ReplacePartitions(retention, Approval.NEEDED);
        }
    }

    /** The shadow takes the target's name, and the target becomes the archive, in one step. */
    record SwapTable(Duration retention, Approval approval) implements Publish<Coverage.WholeTable> {
        public SwapTable {
            requirePositive(retention);
            requireNonNull(approval, "approval");
        }

        /** Without a word of a person. */
        public SwapTable(Duration retention) {
            this(retention, Approval.NOT_NEEDED);
        }

        @Override
        public SwapTable afterApproval() {
            return new SwapTable(retention, Approval.NEEDED);
        }
    }

    private static void requirePositive(Duration retention) {
        if (retention.isNegative() || retention.isZero()) {
            throw new IllegalArgumentException("an archive is kept for a positive time: " + retention);
        }
    }
}
