package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.PostgresTables.run;
import static dev.backstitch.connector.postgresql.Quoted.name;
import static dev.backstitch.connector.postgresql.Quoted.table;

import dev.backstitch.connector.jdbc.Cutover;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Repoint;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One attempt at a publish behind a view, or at its rollback: a swap of the table under the view, after which each of the
 * two has a name of its own again. Nobody sees the names in between; that they are the same before and after is what lets
 * the two be compared.
 */
final class PostgresRepoint implements Cutover {
    private final Captures captures;
    private final WorkOrder order;
    private final Repoint repoint;
    private final ResolvedTable live;
    private final ResolvedTable target;
    private final ResolvedTable[] locked;
    private final Exchange exchange;
    private final RepointedView view;
    private final ArchiveGuard guard;
    private final List<RepointedView> pinned;

    /**
     * @param live the table that the view shows now
     * @param locked the view, the table that it shows and the one that it will show, as far as they can be locked
     */
    PostgresRepoint(
            Captures captures,
            String ledgerSchema,
            WorkOrder order,
            Repoint repoint,
            ResolvedTable live,
            List<ResolvedTable> locked) {
        this.captures = captures;
        this.order = order;
        this.repoint = repoint;
        this.live = live;
        this.target = order.target().name();
        this.locked = locked.toArray(ResolvedTable[]::new);
        this.exchange = new Exchange(ledgerSchema, order, live);
        this.view = new RepointedView(ledgerSchema, repoint.view().name());
        this.guard = new ArchiveGuard(ledgerSchema, order);
        this.pinned = repoint.pinned().stream()
                .map(name -> new RepointedView(ledgerSchema, name))
                .toList();
    }

    /** The statements up to the lock take no snapshot, so that the transaction's own comes after every other writer's end. */
    @Override
    public void keepWritersOut(Session session) {
        run(session, "set local row_security = off");
        if (locked.length > 0) {
            captures.keepWritersOut(session, ErrorCode.CONFLICT, locked);
        }
    }

    @Override
    public void requireNothingAtRisk(Session session) {
        view.requireShows(session, live, Optional.of(repoint.view()).filter(planned -> live.equals(target)));
        exchange.requireNothingAtRisk(
                session,
                fact -> fact.swapRefusal().filter(why -> !view.is(session, fact) && !staysAsItIs(session, fact)));
    }

    /** A pinned view of which somebody has made a query of its own would break, or keep the table from going. */
    private boolean staysAsItIs(Session session, Inventory.Fact fact) {
        return pinned.stream()
                .anyMatch(each -> each.is(session, fact)
                        && each.look(session).flatMap(ViewInfo::shows).equals(Optional.of(live)));
    }

    private boolean isPinned(Session session, Inventory.Fact fact) {
        return pinned.stream().anyMatch(each -> each.is(session, fact));
    }

    @Override
    public void swap(Session session) {
        captures.boundWaits(session);
        view.show(session, exchange, order.shadow(), Set.of());
        captures.keepEverybodyOut(session, target, order.shadow());
        captures.ofTarget(order).remove(session);
        captures.ofShadow(order).remove(session);
        ResolvedTable former = former();
        exchange.run(session, order.shadow(), former, fact -> isPinned(session, fact));
        rename(session, target, repoint.version());
        rename(session, former, target);
        guard.install(session);
    }

    @Override
    public void swapBack(Session session) {
        captures.boundWaits(session);
        view.show(session, exchange, target, exchange.added());
        for (RepointedView pin : pinned) {
            if (pin.look(session).flatMap(ViewInfo::shows).equals(Optional.of(live))) {
                pin.show(session, exchange, target, exchange.added());
            }
        }
        captures.keepEverybodyOut(session, live, target);
        guard.remove(session);
        ForeignKeys.build(session, live, target);
        ResolvedTable former = former();
        exchange.run(session, target, former, fact -> Exchange.isOf(fact, exchange.added()) || isPinned(session, fact));
        run(session, "drop table " + table(former));
        rename(session, live, target);
    }

    private ResolvedTable former() {
        return live.sibling(
                "bf_" + Inventory.sha256(order.run() + "|" + live + "|former").substring(0, 12) + "_former");
    }

    private static void rename(Session session, ResolvedTable from, ResolvedTable to) {
        run(session, "alter table " + table(from) + " rename to " + name(to.table()));
    }

    @Override
    public void addColumns(Session session) {
        throw new IllegalStateException("no rows are replaced behind a view");
    }

    @Override
    public void dropEmptyColumns(Session session) {
        throw new IllegalStateException("no rows are replaced behind a view");
    }

    @Override
    public void settle(Session session) {
        // All of it is in its place.
    }
}
