package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Quoted.name;
import static dev.backstitch.connector.postgresql.Quoted.table;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Cutover;
import dev.backstitch.connector.jdbc.Keys;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.connector.jdbc.TableCopies;
import dev.backstitch.connector.jdbc.TableOperations;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jooq.impl.DSL;

/** What is done with tables themselves. Thread-safe. */
final class PostgresTables implements TableOperations, TableCopies {
    private final Tables tables;
    private final Captures captures;
    private final String ledgerSchema;

    PostgresTables(Tables tables, Captures captures, String ledgerSchema) {
        this.tables = tables;
        this.captures = captures;
        this.ledgerSchema = ledgerSchema;
    }

    @Override
    public Optional<TableInfo> find(Session session, ResolvedTable table) {
        return tables.find(session, table);
    }

    @Override
    public Optional<String> comment(Session session, ResolvedTable table) {
        return session.first(
                        DSL.query(
                                "select coalesce(obj_description(to_regclass({0})::oid, 'pg_class'), '')",
                                DSL.val(table(table))),
                        row -> row.getString(1))
                .filter(comment -> !comment.isEmpty());
    }

    @Override
    public void setComment(Session session, ResolvedTable table, String comment) {
        run(session, "comment on table " + table(table) + " is " + (comment.isEmpty() ? "null" : Quoted.text(comment)));
    }

    /** Identities are left to a swap: as plain columns they take what the source brings. */
    @Override
    public void createShadow(Session session, WorkOrder order) {
        run(session, "set local row_security = off");
        run(
                session,
                "create table " + table(order.shadow()) + " (like "
                        + table(order.target().name())
                        + " including defaults including constraints including generated including storage"
                        + " including compression)");
        for (AddedColumn added : order.seed().added()) {
            run(session, addColumn(order.shadow(), added));
        }
    }

    /** Identities stay behind here, too: as plain columns they take the rows' own values. */
    @Override
    public void make(Session session, TableInfo of, ResolvedTable as) {
        run(session, "set local row_security = off");
        run(
                session,
                "create table " + table(as) + " (like " + table(of.name()) + " including all excluding identity"
                        + " excluding indexes excluding statistics)");
    }

    @Override
    public void filled(Session session, TableInfo of, ResolvedTable as) {
        KeyTwins.buildKeys(session, of.name(), as);
        run(session, "analyze " + table(as));
    }

    /** The indexes that the merges need; those of the target wait until they have ended. */
    @Override
    public void seeded(Session session, WorkOrder order) {
        List<String> key = Keys.of(order).stream().map(Column::name).toList();
        // Unique only where the target keeps it so: a target with duplicates is for the audits to tell.
        boolean unique = order.target().keepsUnique(key);
        run(
                session,
                "create " + (unique ? "unique " : "") + "index on " + table(order.shadow()) + " (" + Quoted.names(key)
                        + ")");
        List<String> partition =
                order.partitionColumns().stream().map(Column::name).toList();
        if (!key.get(0).equals(partition.get(0))) {
            run(session, "create index on " + table(order.shadow()) + " (" + Quoted.names(partition) + ")");
        }
        run(session, "analyze " + table(order.shadow()));
    }

    /** The trigger that refuses its writes goes with it, and its function. */
    @Override
    public void dropArchive(Session session, WorkOrder order) {
        if (order.repoint().isPresent()) {
            new ArchiveGuard(ledgerSchema, order).remove(session);
        }
        TableOperations.super.dropArchive(session, order);
    }

    @Override
    public Cutover cutover(Session before, WorkOrder order, ResolvedTable live) {
        ResolvedTable target = order.target().name();
        // What is missing already is told better by what comes after the lock.
        List<ResolvedTable> locked = Stream.of(target, live.equals(target) ? order.shadow() : live)
                .filter(table -> find(before, table).isPresent())
                .toList();
        if (order.repoint().isPresent()) {
            RepointedView view = new RepointedView(ledgerSchema, order.live());
            List<ResolvedTable> withView = view.isLockable(before, live)
                    ? Stream.concat(Stream.of(order.live()), locked.stream()).toList()
                    : locked;
            return new PostgresRepoint(
                    captures, ledgerSchema, order, order.repoint().get(), live, withView);
        }
        return new PostgresCutover(this, captures, ledgerSchema, order, locked);
    }

    @Override
    public Optional<ResolvedTable> shownBy(Session session, ResolvedTable view) {
        return new RepointedView(ledgerSchema, view).look(session).flatMap(ViewInfo::shows);
    }

    @Override
    public boolean reads(Session session, ResolvedTable view, ResolvedTable table) {
        return new RepointedView(ledgerSchema, view).reads(session, table);
    }

    @Override
    public void showPublished(Session session, WorkOrder order, ResolvedTable view) {
        captures.boundWaits(session);
        new RepointedView(ledgerSchema, view)
                .show(session, new Exchange(ledgerSchema, order, order.published()), order.published(), Set.of());
    }

    static String addColumn(ResolvedTable to, AddedColumn added) {
        return "alter table " + table(to) + " add column " + name(added.name()) + " " + added.type();
    }

    static void run(Session session, String statement) {
        session.update(new BoundSql(statement, List.of()));
    }
}
