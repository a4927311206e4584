package dev.backstitch.spi;

/** The copies that are built beside a target. */
public interface Shadows {
    /**
     * Makes the shadow, seeds it as the order says and records the drift baseline, both of one snapshot, in a transaction
     * that writes the head row under the order's epoch. A complete shadow of this run is kept as it is.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code NAME_TAKEN} when a table without this run's marker has
     *     the name, {@code TARGET_CHANGED} when the target isn't the one that was planned, {@code FENCED}
     */
    void create(WorkOrder order, Interrupt interrupt);

    /**
     * Removes what this run left beside the target and did not publish: shadow, drift capture, seal. Only what carries
     * this run's marker; the archive stays. Any number of times, after any crash.
     */
    void clear(WorkOrder order);
}
