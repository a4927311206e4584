package dev.backstitch.spi;

import dev.backstitch.spec.Partition;

/** The idempotent keyed write of one partition into the shadow. */
public interface Merges {
    /**
     * In one transaction: reads the source once into a stage, refuses null keys, duplicate keys (unless a dedupe rule is
     * declared), rows outside the partition and rows that another partition already brought, merges what differs,
     * deletes what the source lacks where that is declared, and turns the ledger's entry from {@code CLAIMED} to {@code
     * MERGED} under the order's epoch. One entry updated, or all is rolled back.
     *
     * @return the counts that are in the ledger
     * @throws dev.backstitch.error.BackstitchException with {@code FENCED} when the entry isn't the caller's to write,
     *     with {@code CONNECTION_LOST} when the outcome is unknown
     */
    MergeCounts merge(WorkOrder order, Partition partition, Interrupt interrupt);
}
