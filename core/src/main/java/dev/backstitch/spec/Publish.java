package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the shadow becomes live.
 *
 * @param <C> what the shadow must cover at least
 */
public sealed interface Publish<C extends Coverage> {
    /** How long the archive is kept for a rollback, by the database's clock. */
    Duration retention();

    /** Whether all of the target's rows are overwritten, and not only those of the scope. */
    boolean overwritesWholeTable();

    /** Whether a person has to approve it after the audits. */
    Approval approval();

    /** The same, which waits after the audits until a person approves it. */
    Publish<C> afterApproval();

    /** What becomes of rows that somebody writes to the target while the backfill runs. */
    LateWrites lateWrites();

    /**
     * The same, with another answer to late writes.
     *
     * @param answer {@link LateWrites#REFUSE} unless said otherwise
     */
    Publish<C> lateWrites(LateWrites answer);

    /** How the table that it adds beside the target is called; nothing for a name of Backstitch's own. */
    Optional<String> name();

    /**
     * The same, which calls the table that it adds beside the target so: the archive, or behind a view the new version. A
     * publish under the same name has to wait until the former one's table is gone.
     *
     * @param table a name without a schema, exactly as the catalogue is to have it; at most 63 bytes
     */
    Publish<C> named(String table);

    /**
     * What a publish does about rows of the target that were written since its shadow was seeded, where it would overwrite
     * them.
     */
    enum LateWrites {
        /** It refuses: the writes stay, the run is started again. */
        REFUSE,
        /**
         * It brings them in: their partitions are seeded again from the live rows and merged again, which overwrites what
         * the merge is declared to write and nothing else; rows outside the scope are copied. Once with the audits, and a
         * last time while writers are kept out.
         */
        CATCH_UP
    }

    /** Whether a person has to approve a publish. */
    enum Approval {
        NOT_NEEDED,
        NEEDED
    }

    /** The scope's rows of the target are archived and replaced in one transaction; the table itself stays. */
    record ReplacePartitions(Duration retention, Approval approval, LateWrites lateWrites, Optional<String> name)
            implements Publish<Coverage> {
        public ReplacePartitions {
            requirePositive(retention);
            requireNonNull(approval, "approval");
            requireNonNull(lateWrites, "lateWrites");
            requireNonNull(name, "name");
        }

        /** Without a word of a person, and not over late writes. */
        public ReplacePartitions(Duration retention) {
            this(retention, Approval.NOT_NEEDED, LateWrites.REFUSE, Optional.empty());
        }

        @Override
        public boolean overwritesWholeTable() {
            return false;
        }

        @Override
        public ReplacePartitions afterApproval() {
            return new ReplacePartitions(retention, Approval.NEEDED, lateWrites, name);
        }

        @Override
        public ReplacePartitions lateWrites(LateWrites answer) {
            return new ReplacePartitions(retention, approval, answer, name);
        }

        @Override
        public ReplacePartitions named(String table) {
            return new ReplacePartitions(retention, approval, lateWrites, Optional.of(table));
        }
    }

    /** The shadow takes the target's name, and the target becomes the archive, in one step. */
    record SwapTable(Duration retention, Approval approval, LateWrites lateWrites, Optional<String> name)
            implements Publish<Coverage.WholeTable> {
        public SwapTable {
            requirePositive(retention);
            requireNonNull(approval, "approval");
            requireNonNull(lateWrites, "lateWrites");
            requireNonNull(name, "name");
        }

        /** Without a word of a person, and not over late writes. */
        public SwapTable(Duration retention) {
            this(retention, Approval.NOT_NEEDED, LateWrites.REFUSE, Optional.empty());
        }

        @Override
        public boolean overwritesWholeTable() {
            return true;
        }

        @Override
        public SwapTable afterApproval() {
            return new SwapTable(retention, Approval.NEEDED, lateWrites, name);
        }

        @Override
        public SwapTable lateWrites(LateWrites answer) {
            return new SwapTable(retention, approval, answer, name);
        }

        @Override
        public SwapTable named(String table) {
            return new SwapTable(retention, approval, lateWrites, Optional.of(table));
        }
    }

    /**
     * The shadow becomes a table of its own beside the target, and a view that shows the target shows that one from then
     * on. The target stays as it is, under its own name, and is the archive.
     *
     * @param view the view's name, as a developer wrote it
     * @param pinned views of the target that stay with it through the publish, until somebody unpins them; nothing for none
     */
    record RepointView(
            TableName view,
            Duration retention,
            Approval approval,
            LateWrites lateWrites,
            Optional<String> name,
            Optional<List<TableName>> pinned)
            implements Publish<Coverage.WholeTable> {
        public RepointView {
            requireNonNull(view, "view");
            requirePositive(retention);
            requireNonNull(approval, "approval");
            requireNonNull(lateWrites, "lateWrites");
            requireNonNull(name, "name");
            pinned = pinned.map(List::copyOf).filter(views -> !views.isEmpty());
        }

        /** Without a word of a person, not over late writes, and of no pinned view. */
        public RepointView(TableName view, Duration retention) {
            this(view, retention, Approval.NOT_NEEDED, LateWrites.REFUSE, Optional.empty(), Optional.empty());
        }

        @Override
        public boolean overwritesWholeTable() {
            return true;
        }

        @Override
        public RepointView afterApproval() {
            return new RepointView(view, retention, Approval.NEEDED, lateWrites, name, pinned);
        }

        @Override
        public RepointView lateWrites(LateWrites answer) {
            return new RepointView(view, retention, approval, answer, name, pinned);
        }

        @Override
        public RepointView named(String table) {
            return new RepointView(view, retention, approval, lateWrites, Optional.of(table), pinned);
        }

        /** The same, through whose publish these views of the target stay with it. */
        public RepointView pinning(List<TableName> views) {
            return new RepointView(view, retention, approval, lateWrites, name, Optional.of(views));
        }
    }

    private static void requirePositive(Duration retention) {
        if (retention.isNegative() || retention.isZero()) {
            throw new IllegalArgumentException("an archive is kept for a positive time: " + retention);
        }
    }
}
