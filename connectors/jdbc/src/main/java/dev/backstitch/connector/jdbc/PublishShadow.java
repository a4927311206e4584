package dev.backstitch.connector.jdbc;

import dev.backstitch.connector.jdbc.JdbcPublishes.Attempt;
import dev.backstitch.connector.jdbc.JdbcPublishes.Step;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Repoint;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.jooq.Name;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** A publish, from the fence to the last row of the ledger, in the caller's transaction. */
final class PublishShadow implements Step<WorkOrder, Archive> {
    private final Dialect dialect;
    private final TableOperations tables;
    private final Drift drift;
    private final Seals seals;
    private final Heads heads;
    private final Entries entries;
    private final Archives archives;
    private final CatchUp catchUp;

    PublishShadow(
            Dialect dialect, LedgerTables ledger, TableOperations tables, Drift drift, Seals seals, CatchUp catchUp) {
        this.dialect = dialect;
        this.tables = tables;
        this.drift = drift;
        this.seals = seals;
        this.heads = new Heads(ledger);
        this.entries = new Entries(ledger);
        this.archives = new Archives(ledger);
        this.catchUp = catchUp;
    }

    /**
     * Publishes all of the orders: each step is done for every one of them before the next, so that nothing is visible or
     * locked against readers while another target is still being proved, and a key between two targets is checked when
     * both have their rows.
     */
    @Override
    public List<Archive> run(Session session, List<Attempt<WorkOrder>> attempts) {
        attempts.forEach(attempt -> requireWholeCopyForSwap(session, attempt.item()));
        attempts.forEach(attempt -> attempt.cutover().keepWritersOut(session));
        List<Proved> proved = attempts.stream()
                .map(attempt -> prove(session, attempt.item(), attempt.cutover()))
                .toList();
        proved.forEach(step -> place(session, step));
        proved.forEach(step -> step.cutover().settle(session));
        return proved.stream().map(step -> keep(session, step)).toList();
    }

    @Override
    public void before(Session session, List<Attempt<WorkOrder>> attempts) {
        for (Attempt<WorkOrder> attempt : attempts) {
            WorkOrder order = attempt.item();
            requireWholeCopyForSwap(session, order);
            HeadRow head = heads.require(session, order, EnumSet.of(Head.State.AUDITED));
            TableInfo target = Targets.requirePlanned(session, tables, order);
            if (!order.seed().added().isEmpty()) {
                // Everybody sees a new column, so that it is not added for a publish that is going to be refused.
                archives.requireNotArchived(session, target);
                drift.requireNone(session, order, head.baseline().orElseThrow());
                seals.requireIntact(session, order, head.seal().orElseThrow());
                attempt.cutover().addColumns(session);
            }
            String marker = Marker.ARCHIVE.of(order.run());
            if (!OwnTables.isOurs(session, tables, order.archive(), marker)) {
                OwnTables.requireFree(session, tables, order.archive());
                tables.createMarked(
                        session,
                        order.archive(),
                        DSL.sql(
                                "select {0} from {1}",
                                DSL.list(archived(order)),
                                LedgerTables.table(order.target().name())),
                        marker);
            }
        }
    }

    @Override
    public void after(Session session, List<Attempt<WorkOrder>> attempts) {
        for (Attempt<WorkOrder> attempt : attempts) {
            WorkOrder order = attempt.item();
            OwnTables.dropIfOurs(session, tables, order.shadow(), Marker.SHADOW.of(order.run()));
        }
    }

    /**
     * A target that may be published.
     *
     * @param before rows that the publish overwrites
     * @param after rows that it brings
     */
    private record Proved(WorkOrder order, Cutover cutover, HeadRow head, long before, long after) {}

    private Proved prove(Session session, WorkOrder order, Cutover cutover) {
        if (CatchUp.isAskedFor(order)) {
            catchUp.afterAudit(session, order);
        }
        HeadRow head = markPublished(session, order);
        archives.requireNotArchived(session, Targets.requirePlanned(session, tables, order));
        cutover.requireNothingAtRisk(session);
        long before = drift.requireNone(session, order, head.baseline().orElseThrow());
        long after = seals.requireIntact(session, order, head.seal().orElseThrow());
        if (dialect.ddl() == Dialect.Ddl.IN_TRANSACTION) {
            OwnTables.requireFree(
                    session, tables, order.repoint().map(Repoint::version).orElse(order.archive()));
        }
        return new Proved(order, cutover, head, before, after);
    }

    private void place(Session session, Proved step) {
        WorkOrder order = step.order();
        if (new Overwritten(dialect, order).isWholeTable()) {
            step.cutover().swap(session);
            order.repoint().ifPresent(repoint -> mark(session, repoint, order.run()));
        } else {
            replace(session, step);
        }
        if (dialect.ddl() == Dialect.Ddl.IN_TRANSACTION) {
            tables.setComment(session, order.archive(), Marker.ARCHIVE.of(order.run()));
        }
        drift.published(session, order);
    }

    /** A comment of people's is theirs, and goes with what is live. */
    private void mark(Session session, Repoint repoint, String run) {
        if (tables.comment(session, repoint.version())
                .filter(comment -> !Marker.VERSION.isOfAnyRun(comment))
                .isEmpty()) {
            tables.setComment(session, repoint.version(), Marker.VERSION.of(run));
        }
    }

    private Archive keep(Session session, Proved step) {
        WorkOrder order = step.order();
        return archives.keep(
                session,
                order,
                find(session, order.archive()).identity(),
                find(session, order.published()).structure(),
                step.head().seal().orElseThrow(),
                step.before(),
                step.after());
    }

