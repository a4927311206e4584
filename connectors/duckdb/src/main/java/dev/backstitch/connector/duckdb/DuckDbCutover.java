package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.duckdb.DuckDbTables.CatalogColumn;
import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Cutover;
import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.Fingerprint;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.connector.jdbc.Names;
import dev.backstitch.connector.jdbc.Overwritten;
import dev.backstitch.connector.jdbc.QueryColumn;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.connector.jdbc.Slices;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Repoint;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Name;
import org.jooq.Query;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * A publish's or rollback's work on DuckDB's tables.
 *
 * <p>The fence: DuckDB has no lock, and a transaction that replaces rows or renames a table silently passes over what
 * another one writes to it meanwhile. But a transaction that has altered a table makes every other writer of it fail, at
 * its statement or at its commit, and itself fails if one committed before. So each publish begins by adding a column and
 * dropping it again.
 */
final class DuckDbCutover implements Cutover {
    /** DuckDB's words to a writer of a table that a transaction which is still open has altered. */
    private static final String REFUSED_BY_THE_FENCE = "has been altered by a different transaction";

    private final Database database;
    private final WorkOrder order;
    private final DuckDbTables tables;
    private final ResolvedTable live;
    private final Optional<RepointedView> view;
    private final Table<?> table;
    private final List<SecondaryIndex> indexes;
    private final Optional<String> comment;
    private final List<Column> columns;
    private final Map<String, String> columnComments;
    private final Map<View, List<QueryColumn>> views;

    /** Looks at what hangs on the target, before the publish's own transaction. */
    DuckDbCutover(Database database, Session before, DuckDbTables tables, WorkOrder order, ResolvedTable live) {
        this.database = database;
        this.order = order;
        this.tables = tables;
        this.live = live;
        this.view = order.repoint()
                .map(repoint -> new RepointedView(tables, repoint.view().name()));
        this.table = LedgerTables.table(live);
        this.indexes = SecondaryIndex.of(before, live);
        this.comment = tables.comment(before, live);
        List<CatalogColumn> found = tables.columns(before, live);
        this.columns = found.stream().map(CatalogColumn::column).toList();
        this.columnComments = new LinkedHashMap<>();
        found.forEach(column -> column.comment()
                .ifPresent(text -> columnComments.put(column.column().name(), text)));
        this.views = new LinkedHashMap<>();
        List<ResolvedTable> shown =
                Stream.concat(Stream.of(order.live()), pinned().stream()).toList();
        for (ResolvedTable name : shown) {
            for (View one : View.mentioning(before, name)) {
                if (!shown.contains(one.name())) {
                    one.columns(database, before).ifPresent(read -> views.put(one, read));
                }
            }
        }
    }

    /**
     * The order is what probes found to lose nothing: an index has to be gone before the column is dropped, and to drop it
     * before the column is added would open a gap.
     */
    @Override
    public void keepWritersOut(Session session) {
        Name column = DSL.name("bf_fence_" + Names.hash(order.run()));
        session.update(DSL.query("alter table {0} add column {1} integer", table, column));
        indexes.forEach(index -> index.drop(session, live));
        session.update(DSL.query("alter table {0} drop column {1}", table, column));
        requireFenceToStand(session);
        requireNoCommitBefore(session);
    }

    /**
     * A writer that is in the middle of its commit when the column is added has appended its rows already. Its commit fails
     * then, and takes the fence away as it takes its rows back. Others may write from then on, and this transaction can no
     * longer commit; once it has inserted rows of its own, trying to would end the whole database. So the commits under way
     * are waited for, and somebody else's write is tried, which has to be refused.
     */
    private void requireFenceToStand(Session session) {
        awaitCommitsUnderWay(session);
        Column written = columns.stream()
                .filter(column -> column.origin() == Column.Origin.WRITTEN)
                .reduce((first, second) -> second)
                .orElseThrow();
        Query write = DSL.query(
                "update {0} set {1} = {1} where rowid = (select min(rowid) from {0})", table, DSL.name(written.name()));
        long rows;
        try {
            rows = database.read(session.what(), session.interrupt(), other -> other.update(write));
        } catch (BackstitchException e) {
            if (e.getCause() instanceof SQLException refused
                    && String.valueOf(refused.getMessage()).contains(REFUSED_BY_THE_FENCE)) {
                return;
            }
            throw e;
        }
        // An empty table has no row to try it on.
        if (rows > 0) {
            throw conflict(
                    session,
                    "somebody else's commit, which was under way as it began, has failed and taken its fence"
                            + " away");
        }
    }

    /** Commits are logged one after the other, so that one that is logged now comes after all that were under way. */
    private void awaitCommitsUnderWay(Session session) {
        Table<?> own = LedgerTables.table(live.sibling("bf_fence_" + Names.hash(order.run())));
        database.write(session.what(), session.interrupt(), other -> {
            other.update(DSL.query("create table {0} (n integer)", own));
            return other.update(DSL.query("drop table {0}", own));
        });
    }

    private BackstitchException conflict(Session session, String why) {
        return new BackstitchException(
                ErrorCode.CONFLICT,
                session.what() + " failed: " + why + ". All of it is rolled back, " + live
                        + " is unchanged, the write is there or was refused to its writer. It is tried again.");
    }

