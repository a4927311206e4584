package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.impl.DSL;

/** What a publish overwrites: the scope's rows, or the whole table for a swap; and how such rows are hashed. */
public final class Overwritten {
    private final Dialect dialect;
    private final WorkOrder order;

    public Overwritten(Dialect dialect, WorkOrder order) {
        this.dialect = dialect;
        this.order = order;
    }

    /** Whether it is the whole table. */
    public boolean isWholeTable() {
        return order.publish().overwritesWholeTable();
    }

    /** The rows, in target, shadow or archive alike. */
    public Condition rows() {
        return isWholeTable()
                ? DSL.noCondition()
                : new Slices(dialect, order.partitionColumns()).rowsOf(Slices.Values.PLAIN, order.scope());
    }

    /** The hash of a row as the target has it, without the added columns. */
    public Field<?> targetHash() {
        return hash(order.target().columns().stream()
                .filter(column -> column.origin() == Origin.WRITTEN)
                .toList());
    }

    /** The hash of a row as the shadow has it. */
    public Field<?> shadowHash() {
        return hash(order.writtenColumns());
    }

    /** The hash of a row's key. */
    public Field<?> keyHash() {
        return hash(Keys.of(order));
    }

    /** A fingerprint of these rows of the target as it was planned. */
    public Fingerprint ofTarget(Session session) {
        return asTarget(session, order.target().name());
    }

    /** The same of a table that has the target's columns. */
    public Fingerprint asTarget(Session session, ResolvedTable table) {
        return asTarget(session, table, rows());
    }

    /** The same of these of its rows. */
    Fingerprint asTarget(Session session, ResolvedTable table, Condition some) {
        return Fingerprint.of(session, LedgerTables.table(table), targetHash(), some);
    }

    /** A fingerprint of these rows of a table with the shadow's columns. */
    public Fingerprint ofShadow(Session session, ResolvedTable table) {
        return Fingerprint.of(session, LedgerTables.table(table), shadowHash(), rows());
    }

    /** A fingerprint of these rows of the table that is live, in whatever columns it has now. */
    public Fingerprint ofLive(Session session, ResolvedTable live, List<Column> columns) {
        return Fingerprint.of(
                session,
                LedgerTables.table(live),
                hash(columns.stream()
                        .filter(column -> column.origin() == Origin.WRITTEN)
                        .toList()),
                rows());
    }

    private Field<?> hash(List<Column> columns) {
        return dialect.rowHash(columns.stream()
                .map(column -> dialect.comparable(column, column(column)))
                .toList());
    }

    private static Field<?> column(Column column) {
        return DSL.field(DSL.name(column.name()));
    }
}
