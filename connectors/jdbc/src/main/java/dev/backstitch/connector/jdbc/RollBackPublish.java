package dev.backstitch.connector.jdbc;

import dev.backstitch.connector.jdbc.JdbcPublishes.Attempt;
import dev.backstitch.connector.jdbc.JdbcPublishes.Step;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Publishes.RolledBack;
import dev.backstitch.spi.Publishes.Undo;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jooq.Name;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** A rollback, from the fence to the last row of the ledger, in the caller's transaction. */
final class RollBackPublish implements Step<Undo, RolledBack> {
    private static final Set<Head.State> OVER = EnumSet.of(Head.State.ABANDONED, Head.State.ROLLED_BACK);

    private final Dialect dialect;
    private final TableOperations tables;
    private final Seals seals;
    private final Heads heads;
    private final Entries entries;
    private final Archives archives;
    private final KeptArchive kept;

    RollBackPublish(Dialect dialect, LedgerTables ledger, TableOperations tables, Seals seals) {
        this.dialect = dialect;
        this.tables = tables;
        this.seals = seals;
        this.heads = new Heads(ledger);
        this.entries = new Entries(ledger);
        this.archives = new Archives(ledger);
        this.kept = new KeptArchive(tables, seals, archives);
    }

    /** Takes all of them back, each step for every one before the next. */
    @Override
    public List<RolledBack> run(Session session, List<Attempt<Undo>> attempts) {
        attempts.forEach(attempt -> attempt.cutover().keepWritersOut(session));
        List<Proved> proved = attempts.stream()
                .map(attempt -> prove(session, attempt.item(), attempt.cutover()))
                .toList();
        proved.forEach(step -> place(session, step));
        proved.forEach(step -> settle(session, step));
        return proved.stream()
                .map(step -> new RolledBack(step.rows(), step.undo().accepted()))
                .toList();
    }

    @Override
    public void before(Session session, List<Attempt<Undo>> attempts) {
        for (Attempt<Undo> attempt : attempts) {
            WorkOrder order = attempt.item().order();
            session.update(DSL.query(
                    dialect.createOfSession() + " {0} as select {1} from {2} where 1 = 0",
                    leaving(order),
                    DSL.list(published(order)),
                    LedgerTables.table(order.published())));
        }
    }

    @Override
    public void after(Session session, List<Attempt<Undo>> attempts) {
        for (Attempt<Undo> attempt : attempts) {
            WorkOrder order = attempt.item().order();
            attempt.cutover().dropEmptyColumns(session);
            OwnTables.dropIfOurs(session, tables, order.archive(), Marker.ARCHIVE.of(order.run()));
            seals.remove(session, order);
            session.update(DSL.query("drop table {0}", leaving(order)));
        }
    }

    /** What was published, on its way out. */
    private Name leaving(WorkOrder order) {
        return dialect.ofSession(order, "bf_leaving_" + Names.hash(order.run() + "/" + order.backfill()));
    }

    private static List<Name> published(WorkOrder order) {
        return order.writtenColumns().stream()
                .map(column -> DSL.name(column.name()))
                .toList();
    }

    /**
     * A publish that may be taken back.
     *
     * @param rows that come back
     */
    private record Proved(Undo undo, Cutover cutover, long rows) {
        WorkOrder order() {
            return undo.order();
        }
    }

    private Proved prove(Session session, Undo undo, Cutover cutover) {
        WorkOrder order = undo.order();
        markRolledBack(session, order);
        Archives.Row archive = kept.require(session, order);
        archives.requireNotArchived(session, kept.requireStructure(session, order, archive));
        cutover.requireNothingAtRisk(session);
        ResolvedTable now = order.published();
        if (dialect.isolation() == Dialect.Isolation.STATEMENT) {
            // Taken out first: what is counted is then exactly what goes.
            Name leaving = leaving(order);
            now = new ResolvedTable(
                    order.target().name().catalog(), order.target().name().schema(), leaving.last());
            new Removal(dialect, order)
                    .run(
                            session,
                            order.published(),
                            now,
                            published(order),
                            new Overwritten(dialect, order).shadowHash());
        }
        long lost = seals.writesSince(session, order, archive.seal(), now);
        KeptArchive.requireAccepted(
                session,
                order,
                undo.accepted(),
                lost,
                "--accept-loss " + order.backfill() + "=" + lost + ", or rollback(" + order.run() + ", Map.of(\""
                        + order.backfill() + "\", " + lost + "L))");
        return new Proved(undo, cutover, archive.archive().rows());
    }

    private void place(Session session, Proved step) {
        if (new Overwritten(dialect, step.order()).isWholeTable()) {
            step.cutover().swapBack(session);
            unmark(session, step.order());
        } else {
            restore(session, step.order(), step.cutover(), step.rows());
        }
    }

