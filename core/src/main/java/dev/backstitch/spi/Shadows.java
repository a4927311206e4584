package dev.backstitch.spi;

import dev.backstitch.spec.Partition;
import java.util.Collection;
import java.util.List;

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
     * Makes partitions of a shadow that audits objected to what they were before they were merged, in one transaction that
     * writes the head row: their rows are the live ones again, and the ledger's entries {@code CLAIMED}. A partition to or
     * from which a merge has moved a row of these goes with them. The seal is gone, so that the shadow has to be measured
     * again, and blocking audits that are noted as failed and not accepted become {@code SUPERSEDED}. A shadow that has
     * neither a seal nor such a note is left as it is. What was written to the target since the shadow was seeded comes
     * with it where the order says so, and is a reason to refuse where it doesn't.
     *
     * @return the partitions that have to be merged again
     * @throws dev.backstitch.error.BackstitchException with {@code FENCED}; {@code DRIFT}; {@code SHADOW_CHANGED} when the
     *     shadow is gone
     */
    List<Partition> reseed(WorkOrder order, Collection<Partition> partitions, Interrupt interrupt);

    /**
     * Removes what this run left beside the target and did not publish: shadow, drift capture, seal. Only what carries
     * this run's marker; the archive stays. Any number of times, after any crash.
     */
    void clear(WorkOrder order);
}
