package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Query;
import org.jooq.QueryPart;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** A seal that keeps two hashes of each row, of its key and of all of it, in a small table beside the shadow. */
public final class HashSeals implements Seals {
    private static final Field<?> KEY = DSL.field(DSL.unquotedName("k"));
    private static final Field<?> ROW = DSL.field(DSL.unquotedName("h"));

    private final Dialect dialect;
    private final TableOperations tables;

    public HashSeals(Dialect dialect, TableOperations tables) {
        this.dialect = dialect;
        this.tables = tables;
    }

    @Override
    public ResolvedTable table(WorkOrder order) {
        return order.shadow().sibling("bf_" + Names.hash(order.run() + "/" + order.shadow()) + "_seal");
    }

    /** Where DDL commits, its table is there before the transaction that fills it. */
    @Override
    public List<Work<Boolean>> beforeMeasure(WorkOrder order) {
        return dialect.ddl() == Dialect.Ddl.COMMITS ? List.of(session -> make(session, order)) : List.of();
    }

    private boolean make(Session session, WorkOrder order) {
        boolean missing = !isKept(session, order);
        if (missing) {
            tables.createMarked(session, table(order), hashes(order), Marker.SEAL.of(order.run()));
        }
        return missing;
    }

    private QueryPart hashes(WorkOrder order) {
        Overwritten published = new Overwritten(dialect, order);
        return DSL.sql(
                "select {0} as {1}, {2} as {3} from {4}",
                published.keyHash(), KEY, published.shadowHash(), ROW, LedgerTables.table(order.shadow()));
    }

    @Override
    public String seal(Session session, WorkOrder order) {
        Table<?> seal = LedgerTables.table(table(order));
        QueryPart hashes = DSL.sql("{0} where {1}", hashes(order), new Overwritten(dialect, order).rows());
        clear(session, order);
        if (dialect.ddl() == Dialect.Ddl.COMMITS) {
            session.update(DSL.query("insert into {0} ({1}, {2}) {3}", seal, KEY, ROW, hashes));
        } else {
            session.update(DSL.query("create table {0} as {1}", seal, hashes));
            tables.setComment(session, table(order), Marker.SEAL.of(order.run()));
        }
        return Fingerprint.of(session, seal, ROW, DSL.noCondition()).toString();
    }

    @Override
    public String amend(Session session, WorkOrder order, String text, Condition rows, Runnable change) {
        Overwritten published = new Overwritten(dialect, order);
        Table<?> seal = LedgerTables.table(table(order));
        Table<?> shadow = LedgerTables.table(order.shadow());
        Fingerprint before = Fingerprint.of(session, shadow, published.shadowHash(), rows);
        // Rows outside the scope may be there several times; the condition has all of them or none.
        session.update(DSL.query(
                "delete from {0} where exists (select 1 from (select {1} as key_now, {2} as row_now from {3} where {4}) s"
                        + " where s.key_now = {5} and s.row_now = {6})",
                seal, published.keyHash(), published.shadowHash(), shadow, rows, KEY, ROW));
        change.run();
        session.update(DSL.query(
                "insert into {0} ({1}, {2}) select {3}, {4} from {5} where {6}",
                seal, KEY, ROW, published.keyHash(), published.shadowHash(), shadow, rows));
        Fingerprint after = Fingerprint.of(session, shadow, published.shadowHash(), rows);
        return Fingerprint.parse(text).minus(before).plus(after).toString();
    }

    @Override
    public void restored(Session session, WorkOrder order, Condition rows, Runnable change) {
        Overwritten published = new Overwritten(dialect, order);
        Table<?> seal = LedgerTables.table(table(order));
        Table<?> live = LedgerTables.table(order.published());
        Query forget = DSL.query(
                "delete from {0} where {1} in (select {2} from {3} where {4})",
                seal, KEY, published.keyHash(), live, rows);
        session.update(forget);
        change.run();
        // Also of keys that somebody had taken away, and that are back.
        session.update(forget);
        session.update(DSL.query(
                "insert into {0} ({1}, {2}) select {3}, {4} from {5} where {6}",
                seal, KEY, ROW, published.keyHash(), published.shadowHash(), live, rows));
    }

    @Override
    public long requireIntact(Session session, WorkOrder order, String seal) {
        Fingerprint sealed = Fingerprint.parse(seal);
        Fingerprint now = new Overwritten(dialect, order).ofShadow(session, order.shadow());
        if (!now.equals(sealed)) {
            throw new BackstitchException(
                    ErrorCode.SHADOW_CHANGED,
                    session.what() + " failed: expected shadow " + order.shadow() + " as the audits saw it ("
                            + sealed.rows() + " rows), found that it was changed since (" + now.rows() + " rows now)."
                            + " The target is unchanged. Find out who wrote it, cancel the run, and start the"
                            + " backfill again.");
        }
        return now.rows();
    }

    @Override
    public boolean isKept(Session session, WorkOrder order) {
        return OwnTables.isOurs(session, tables, table(order), Marker.SEAL.of(order.run()));
    }

    @Override
    public long writesSince(Session session, WorkOrder order, String seal, ResolvedTable table) {
        Overwritten published = new Overwritten(dialect, order);
        // Per key, rows that came and rows that went: an update is one of each and counts once.
        return session.number(DSL.resultQuery(
                "select coalesce(sum(greatest(came, went)), 0) from (select k,"
                        + " sum(case when n > 0 then n else 0 end) as came, sum(case when n < 0 then -n else 0 end) as went"
                        + " from (select k, h, sum(n) as n from ("
                        + "select {0} as k, {1} as h, 1 as n from {2} where {3}"
                        + " union all select {4} as k, {5} as h, -1 as n from {6}) both_sides"
                        + " group by k, h having sum(n) <> 0) differing group by k) per_key",
                published.keyHash(),
                published.shadowHash(),
                LedgerTables.table(table),
                published.rows(),
                KEY,
                ROW,
                LedgerTables.table(table(order))));
    }

    @Override
    public void clear(Session session, WorkOrder order) {
        if (dialect.ddl() == Dialect.Ddl.IN_TRANSACTION) {
            remove(session, order);
        } else if (isKept(session, order)) {
            session.update(DSL.query("delete from {0}", LedgerTables.table(table(order))));
        }
    }

    @Override
    public void remove(Session session, WorkOrder order) {
        OwnTables.dropIfOurs(session, tables, table(order), Marker.SEAL.of(order.run()));
    }
}
