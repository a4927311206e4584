package dev.backstitch.spi;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.util.List;
import java.util.Set;

/** Publish and rollback: all or nothing, each once. */
public interface Publishes {
    /**
     * Makes the shadows live under the lock or fence that keeps writers out. Before anything is visible it proves of each
     * order: the head is the caller's and {@code AUDITED}; every partition of the order is {@code AUDITED}; the target is
     * the planned one, with the planned structure and dependents, and nobody's archive; a view that is repointed shows it
     * as it was planned; it has not been written since the baseline, where the
     * publish overwrites it; the shadow has not changed since its seal. Then head and entries become {@code PUBLISHED},
     * the archives are recorded, and all of it commits at once: readers see every target as it was, or every one as it is
     * published.
     *
     * @param orders of one run and epoch, with different targets; at least one
     * @return what was overwritten, as {@link Ledger#archives} tells it from now on, in the order of the orders
     * @throws dev.backstitch.error.BackstitchException with {@code LOCK_NOT_GRANTED} when a lock did not come in its
     *     short time (the caller tries again), {@code DRIFT}, {@code SHADOW_CHANGED}, {@code LEDGER_INCOMPLETE}, {@code
     *     TARGET_CHANGED}, {@code FENCED}, each of which leaves every target as it was; {@code CONNECTION_LOST} when the
     *     outcome is unknown: {@link Ledger#head} of any of the targets tells
     */
    List<Archive> publish(List<WorkOrder> orders, Interrupt interrupt);

    /** As {@link #publish(List, Interrupt)}, of one target. */
    default Archive publish(WorkOrder order, Interrupt interrupt) {
        return publish(List.of(order), interrupt).get(0);
    }

    /**
     * Brings the archives back, in one transaction of the same kind, and withdraws the watermarks.
     *
     * @param undos of one run, with different targets; at least one
     * @return what was done, in the order of the undos
     * @throws dev.backstitch.error.BackstitchException with {@code WRITTEN_SINCE_PUBLISH} and the number of writes, {@code
     *     NOT_PUBLISHED} when a head isn't this run's publish, {@code ARCHIVE_GONE}, each of which leaves every target as
     *     it was
     */
    List<RolledBack> rollback(List<Undo> undos, Interrupt interrupt);

    /** As {@link #rollback(List, Interrupt)}, of one target. */
    default RolledBack rollback(WorkOrder order, long accepted, Interrupt interrupt) {
        return rollback(List.of(new Undo(order, accepted)), interrupt).get(0);
    }

    /**
     * Makes some partitions of what is live what they were before the publish, in one transaction, by the archive: keys whose
     * rows are the same are not written. Their watermarks are withdrawn; a partition that was restored before is left as it
     * is. What is accepted of the undo are the writes to these partitions since the publish.
     *
     * @param partitions the ids of some partitions of the order's
     * @throws dev.backstitch.error.BackstitchException as {@link #rollback(List, Interrupt)}; with {@code
     *     KEY_IN_TWO_PARTITIONS} when another partition has one of their keys now, {@code UNSUPPORTED} where DDL commits
     */
    default Restored restore(Undo undo, Set<String> partitions, Interrupt interrupt) {
        throw new BackstitchException(
                ErrorCode.UNSUPPORTED,
                "restore of " + partitions
                        + " refused: this connector takes back whole publishes only. Nothing was written.");
    }

    /**
     * Drops the archive of an order when its retention is over by the database's clock, and no pinned view shows it, so that its publish
     * can't be taken back any more. Only a table with the archive's identity and marker, and never what hangs on it.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code ARCHIVE_GONE} when another table has its name, which is
     *     left as it is
     */
    Purged purge(WorkOrder order, Interrupt interrupt);

    /** What became of an archive that was to be dropped. */
    enum Purged {
        DROPPED,
        /** Somebody had dropped it by hand; the ledger knows now. */
        WAS_GONE,
        /** It is kept for longer. */
        NOT_EXPIRED,
        /** A pinned view shows it still. */
        PINNED,
        /** The order's publish keeps none. */
        NONE
    }

    /**
     * What a restore did.
     *
     * @param rowsRestored rows that came back, none of which was there as it is
     * @param rowsRemoved rows that they took the place of
     * @param writesLost writes made since the publish that were given up
     */
    record Restored(long rowsRestored, long rowsRemoved, long writesLost) {}

    /**
     * A publish to take back.
     *
     * @param order whose
     * @param accepted how many writes made since the publish may be lost; any other number than the real one is refused
     */
    record Undo(WorkOrder order, long accepted) {}

    /**
     * What a rollback did.
     *
     * @param rowsRestored rows that came back
     * @param writesLost writes made since the publish that were given up
     */
    record RolledBack(long rowsRestored, long writesLost) {}
}
