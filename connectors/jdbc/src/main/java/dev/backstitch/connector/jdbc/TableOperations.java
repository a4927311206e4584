package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.Optional;
import org.jooq.QueryPart;
import org.jooq.impl.DSL;

/** What a connector does with tables themselves, in the caller's transaction. Thread-safe. */
public interface TableOperations {
    /** The table of exactly this name. */
    Optional<TableInfo> find(Session session, ResolvedTable table);

    /**
     * The order's target. Where DDL commits, a publish adds the order's columns before its transaction, which may fail; such
     * columns are then passed over.
     */
    default Optional<TableInfo> target(Session session, WorkOrder order) {
        return find(session, order.target().name());
    }

    /** A table's comment. */
    Optional<String> comment(Session session, ResolvedTable table);

    /** Replaces a table's comment; an empty one removes it. */
    void setComment(Session session, ResolvedTable table, String comment);

    /**
     * Makes the order's shadow without rows: the target's columns, defaults, nullability and constraints, and the added
     * columns. Its secondary indexes may wait for the publish. Where DDL commits it has its marker from the beginning.
     */
    void createShadow(Session session, WorkOrder order);

    /**
     * Makes an empty table of our own with the columns of a query, and its marker. Where DDL commits it is one statement, so
     * that there is never a table of ours without a marker.
     */
    default void createMarked(Session session, ResolvedTable table, QueryPart query, String marker) {
        session.update(DSL.query("create table {0} as {1} where 1 = 0", LedgerTables.table(table), query));
        setComment(session, table, marker);
    }

    /** Drops the order's archive, which has its marker, and what was made for it. */
    default void dropArchive(Session session, WorkOrder order) {
        OwnTables.dropIfOurs(session, this, order.archive(), Marker.ARCHIVE.of(order.run()));
    }

    /** The one table that a view shows as it is; nothing when it is gone, shows anything else, or views are not repointed. */
    default Optional<ResolvedTable> shownBy(Session session, ResolvedTable view) {
        return Optional.empty();
    }

    /** Whether a view reads a table, or may; nothing reads anything where views are not repointed. */
    default boolean reads(Session session, ResolvedTable view, ResolvedTable table) {
        return false;
    }

    /** Makes a view that shows one table as it is show what an order has published. */
    default void showPublished(Session session, WorkOrder order, ResolvedTable view) {
        throw new IllegalStateException("views are not repointed here");
    }

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
