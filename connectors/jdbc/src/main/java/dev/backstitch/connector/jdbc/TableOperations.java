package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.Optional;

/** What a connector does with tables themselves, in the caller's transaction. Thread-safe. */
public interface TableOperations {
    /** The table of exactly this name. */
    Optional<TableInfo> find(Session session, ResolvedTable table);

    /** A table's comment. */
    Optional<String> comment(Session session, ResolvedTable table);

    /** Replaces a table's comment; an empty one removes it. */
    void setComment(Session session, ResolvedTable table, String comment);

    /**
     * Makes the order's shadow without rows: the target's columns, defaults, nullability and constraints, and the added
     * columns. Its secondary indexes may wait for the publish.
     */
    void createShadow(Session session, WorkOrder order);

    /** The shadow has its seed, in the same transaction; nothing by default. */
    default void seeded(Session session, WorkOrder order) {}

    /**
     * Looks at the target, in a transaction that ends before the publish or rollback begins, so that its own transaction
     * can begin with the statement that keeps writers out.
     *
     * @param live the table that has the target's rows now: the target, or what a publish behind a view made of it
     */
    Cutover cutover(Session before, WorkOrder order, ResolvedTable live);
}
