package dev.backstitch.spi;

import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Partition;

/** A connector that can give one merge more of the database's machine than others have, or less. */
public interface SizesCompute {
    /**
     * As {@link Merges#merge}, with so much of the machine. However it ends, a crash of this process included, nothing else has
     * more or less than it had before; merges that run at the same time in one database may share what the most demanding
     * of them was given, where the database knows only one measure for all.
     *
     * @param compute with threads, memory or both; when it applies is the caller's to know
     */
    MergeCounts merge(WorkOrder order, Partition partition, Compute compute, Interrupt interrupt);
}
