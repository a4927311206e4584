package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.WorkOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jooq.Condition;
import org.jooq.Name;
import org.jooq.Table;
import org.jooq.impl.DSL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what was written to the target since the shadow was seeded into the shadow, in the caller's transaction. A
 * partition that was written is seeded again from the live rows and merged again, so that the merge overwrites what it is
 * declared to write, as if the write had come before the seed. Rows outside the scope are copied.
 *
 * <p>What the transaction sees is what the shadow has caught up with; a transaction that keeps writers out has caught up
 * with everything.
 */
final class CatchUp {
    private static final Logger LOG = LoggerFactory.getLogger(CatchUp.class);

    private static final int MOST_NAMED = 20;
    private static final Set<Head.State> AUDITED = EnumSet.of(Head.State.AUDITED);

    private final Dialect dialect;
    private final TableOperations tables;
    private final Drift drift;
    private final Seals seals;
    private final Heads heads;
    private final Entries entries;
    private final AuditNotes notes;

    CatchUp(Dialect dialect, LedgerTables ledger, TableOperations tables, Drift drift, Seals seals) {
        this.dialect = dialect;
        this.tables = tables;
        this.drift = drift;
        this.seals = seals;
        this.heads = new Heads(ledger);
        this.entries = new Entries(ledger);
        this.notes = new AuditNotes(ledger);
    }

    /** Whether the order asks for it. */
    static boolean isAskedFor(WorkOrder order) {
        return order.publish().lateWrites() == Publish.LateWrites.CATCH_UP;
    }

    /**
     * Catches up before the shadow is measured and sealed.
     *
     * @return the baseline to keep
     */
    String beforeMeasure(Session session, WorkOrder order, String baseline) {
        LateWrites late = drift.since(session, order, baseline);
        if (late.isNone()) {
            return baseline;
        }
        bring(session, order, late);
        forget(session, late);
        return drift.renewed(session, order, baseline);
    }

    /**
     * Catches up an audited shadow, and keeps it audited.
     *
     * @return whether there was anything to bring
     */
    boolean afterAudit(Session session, WorkOrder order) {
        HeadRow head = heads.require(session, order, AUDITED);
        String baseline = head.baseline().orElseThrow();
        LateWrites late = drift.since(session, order, baseline);
        if (late.isNone()) {
            return false;
        }
        String seal = head.seal().orElseThrow();
        seals.requireIntact(session, order, seal);
        String amended = seals.amend(session, order, seal, rows(order, late), () -> bring(session, order, late));
        forget(session, late);
        entries.move(session, order, EnumSet.of(Entry.State.MERGED), Entry.State.AUDITED);
        heads.step(
                session,
                order,
                AUDITED,
                Head.State.AUDITED,
                Map.of(LedgerTables.BASELINE, drift.renewed(session, order, baseline), LedgerTables.SEAL, amended));
        return true;
    }

    private void bring(Session session, WorkOrder order, LateWrites late) {
        Targets.requirePlanned(session, tables, order);
        // All at once, so that a row may have moved from one of them to another.
        late.partitions().forEach(partition -> entries.reopen(session, order, partition));
        requireNoKeyElsewhere(session, order, late);
        copy(session, order, rows(order, late));
        MergeStatements.Texts texts = new MergeStatements.Texts();
        for (Partition partition : late.partitions()) {
            MergeSql sql = new MergeSql(dialect, order, partition);
            BoundSql source = sql.source();
            new MergePartition(
                            session, dialect, entries, order, partition, sql, new MergeStatements(session, sql, texts))
                    .run(source, SourceColumns.match(session, order, session.columns(source)));
        }
        requireKeys(session, order, late);
        String done = done(late);
        notes.noteLateWrites(session, order, done);
        LOG.info(
                "run={} backfill={} late writes to {}: {}",
                order.run(),
                order.backfill(),
                order.target().name(),
                done);
    }

    private static String done(LateWrites late) {
        List<String> names =
                late.partitions().stream().limit(MOST_NAMED).map(Partition::id).toList();
        String partitions = names.isEmpty()
                ? ""
                : late.partitions().size() + " partitions seeded and merged again: " + String.join(", ", names)
                        + (late.partitions().size() > MOST_NAMED ? " ..." : "");
        String outside = late.outside().isPresent() ? "rows outside the scope copied" : "";
        return partitions + (partitions.isEmpty() || outside.isEmpty() ? "" : "; ") + outside;
    }

