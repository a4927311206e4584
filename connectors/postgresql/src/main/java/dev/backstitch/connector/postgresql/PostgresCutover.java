package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.PostgresTables.run;
import static dev.backstitch.connector.postgresql.Quoted.name;
import static dev.backstitch.connector.postgresql.Quoted.table;

import dev.backstitch.connector.jdbc.Cutover;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Publish;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jooq.impl.DSL;

/**
 * One attempt at a publish or rollback. Writers wait from the first statement on; readers only where the table itself is
 * changed, for as long as that takes: everything that needs time is proved or built before.
 */
final class PostgresCutover implements Cutover {
    private final PostgresTables tables;
    private final Captures captures;
    private final WorkOrder order;
    private final ResolvedTable target;
    private final ResolvedTable[] locked;
    private final Exchange exchange;

    /** @param locked the target, and the shadow where there is one */
    PostgresCutover(
            PostgresTables tables,
            Captures captures,
            String ledgerSchema,
            WorkOrder order,
            List<ResolvedTable> locked) {
        this.tables = tables;
        this.captures = captures;
        this.order = order;
        this.target = order.target().name();
        this.locked = locked.toArray(ResolvedTable[]::new);
        this.exchange = new Exchange(ledgerSchema, order, target);
    }

    /** The statements up to the lock take no snapshot, so that the transaction's own comes after every other writer's end. */
    @Override
    public void keepWritersOut(Session session) {
        run(session, "set local row_security = off");
        if (locked.length > 0) {
            captures.keepWritersOut(session, ErrorCode.CONFLICT, locked);
        }
        // Rows that are referenced from elsewhere may be away between the delete and the insert, where the key allows
        // it.
        run(session, "set constraints all deferred");
    }

    @Override
    public void requireNothingAtRisk(Session session) {
        boolean swap = order.publish().overwritesWholeTable();
        exchange.requireNothingAtRisk(session, fact -> swap ? fact.swapRefusal() : fact.replaceRefusal());
    }

    @Override
    public void swap(Session session) {
        captures.keepEverybodyOut(session, target, order.shadow());
        captures.ofTarget(order).remove(session);
        captures.ofShadow(order).remove(session);
        exchange.run(session, order.shadow(), order.archive(), fact -> false);
    }

    @Override
    public void swapBack(Session session) {
        captures.keepEverybodyOut(session, target, order.archive());
        ForeignKeys.build(session, target, order.archive());
        exchange.run(session, order.archive(), order.shadow(), fact -> Exchange.isOf(fact, exchange.added()));
        run(session, "drop table " + table(order.shadow()));
    }

    @Override
    public void addColumns(Session session) {
        Set<String> there = columns(session);
        List<AddedColumn> missing = order.seed().added().stream()
                .filter(added -> !there.contains(added.name()))
                .toList();
        if (!missing.isEmpty()) {
            captures.keepEverybodyOut(session, target);
        }
        missing.forEach(added -> run(session, PostgresTables.addColumn(target, added)));
    }

    private Set<String> columns(Session session) {
        return tables.find(session, target).orElseThrow().columns().stream()
                .map(Column::name)
                .collect(Collectors.toSet());
    }

    @Override
    public void dropEmptyColumns(Session session) {
        settle(session); // A table with unchecked keys cannot be altered.
        Set<String> there = columns(session);
        for (AddedColumn added : order.seed().added()) {
            if (there.contains(added.name()) && isUnused(session, added.name())) {
                captures.keepEverybodyOut(session, target);
                run(session, "alter table " + table(target) + " drop column " + name(added.name()));
            }
        }
    }

    private boolean isUnused(Session session, String column) {
        return session.one(
                DSL.query(
                        "select not exists (select from {0} where {1} is not null) and not exists (select from pg_depend d"
                                + " join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid"
                                + " where d.refclassid = 'pg_class'::regclass and d.refobjid = {2}::regclass"
                                + " and a.attname = {3})",
                        DSL.table(DSL.name(target.schema(), target.table())),
                        DSL.field(DSL.name(column)),
                        DSL.val(table(target)),
                        DSL.val(column)),
                row -> row.getBoolean(1));
    }

    /** What deferred keys would refuse at the commit is refused here, as a statement's failure. */
    @Override
    public void settle(Session session) {
        if (order.publish() instanceof Publish.ReplacePartitions) {
            run(session, "set constraints all immediate");
        }
    }
}