    /**
     * The fence says nothing of a write that was committed after this transaction's snapshot and before its first
     * statement took effect; this transaction does not see it. Another transaction does, and none follows it.
     */
    private void requireNoCommitBefore(Session session) {
        Overwritten overwritten = new Overwritten(session.dialect(), order);
        Fingerprint mine = overwritten.ofLive(session, live, columns);
        Fingerprint now =
                database.read(session.what(), session.interrupt(), fresh -> overwritten.ofLive(fresh, live, columns));
        if (!mine.equals(now)) {
            throw conflict(session, "somebody else wrote in the moment in which it began");
        }
    }

    @Override
    public void requireNothingAtRisk(Session session) {
        view.ifPresent(shown -> shown.requireShows(
                session,
                live,
                order.repoint()
                        .map(Repoint::view)
                        .filter(planned -> live.equals(order.target().name())),
                pinned()));
    }

    private List<ResolvedTable> pinned() {
        return order.repoint().map(Repoint::pinned).orElse(List.of());
    }

    @Override
    public void swap(Session session) {
        if (view.isEmpty()) {
            rename(session, live, order.archive());
        }
        rename(session, order.shadow(), order.published());
        view.ifPresent(shown -> shown.show(session, order.published()));
        carryComments(session, order.published());
    }

    private void carryComments(Session session, ResolvedTable to) {
        tables.setComment(session, to, comment.orElse(""));
        Set<String> there = tables.columns(session, to).stream()
                .map(CatalogColumn::column)
                .map(Column::name)
                .collect(Collectors.toSet());
        columnComments.forEach((column, text) -> {
            if (there.contains(column)) {
                session.update(DSL.query(
                        "comment on column {0} is {1}",
                        DSL.name(to.catalog(), to.schema(), to.table(), column), DuckDbTables.literal(text)));
            }
        });
    }

    @Override
    public void swapBack(Session session) {
        ResolvedTable target = order.target().name();
        view.ifPresent(shown -> shown.show(session, target));
        pinned().stream()
                .filter(pin -> tables.shownBy(session, pin).equals(Optional.of(live)))
                .forEach(pin -> new RepointedView(tables, pin).show(session, target));
        session.update(DSL.query("drop table {0}", table));
        if (view.isEmpty()) {
            rename(session, order.archive(), target);
        }
        tables.setComment(session, target, comment.orElse(""));
    }

    private static void rename(Session session, ResolvedTable from, ResolvedTable to) {
        session.update(DSL.query("alter table {0} rename to {1}", LedgerTables.table(from), DSL.name(to.table())));
    }

    @Override
    public void addColumns(Session session) {
        for (AddedColumn added : order.seed().added()) {
            session.update(new BoundSql(
                    "alter table " + session.rendered(table).text() + " add column "
                            + session.rendered(DSL.name(added.name())).text() + " " + added.type(),
                    List.of()));
        }
    }

    /**
     * A unique index that is made after rows were deleted and inserted in the same transaction takes both for its own and
     * refuses the commit, so that indexes are back before.
     */
    @Override
    public void beforeReplace(Session session) {
        indexes.forEach(index -> index.create(session, live));
    }

    /** No column can be dropped from a table with an index, so that this comes before they are back. */
    @Override
    public void beforeRestore(Session session) {
        Condition kept = DSL.not(
                new Slices(session.dialect(), order.partitionColumns()).within(Slices.Values.PLAIN, order.scope()));
        for (AddedColumn added : order.seed().added()) {
            Name column = DSL.name(added.name());
            if (!isUsed(added.name())
                    && session.number(DSL.resultQuery("select count({0}) from {1} where {2}", column, table, kept))
                            == 0) {
                session.update(DSL.query("alter table {0} drop column {1}", table, column));
            }
        }
        beforeReplace(session);
    }

    @Override
    public void dropEmptyColumns(Session session) {
        // They were dropped before the rows came back.
    }

    private boolean isUsed(String column) {
        return indexes.stream().anyMatch(index -> IndexDefinition.mentions(index.over(), column))
                || views.keySet().stream().anyMatch(one -> IndexDefinition.mentions(one.sql(), column));
    }

    @Override
    public void settle(Session session) {
        if (order.publish().overwritesWholeTable()) {
            ResolvedTable next = live.equals(order.published()) ? order.target().name() : order.published();
            indexes.forEach(index -> index.create(session, next));
        }
        views.forEach((one, before) -> requireSame(session, one, before));
    }

    private static void requireSame(Session session, View view, List<QueryColumn> before) {
        String found;
        try {
            List<QueryColumn> after = view.columns(session);
            if (after.containsAll(before)) {
                return;
            }
            found = "that it has " + names(after);
        } catch (BackstitchException e) {
            if (e.code() != ErrorCode.STATEMENT_REFUSED) {
                throw e;
            }
            found = "that it can no longer be read";
        }
        throw new BackstitchException(
                ErrorCode.DEPENDENT_AT_RISK,
                session.what() + " failed: expected that view " + view.name() + " still has the columns "
                        + names(before) + ", found " + found
                        + ". All of it is rolled back, the target is unchanged. Change the view first.");
    }

    private static List<String> names(List<QueryColumn> columns) {
        return columns.stream().map(QueryColumn::name).toList();
    }
}
