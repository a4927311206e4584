package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import org.jooq.Condition;

/**
 * How it is noticed that the target was written between seed and publish, where the publish overwrites it: the scope's
 * rows, or the whole table for a swap.
 */
public interface Drift {
    /**
     * What has to be committed before the transaction that seeds the shadow, one transaction each. The head's fence follows
     * in the same transaction, so that a step may begin with a lock. Any number of times; nothing by default.
     */
    default List<Work<Boolean>> beforeSeed(WorkOrder order) {
        return List.of();
    }

    /** Begins to watch, in the snapshot of the seed; the text is kept in the head row. */
    String baseline(Session session, WorkOrder order);

    /**
     * Proves under the publish's lock that nothing was written.
     *
     * @param baseline as kept in the head row
     * @return how many rows the publish overwrites
     * @throws dev.backstitch.error.BackstitchException with {@code DRIFT}
     */
    default long requireNone(Session session, WorkOrder order, String baseline) {
        return requireUnwritten(session, order, baseline);
    }

    /**
     * Proves that nothing was written, as this transaction sees it, and goes on watching.
     *
     * @param baseline as kept in the head row
     * @return how many rows the publish would overwrite
     * @throws dev.backstitch.error.BackstitchException with {@code DRIFT}
     */
    long requireUnwritten(Session session, WorkOrder order, String baseline);

    /**
     * Proves that the rows which a publish has just taken out of the target are those that were there, where each statement
     * sees what others have committed before it. Where a transaction reads one snapshot, {@link #requireNone} has proved it.
     *
     * @param baseline as kept in the head row
     * @param taken the table that holds them
     * @throws dev.backstitch.error.BackstitchException with {@code DRIFT}
     */
    default void requireTaken(Session session, WorkOrder order, String baseline, ResolvedTable taken) {
        throw new UnsupportedOperationException("only where each statement sees its own state");
    }

    /**
     * Proves that rows which were seeded again are those of the baseline, where each statement sees its own state: else a
     * write that came between the look and the copy, and was taken back later, would stay in the shadow unseen. In a
     * snapshot there is nothing to prove.
     *
     * @param rows which rows of target and shadow alike were seeded again
     * @throws dev.backstitch.error.BackstitchException with {@code DRIFT}
     */
    default void requireSeeded(Session session, WorkOrder order, String baseline, Condition rows) {}

    /**
     * What was written since, as this transaction sees it: what a shadow has to catch up with.
     *
     * @param baseline as kept in the head row
     * @throws dev.backstitch.error.BackstitchException with {@code DRIFT} when it can't be told
     */
    LateWrites since(Session session, WorkOrder order, String baseline);

    /**
     * The baseline of a shadow that has caught up with what this transaction sees.
     *
     * @param baseline from which it has caught up
     */
    String renewed(Session session, WorkOrder order, String baseline);

    /** The publish is about to commit; by default the watch ends with it. */
    default void published(Session session, WorkOrder order) {
        clear(session, order);
    }

    /** Ends the watch, after a publish or when the run is given up. Any number of times. */
    void clear(Session session, WorkOrder order);
}
