package dev.backstitch.cli;

import dev.backstitch.spi.WorkOrder;

/** What an application shows of its own after a publish, such as a comparison of the new rows with the old ones. */
@FunctionalInterface
public interface AfterPublish {
    /**
     * Called once the run is published and its engine is closed, so that the database may be opened again.
     *
     * @param run what was published: target, archive and partitions
     * @param terminal where to
     */
    void show(WorkOrder run, Terminal terminal);
}