    /** The language does not let a shadow of the scope be swapped; an order from elsewhere could ask for it. */
    private void requireWholeCopyForSwap(Session session, WorkOrder order) {
        if (new Overwritten(dialect, order).isWholeTable() && order.seed().seed() != Seed.WHOLE_TARGET) {
            throw new BackstitchException(
                    ErrorCode.CONFLICTING_SETTINGS,
                    session.what()
                            + " refused: expected that a shadow which takes the target's place was seeded with the"
                            + " whole target, found " + order.seed().seed() + ". The target is unchanged. Replace the"
                            + " scope's rows, or seed a copy of the target.");
        }
    }

    /** Head and entries become published, if they are the caller's and complete. */
    private HeadRow markPublished(Session session, WorkOrder order) {
        HeadRow head = heads.require(session, order, EnumSet.of(Head.State.AUDITED));
        heads.step(session, order, EnumSet.of(Head.State.AUDITED), Head.State.PUBLISHED, Map.of());
        long published = entries.move(session, order, EnumSet.of(Entry.State.AUDITED), Entry.State.PUBLISHED);
        if (published != order.scope().size()) {
            throw new BackstitchException(
                    ErrorCode.LEDGER_INCOMPLETE,
                    session.what() + " failed: expected " + order.scope().size() + " audited partitions in the ledger,"
                            + " found " + published + ". The target is unchanged; shadow " + order.shadow()
                            + " is kept. Cancel the run and start the backfill again.");
        }
        return head;
    }

    private void replace(Session session, Proved step) {
        WorkOrder order = step.order();
        Overwritten overwritten = new Overwritten(dialect, order);
        Table<?> target = LedgerTables.table(order.target().name());
        if (dialect.isolation() == Dialect.Isolation.STATEMENT) {
            new Removal(dialect, order)
                    .run(session, order.target().name(), order.archive(), archived(order), overwritten.targetHash());
            drift.requireTaken(session, order, step.head().baseline().orElseThrow(), order.archive());
        } else {
            session.update(DSL.query(
                    "create table {0} as select {1} from {2} where {3}",
                    LedgerTables.table(order.archive()), DSL.list(archived(order)), target, overwritten.rows()));
            step.cutover().addColumns(session);
            step.cutover().beforeReplace(session);
            long deleted = session.update(DSL.query("delete from {0} where {1}", target, overwritten.rows()));
            requireCount(session, "rows to replace", step.before(), deleted);
        }
        List<Name> published =
                order.writtenColumns().stream().map(Column::name).map(DSL::name).toList();
        long inserted = session.update(DSL.query(
                "insert into {0} ({1}) {4} select {1} from {2} where {3}",
                target,
                DSL.list(published),
                LedgerTables.table(order.shadow()),
                overwritten.rows(),
                DSL.sql(dialect.overriding())));
        requireCount(session, "rows from the shadow", step.after(), inserted);
        requireSealed(session, step, overwritten);
        requireKeysOnlyInScope(session, order);
        if (dialect.ddl() == Dialect.Ddl.IN_TRANSACTION) {
            OwnTables.dropIfOurs(session, tables, order.shadow(), Marker.SHADOW.of(order.run()));
        }
    }

    /** Where each statement sees its own state, the shadow may have changed since it was proved intact. */
    private void requireSealed(Session session, Proved step, Overwritten overwritten) {
        if (dialect.isolation() == Dialect.Isolation.STATEMENT
                && !overwritten
                        .ofShadow(session, step.order().target().name())
                        .toString()
                        .equals(step.head().seal().orElseThrow())) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    session.what() + " failed: what came into the scope is not what was audited, so that somebody else"
                            + " writes the shadow or the target at the same time. All of it is rolled back, the target is"
                            + " unchanged. It is tried again.");
        }
    }

    private static List<Name> archived(WorkOrder order) {
        return order.target().columns().stream()
                .filter(column -> column.origin() == Origin.WRITTEN)
                .map(column -> DSL.name(column.name()))
                .toList();
    }

    /** Rows outside the scope may be written until now: one of them may have taken a key that the scope has as well. */
    private void requireKeysOnlyInScope(Session session, WorkOrder order) {
        // As it is now: a constraint may have been dropped since the plan.
        boolean keptByTheDatabase = tables.find(session, order.target().name())
                .filter(target -> target.keepsUnique(order.merge().key()))
                .isPresent();
        if (keptByTheDatabase) {
            return;
        }
        long twice = session.number(new MeasureSql(dialect, order).countKeysOutside());
        if (twice > 0) {
            throw new BackstitchException(
                    ErrorCode.KEY_IN_TWO_PARTITIONS,
                    session.what() + " failed: expected the scope's keys "
                            + order.merge().key() + " nowhere else in "
                            + order.target().name() + ", found " + twice + " rows outside the scope with one of them."
                            + " The target is unchanged; shadow " + order.shadow() + " is kept. Widen the scope, or"
                            + " leave such rows out of the query.");
        }
    }

    private TableInfo find(Session session, ResolvedTable table) {
        return tables.find(session, table)
                .orElseThrow(() -> new IllegalStateException(table + " is gone in the transaction that made it"));
    }

    static void requireCount(Session session, String of, long expected, long found) {
        if (expected != found) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    session.what() + " failed: expected " + expected + " " + of + ", found " + found
                            + ". All of it is rolled back, the target is unchanged. It is tried again.");
        }
    }
}
