package dev.backstitch.spi;

/** Publish and rollback: all or nothing, each once. */
public interface Publishes {
    /**
     * Makes the shadow live under the lock or fence that keeps writers out. Before anything is visible it proves: the
     * head is the caller's and {@code AUDITED}; every partition of the order is {@code AUDITED}; the target is the planned
     * one, with the planned structure and dependents; it has not been written since the baseline, where the publish
     * overwrites it; the shadow has not changed since its seal. Then head and entries become {@code PUBLISHED}, the
     * archive is recorded, and all of it commits at once.
     *
     * @return what was overwritten, as {@link Ledger#archives} tells it from now on
     * @throws dev.backstitch.error.BackstitchException with {@code LOCK_NOT_GRANTED} when the lock did not come in its
     *     short time (the caller tries again), {@code DRIFT}, {@code SHADOW_CHANGED}, {@code LEDGER_INCOMPLETE}, {@code
     *     TARGET_CHANGED}, {@code FENCED}; {@code CONNECTION_LOST} when the outcome is unknown: {@link Ledger#head} tells
     */
    Archive publish(WorkOrder order, Interrupt interrupt);

    /**
     * Brings the archive back, in one transaction of the same kind, and withdraws the watermarks.
     *
     * @param accepted how many writes made since the publish may be lost; any other number than the real one is refused
     * @throws dev.backstitch.error.BackstitchException with {@code WRITTEN_SINCE_PUBLISH} and the number of writes, {@code
     *     NOT_PUBLISHED} when the head isn't this run's publish, {@code ARCHIVE_GONE}
     */
    RolledBack rollback(WorkOrder order, long accepted, Interrupt interrupt);

    /**
     * What a rollback did.
     *
     * @param rowsRestored rows that came back
     * @param writesLost writes made since the publish that were given up
     */
    record RolledBack(long rowsRestored, long writesLost) {}
}