    private static void forget(Session session, LateWrites late) {
        late.outside().ifPresent(outside -> outside.afterwards().forEach(session::update));
    }

    /** The rows, in target and shadow alike, that were written late. */
    private Condition rows(WorkOrder order, LateWrites late) {
        Condition inScope =
                new Slices(dialect, order.partitionColumns()).rowsOf(Slices.Values.PLAIN, late.partitions());
        return late.outside().map(outside -> inScope.or(outside.rows())).orElse(inScope);
    }

    private void copy(Session session, WorkOrder order, Condition rows) {
        Table<?> shadow = LedgerTables.table(order.shadow());
        List<Name> columns = order.target().columns().stream()
                .filter(column -> column.origin() == Origin.WRITTEN)
                .map(Column::name)
                .map(DSL::name)
                .toList();
        session.update(DSL.query("delete from {0} where {1}", shadow, rows));
        session.update(DSL.query(
                "insert into {0} ({1}) {2} select {1} from {3} where {4}",
                shadow,
                DSL.list(columns),
                DSL.sql(dialect.overriding()),
                LedgerTables.table(order.target().name()),
                rows));
    }

    /** A row that was written late may have a key that the shadow has among the rows that stay as they are. */
    private void requireNoKeyElsewhere(Session session, WorkOrder order, LateWrites late) {
        Condition rows = rows(order, late);
        long elsewhere = session.number(DSL.resultQuery(
                "select count(*) from (select {0} from {1} where {3}) t"
                        + " join (select {0} from {2} where not coalesce({3}, false)) s on {4}",
                DSL.list(key(order)),
                LedgerTables.table(order.target().name()),
                LedgerTables.table(order.shadow()),
                rows,
                DSL.and(key(order).stream()
                        .map(column -> DSL.condition("t.{0} = s.{0}", column))
                        .toList())));
        if (elsewhere > 0) {
            throw refused(
                    session,
                    order,
                    ErrorCode.KEY_IN_TWO_PARTITIONS,
                    "each key " + order.merge().key() + " once, with the rows that were written late",
                    elsewhere + " of these whose key the shadow has elsewhere, such as from the source of another"
                            + " partition");
        }
    }

    /** What the audits proved of the keys holds of the rows that came since. */
    private void requireKeys(Session session, WorkOrder order, LateWrites late) {
        Table<?> shadow = LedgerTables.table(order.shadow());
        Condition rows = rows(order, late);
        long nulls = session.number(DSL.resultQuery(
                "select count(*) from {0} where ({1}) and ({2})",
                shadow,
                rows,
                DSL.or(key(order).stream()
                        .map(column -> DSL.condition("{0} is null", column))
                        .toList())));
        if (nulls > 0) {
            throw refused(
                    session,
                    order,
                    ErrorCode.NULL_KEY,
                    "a key " + order.merge().key() + " in every row that was written late",
                    nulls + " rows with a null in it");
        }
        long twice = session.number(DSL.resultQuery(
                "select count(*) from (select {0} from {1} where {2} group by {0} having count(*) > 1) d",
                DSL.list(key(order)), shadow, rows));
        if (twice > 0) {
            throw refused(
                    session,
                    order,
                    ErrorCode.DUPLICATE_KEY,
                    "each key " + order.merge().key() + " once, with the rows that were written late",
                    twice + " keys several times");
        }
    }

    private static List<Name> key(WorkOrder order) {
        return Keys.of(order).stream().map(Column::name).map(DSL::name).toList();
    }

    private static BackstitchException refused(
            Session session, WorkOrder order, ErrorCode code, String expected, String found) {
        return new BackstitchException(
                code,
                session.what() + " failed: expected " + expected + ", found " + found + ". The target is unchanged, the"
                        + " writes are there; shadow " + order.shadow()
                        + " is as it was. Correct the rows in the target"
                        + " or the source, then resume; or cancel the run.");
    }
}
