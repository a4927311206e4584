package dev.backstitch.connector.snowflake;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Cutover;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * A publish's or rollback's work on Snowflake's tables. There is no lock to take beforehand: the deletion of what is replaced
 * locks the table against other updates, deletions and merges until the transaction ends, and proves what it deletes.
 */
final class SnowflakeCutover implements Cutover {
    private final SnowflakeTables tables;
    private final WorkOrder order;

    SnowflakeCutover(SnowflakeTables tables, WorkOrder order) {
        this.tables = tables;
        this.order = order;
    }

    @Override
    public void keepWritersOut(Session session) {
        // The deletion does.
    }

    @Override
    public void swap(Session session) {
        throw new UnsupportedOperationException("refused when it is planned");
    }

    @Override
    public void swapBack(Session session) {
        throw new UnsupportedOperationException("refused when it is planned");
    }

    /** Those that an earlier attempt has not added already. Its DDL is outside of any transaction. */
    @Override
    public void addColumns(Session session) {
        for (AddedColumn added : missing(session)) {
            session.update(new BoundSql(
                    "alter table " + session.rendered(target()).text() + " add column "
                            + session.rendered(DSL.name(added.name())).text() + " " + added.type(),
                    List.of()));
        }
    }

    private List<AddedColumn> missing(Session session) {
        List<String> there = tables.columns(session, order.target().name()).stream()
                .map(column -> column.column().name())
                .toList();
        return order.seed().added().stream()
                .filter(added -> !there.contains(added.name()))
                .toList();
    }

    /** They stay, empty: no lock would keep a writer from filling one before it is dropped. */
    @Override
    public void dropEmptyColumns(Session session) {
        // Nothing is dropped.
    }

    private Table<?> target() {
        return LedgerTables.table(order.target().name());
    }

    @Override
    public void settle(Session session) {
        // Nothing was taken away.
    }
}
