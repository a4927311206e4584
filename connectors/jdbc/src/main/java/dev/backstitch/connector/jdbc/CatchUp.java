package dev.backstitch.connector.jdbc;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.WorkOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jooq.Condition;
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
    private final Reseed reseed;

    CatchUp(Dialect dialect, LedgerTables ledger, TableOperations tables, Drift drift, Seals seals) {
        this.dialect = dialect;
        this.tables = tables;
        this.drift = drift;
        this.seals = seals;
        this.heads = new Heads(ledger);
        this.entries = new Entries(ledger);
        this.notes = new AuditNotes(ledger);
        this.reseed = new Reseed(dialect, ledger);
    }

    /** Whether the order asks for it. */
    static boolean isAskedFor(WorkOrder order) {
        return order.publish().lateWrites() == Publish.LateWrites.CATCH_UP;
    }

    /**
     * What was written late, where the order asks for it; else the proof that nothing was.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code DRIFT}
     */
    static LateWrites lateOrNone(Session session, WorkOrder order, Drift drift, String baseline) {
        if (isAskedFor(order)) {
            return drift.since(session, order, baseline);
        }
        drift.requireUnwritten(session, order, baseline);
        return new LateWrites(List.of(), Optional.empty());
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
        bring(session, order, reseed.withNeighbours(session, order, late));
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
        LateWrites written = drift.since(session, order, baseline);
        if (written.isNone()) {
            return false;
        }
        String seal = head.seal().orElseThrow();
        seals.requireIntact(session, order, seal);
        LateWrites late = reseed.withNeighbours(session, order, written);
        String amended = seals.amend(session, order, seal, reseed.rows(order, late), () -> bring(session, order, late));
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
        reseed.run(session, order, late);
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

    static void forget(Session session, LateWrites late) {
        late.outside().ifPresent(outside -> outside.afterwards().forEach(session::update));
    }

    /** What the audits proved of the keys holds of the rows that came since. */
    private void requireKeys(Session session, WorkOrder order, LateWrites late) {
        Table<?> shadow = LedgerTables.table(order.shadow());
        Condition rows = reseed.rows(order, late);
        long nulls = session.number(DSL.resultQuery(
                "select count(*) from {0} where ({1}) and ({2})",
                shadow,
                rows,
                DSL.or(Reseed.key(order).stream()
                        .map(column -> DSL.condition("{0} is null", column))
                        .toList())));
        if (nulls > 0) {
            throw Reseed.refused(
                    session,
                    order,
                    ErrorCode.NULL_KEY,
                    "a key " + order.merge().key() + " in every row that was written late",
                    nulls + " rows with a null in it");
        }
        long twice = session.number(DSL.resultQuery(
                "select count(*) from (select {0} from {1} where {2} group by {0} having count(*) > 1) d",
                DSL.list(Reseed.key(order)), shadow, rows));
        if (twice > 0) {
            throw Reseed.refused(
                    session,
                    order,
                    ErrorCode.DUPLICATE_KEY,
                    "each key " + order.merge().key() + " once, with the rows that were written late",
                    twice + " keys several times");
        }
    }
}
