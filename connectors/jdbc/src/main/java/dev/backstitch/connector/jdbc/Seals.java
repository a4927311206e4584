package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.WorkOrder;
import java.util.List;

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
     * Proves under the publish's lock that the shadow's rows are those that were sealed.
     *
     * @return how many there are
     * @throws dev.backstitch.error.BackstitchException with {@code SHADOW_CHANGED}
     */
    long requireIntact(Session session, WorkOrder order, String seal);

    /** Whether the seal is still there, from which a rollback counts. */
    boolean isKept(Session session, WorkOrder order);

    /** Rows written since the publish, in what it overwrote: inserted, deleted, and changed ones once each. */
    long writesSince(Session session, WorkOrder order, String seal);

    /** Drops the seal. Any number of times. */
    void clear(Session session, WorkOrder order);
}
