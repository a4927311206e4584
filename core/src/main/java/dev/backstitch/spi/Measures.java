package dev.backstitch.spi;

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
     * What makes a measure of rows, groups or keys more than zero: the first of them by key, and the SQL that finds them
     * all. Reads only.
     *
     * @param atMost how many rows
     */
    Offenders offenders(WorkOrder order, Measure measure, int atMost, Interrupt interrupt);
}
