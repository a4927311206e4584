package dev.backstitch.connector.jdbc;

import dev.backstitch.connector.jdbc.JdbcPublishes.Attempt;
import dev.backstitch.connector.jdbc.JdbcPublishes.Step;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Publishes.Restored;
import dev.backstitch.spi.Publishes.Undo;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * Some partitions of a publish as they were before it, in the caller's transaction. Keys whose rows are the same in both are
 * not written; of the others the live rows go and the archived ones come. The seal follows, so that a later rollback counts
 * none of this as somebody's write.
 */
final class RestorePartitions implements Step<Undo, Restored> {
    private static final Field<Object> KEY = DSL.field(DSL.unquotedName("k"));
    private static final Field<Object> ROW = DSL.field(DSL.unquotedName("h"));

    private final Dialect dialect;
    private final Seals seals;
    private final Heads heads;
    private final Entries entries;
    private final Archives archives;
    private final KeptArchive kept;
    private final Set<String> wanted;

    /** @param wanted the ids of the partitions */
    RestorePartitions(Dialect dialect, LedgerTables ledger, TableOperations tables, Seals seals, Set<String> wanted) {
        this.dialect = dialect;
        this.seals = seals;
        this.heads = new Heads(ledger);
        this.entries = new Entries(ledger);
        this.archives = new Archives(ledger);
        this.kept = new KeptArchive(tables, seals, archives);
        this.wanted = Set.copyOf(wanted);
    }

    @Override
    public void before(Session session, List<Attempt<Undo>> attempts) {
        throw new BackstitchException(
                ErrorCode.UNSUPPORTED,
                session.what()
                        + " refused: expected a database whose DDL is part of a transaction. Nothing was written. Take"
                        + " the whole publish back with rollback.");
    }

    @Override
    public void after(Session session, List<Attempt<Undo>> attempts) {}

    @Override
    public List<Restored> run(Session session, List<Attempt<Undo>> attempts) {
        return attempts.stream()
                .map(attempt -> run(session, attempt.item(), attempt.cutover()))
                .toList();
    }

    private Restored run(Session session, Undo undo, Cutover cutover) {
        WorkOrder order = undo.order();
        cutover.keepWritersOut(session);
        requireLive(session, order);
        archives.requireNotArchived(session, kept.requireStructure(session, order, kept.require(session, order)));
        List<Partition> left = notRestoredYet(session, order);
        if (left.isEmpty()) {
            cutover.beforeReplace(session);
            return new Restored(0, 0, 0);
        }
        long lost = writesSince(session, order, left);
        KeptArchive.requireAccepted(
                session,
                order,
                undo.accepted(),
                lost,
                "--accept-loss " + lost + ", or restore(" + order.run() + ", .., " + lost + "L)");
        Name differing = dialect.ofSession(order, "bf_differing_" + Names.hash(order.run() + "/" + order.backfill()));
        findDifferent(session, order, left, differing);
        requireKeysOnlyThere(session, order, left, differing);
        cutover.beforeReplace(session);
        long[] counts = new long[2];
        Condition some = DSL.condition(
                "{0} and {1} in (select {2} from {3})",
                rows(order, left), new Overwritten(dialect, order).keyHash(), KEY, differing);
        seals.restored(session, order, some, () -> exchange(session, order, some, counts));
        session.update(DSL.query("drop table {0}", differing));
        long moved = entries.move(session, order, left, EnumSet.of(Entry.State.PUBLISHED), Entry.State.ROLLED_BACK);
        PublishShadow.requireCount(session, "published partitions to restore", left.size(), moved);
        heads.step(session, order, EnumSet.of(Head.State.PUBLISHED), Head.State.PUBLISHED, Map.of());
        return new Restored(counts[0], counts[1], lost);
    }

    private void requireLive(Session session, WorkOrder order) {
        boolean ours = heads.find(session, order.live())
                .map(HeadRow::head)
                .filter(head -> head.run().equals(order.run()) && head.state() == Head.State.PUBLISHED)
                .isPresent();
        if (!ours) {
            throw new BackstitchException(
                    ErrorCode.NOT_PUBLISHED,
                    session.what() + " refused: expected that the last publish of the target is this run's, found "
                            + heads.find(session, order.live())
                                    .map(row -> Heads.describe(row.head()))
                                    .orElse("none")
                            + ". Nothing was written. Only partitions of the latest publish can be restored, while no other"
                            + " backfill of the target is active.");
        }
    }