    /** A version that is gone leaves no comment of ours on the table that is live again. */
    private void unmark(Session session, WorkOrder order) {
        if (tables.comment(session, order.target().name())
                .filter(Marker.VERSION::isOfAnyRun)
                .isPresent()) {
            tables.setComment(session, order.target().name(), "");
        }
    }

    private void settle(Session session, Proved step) {
        WorkOrder order = step.order();
        if (!new Overwritten(dialect, order).isWholeTable()) {
            if (dialect.ddl() == Dialect.Ddl.IN_TRANSACTION) {
                step.cutover().dropEmptyColumns(session);
            }
            if (dialect.ddl() == Dialect.Ddl.IN_TRANSACTION) {
                OwnTables.dropIfOurs(session, tables, order.archive(), Marker.ARCHIVE.of(order.run()));
            }
        }
        archives.restored(session, order);
        seals.clear(session, order);
        step.cutover().settle(session);
    }

    /**
     * The head is this run's publish, or that of a later run which is over and whose publish, if it had one, was taken back:
     * then this one is the latest again.
     */
    private void markRolledBack(Session session, WorkOrder order) {
        Optional<HeadRow> found = heads.find(session, order.live());
        boolean ours = found.map(HeadRow::head)
                .filter(head -> head.run().equals(order.run()) && head.state() == Head.State.PUBLISHED)
                .isPresent();
        boolean oursAgain = found.map(HeadRow::head)
                .filter(head -> !head.run().equals(order.run()) && OVER.contains(head.state()))
                .isPresent();
        if (ours) {
            heads.step(session, order, EnumSet.of(Head.State.PUBLISHED), Head.State.ROLLED_BACK, Map.of());
        } else if (oursAgain && archives.isLatestKept(session, order)) {
            heads.takeBack(session, order, found.orElseThrow().head());
        } else {
            throw new BackstitchException(
                    ErrorCode.NOT_PUBLISHED,
                    session.what() + " refused: expected that the last publish of the target is this run's, found "
                            + found.map(row -> Heads.describe(row.head())).orElse("none")
                            + ". Nothing was written. Only the latest publish can be rolled back, while no other backfill"
                            + " of the target is active.");
        }
        long withdrawn = entries.move(session, order, EnumSet.of(Entry.State.PUBLISHED), Entry.State.ROLLED_BACK);
        if (withdrawn != order.scope().size()) {
            // Some may have been restored before.
            withdrawn = entries.states(session, order).getOrDefault(Entry.State.ROLLED_BACK, 0L);
        }
        PublishShadow.requireCount(
                session, "published or restored partitions", order.scope().size(), withdrawn);
    }

    private void restore(Session session, WorkOrder order, Cutover cutover, long rows) {
        Overwritten overwritten = new Overwritten(dialect, order);
        Table<?> target = LedgerTables.table(order.target().name());
        List<Name> columns = order.target().columns().stream()
                .filter(column -> column.origin() == Origin.WRITTEN)
                .map(Column::name)
                .map(DSL::name)
                .toList();
        cutover.beforeRestore(session);
        if (dialect.isolation() == Dialect.Isolation.SNAPSHOT) {
            session.update(DSL.query("delete from {0} where {1}", target, overwritten.rows()));
        }
        long inserted = session.update(DSL.query(
                "insert into {0} ({1}) {3} select {1} from {2}",
                target, DSL.list(columns), LedgerTables.table(order.archive()), DSL.sql(dialect.overriding())));
        PublishShadow.requireCount(session, "archived rows", rows, inserted);
        requireKeysOnlyInScope(session, order);
    }

    /** A key that the publish took out of the scope may have been given to a row outside of it since. */
    private void requireKeysOnlyInScope(Session session, WorkOrder order) {
        // As it is now: a constraint may have been dropped since the plan.
        boolean keptByTheDatabase = tables.find(session, order.target().name())
                .filter(target -> target.keepsUnique(order.merge().key()))
                .isPresent();
        if (keptByTheDatabase) {
            return;
        }
        long twice = session.number(new MeasureSql(dialect, order).countKeysOutside(order.archive()));
        if (twice > 0) {
            throw new BackstitchException(
                    ErrorCode.KEY_IN_TWO_PARTITIONS,
                    session.what() + " refused: expected the archived keys "
                            + order.merge().key() + " nowhere else in "
                            + order.target().name() + ", found " + twice + " rows outside the scope with one of them,"
                            + " written since the publish. The target is unchanged, with what was published; the archive"
                            + " is kept. Remove or rename these rows first.");
        }
    }
}
