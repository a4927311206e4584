package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import org.jooq.Condition;

/** What is kept of the rows that the audits saw, so that a publish proves they are still the same, and a rollback counts. */
public interface Seals {
    /**
     * What has to be committed before the transaction that measures and seals, one transaction each. The head's fence
     * follows in the same transaction, so that a step may begin with a lock. Any number of times; nothing by default.
     */
    default List<Work<Boolean>> beforeMeasure(WorkOrder order) {
        return List.of();
    }

    /** Seals the rows of the shadow that will be published, replacing an earlier seal; the text is kept in the head row. */
    String seal(Session session, WorkOrder order);

    /**
     * Changes rows of a sealed shadow and keeps it sealed, in time that grows with these rows alone.
     *
     * @param seal as kept in the head row, which the caller has proved intact
     * @param rows which rows of the shadow the change removes, changes or brings; it touches no others
     * @return the text to keep in its place
     */
    String amend(Session session, WorkOrder order, String seal, Condition rows, Runnable change);

    /**
     * Proves under the publish's lock that the shadow's rows are those that were sealed.
     *
     * @return how many there are
     * @throws dev.backstitch.error.BackstitchException with {@code SHADOW_CHANGED}
     */
    long requireIntact(Session session, WorkOrder order, String seal);

    /** Whether the seal is still there, from which a rollback counts. */
    boolean isKept(Session session, WorkOrder order);

    /**
     * Rows written since the publish, in what it overwrote: inserted, deleted, and changed ones once each.
     *
     * @param table that holds what was published, as it is now
     */
    long writesSince(Session session, WorkOrder order, String seal, ResolvedTable table);

    /** The table that holds two hashes of each sealed row, of its key as {@code k} and of all of it as {@code h}. */
    ResolvedTable table(WorkOrder order);

    /**
     * Changes rows of what was published, as if it had been published so: a rollback counts none of it.
     *
     * @param rows which rows of the live table the change removes or brings; it touches no others
     */
    void restored(Session session, WorkOrder order, Condition rows, Runnable change);

    /** Forgets the seal. Any number of times. */
    void clear(Session session, WorkOrder order);

    /** Forgets it and drops what held it, outside the transaction that forgot it where DDL commits. */
    default void remove(Session session, WorkOrder order) {
        clear(session, order);
    }
}