    private List<Partition> notRestoredYet(Session session, WorkOrder order) {
        Set<String> published = entries.of(session, order).stream()
                .filter(entry -> entry.state() == Entry.State.PUBLISHED)
                .map(Entry::partition)
                .collect(Collectors.toSet());
        return order.scope().stream()
                .filter(partition -> wanted.contains(partition.id()) && published.contains(partition.id()))
                .toList();
    }

    private Condition rows(WorkOrder order, List<Partition> partitions) {
        return new Slices(dialect, order.partitionColumns()).within(Slices.Values.PLAIN, partitions);
    }

    /**
     * Rows that came count by their hashes, rows that went by how many there were: a changed one is one of each, and counts
     * once.
     */
    private long writesSince(Session session, WorkOrder order, List<Partition> partitions) {
        Overwritten published = new Overwritten(dialect, order);
        record Now(long rows, long sealed) {}
        Now now = session.one(
                DSL.resultQuery(
                        "select count(*), count(s.k) from (select {0} as k, {1} as h from {2} where {3}) live"
                                + " left join (select distinct k, h from {4}) s on s.k = live.k and s.h = live.h",
                        published.keyHash(),
                        published.shadowHash(),
                        LedgerTables.table(order.published()),
                        rows(order, partitions),
                        LedgerTables.table(seals.table(order))),
                row -> new Now(row.getLong(1), row.getLong(2)));
        Set<String> ids = partitions.stream().map(Partition::id).collect(Collectors.toSet());
        long before = entries.of(session, order).stream()
                .filter(entry -> ids.contains(entry.partition()))
                .mapToLong(entry -> entry.rows().rowsAfter())
                .sum();
        return Math.max(now.rows() - now.sealed(), before - now.sealed());
    }

    /** The keys of which not every row is the same in both, as often as it is there. */
    private void findDifferent(Session session, WorkOrder order, List<Partition> partitions, Name differing) {
        Overwritten published = new Overwritten(dialect, order);
        Condition rows = rows(order, partitions);
        session.update(DSL.query(
                dialect.createOfSession() + " {0} as select distinct {1} from (select {1}, {2}, sum(n) as n from ("
                        + "select {3} as {1}, {4} as {2}, 1 as n from {5} where {6}"
                        + " union all select {3} as {1}, {4} as {2}, -1 as n from (select {7} from {8}) former where {6})"
                        + " both_sides group by {1}, {2} having sum(n) <> 0) different",
                differing,
                KEY,
                ROW,
                published.keyHash(),
                published.shadowHash(),
                LedgerTables.table(order.published()),
                rows,
                DSL.list(former(order)),
                LedgerTables.table(order.archive())));
    }

    /** The shadow's columns, of which the archive has none that the backfill added. */
    private static List<Field<?>> former(WorkOrder order) {
        Set<String> there = order.target().columns().stream().map(Column::name).collect(Collectors.toSet());
        return order.writtenColumns().stream()
                .<Field<?>>map(column -> there.contains(column.name())
                        ? DSL.field(DSL.name(column.name()))
                        : DSL.field("cast(null as " + column.type() + ") as {0}", DSL.name(column.name())))
                .toList();
    }

    private void exchange(Session session, WorkOrder order, Condition some, long[] counts) {
        Table<?> live = LedgerTables.table(order.published());
        List<Name> columns = order.target().columns().stream()
                .filter(column -> column.origin() == Column.Origin.WRITTEN)
                .map(column -> DSL.name(column.name()))
                .toList();
        counts[1] = session.update(DSL.query("delete from {0} where {1}", live, some));
        counts[0] = session.update(DSL.query(
                "insert into {0} ({1}) {4} select {1} from {2} where {3}",
                live, DSL.list(columns), LedgerTables.table(order.archive()), some, DSL.sql(dialect.overriding())));
    }

    /** A key that was in one of these partitions may have been given to a row of another one. */
    private void requireKeysOnlyThere(Session session, WorkOrder order, List<Partition> partitions, Name differing) {
        Field<?> key = new Overwritten(dialect, order).keyHash();
        ResolvedTable live = order.published();
        long twice = session.number(DSL.resultQuery(
                "select count(*) from {0} where not {1} and {2} in (select {2} from {3} where {1} and {2} in"
                        + " (select {4} from {5}))",
                LedgerTables.table(live),
                rows(order, partitions),
                key,
                LedgerTables.table(order.archive()),
                KEY,
                differing));
        if (twice > 0) {
            throw new BackstitchException(
                    ErrorCode.KEY_IN_TWO_PARTITIONS,
                    session.what() + " refused: expected the archived keys "
                            + order.merge().key() + " in no other partition of " + live + ", found " + twice
                            + " rows with one of them. Nothing was written. Restore these rows' partitions with it, or"
                            + " take the whole publish back.");
        }
    }
}
