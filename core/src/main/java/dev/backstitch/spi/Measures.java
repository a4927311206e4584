package dev.backstitch.spi;

import dev.backstitch.spec.Partition;
import java.util.Collection;

/** What audits and invariants read. */
public interface Measures {
    /**
     * Answers every measure in one snapshot, with as few scans as they can share, and seals the shadow: from then on a
     * publish of this run notices any change of it. Sealing again replaces the seal.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code FENCED} when the head isn't the caller's
     */
    Evidence measure(WorkOrder order, Collection<Measure> measures, Interrupt interrupt);

    /**
     * Answers measures of one merged partition in one snapshot, as if it were the whole scope. Reads only, and seals
     * nothing. The partition's rows in the target are counted only where a figure of the target is among the measures.
     *
     * @param measures each a {@link Measure.RowsBreaking} or a {@link Measure.Figure}
     */
    Evidence measurePartition(WorkOrder order, Partition partition, Collection<Measure> measures, Interrupt interrupt);

    /**
     * Answers measures of what is live after the publish of this order, as if that were its shadow, in one snapshot. Figures,
     * nulls and broken rules are of the rows in the scope, everything else of the whole table. Reads only.
     *
     * @param measures none that compares with what was live before
     */
    Evidence measureLive(WorkOrder order, Collection<Measure> measures, Interrupt interrupt);

    /**
     * What makes a measure of rows, groups or keys more than zero: the first of them by key, and the SQL that finds them
     * all. Reads only.
     *
     * @param atMost how many rows
     */
    Offenders offenders(WorkOrder order, Measure measure, int atMost, Interrupt interrupt);
}
