package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Publishes;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Publish and rollback, one transaction each, whatever the number of targets. Thread-safe. */
final class JdbcPublishes implements Publishes {
    private static final int ROUNDS = 3;

    private final Database database;
    private final TableOperations tables;
    private final PublishShadow publish;
    private final RollBackPublish rollback;

    private final CatchUp catchUp;

    JdbcPublishes(Database database, LedgerTables ledger, TableOperations tables, Drift drift, Seals seals) {
        this.database = database;
        this.tables = tables;
        this.catchUp = new CatchUp(database.dialect(), ledger, tables, drift, seals);
        this.publish = new PublishShadow(database.dialect(), ledger, tables, drift, seals, catchUp);
        this.rollback = new RollBackPublish(database.dialect(), ledger, tables, seals);
    }

    @Override
    public List<Archive> publish(List<WorkOrder> orders, Interrupt interrupt) {
        orders.stream().filter(CatchUp::isAskedFor).forEach(order -> catchUp(order, interrupt));
        return inOneTransaction(
                "publish", orders, Function.identity(), order -> order.target().name(), interrupt, publish::run);
    }

    /** So that little is left to bring in while writers wait. They may write faster than this: then the rest is left. */
    private void catchUp(WorkOrder order, Interrupt interrupt) {
        String what = "catch-up of the shadow of " + name(order) + " (run " + order.run() + ")";
        for (int round = 1; round <= ROUNDS; round++) {
            if (!database.write(what, order, interrupt, session -> catchUp.afterAudit(session, order))) {
                return;
            }
        }
    }

    @Override
    public List<RolledBack> rollback(List<Undo> undos, Interrupt interrupt) {
        return inOneTransaction("rollback", undos, Undo::order, WorkOrder::published, interrupt, rollback::run);
    }

    /**
     * One of the targets of a transaction.
     *
     * @param item what is done, an order or an undo
     */
    record Attempt<I>(I item, Cutover cutover) {}

    private interface Step<I, R> {
        /** One result for each of the attempts. */
        List<R> run(Session session, List<Attempt<I>> attempts);
    }

    /** Targets are locked in the order of their names, so that two that publish some of the same do not wait in a circle. */
    private <I, R> List<R> inOneTransaction(
            String verb,
            List<I> items,
            Function<I, WorkOrder> orderOf,
            Function<WorkOrder, ResolvedTable> liveOf,
            Interrupt interrupt,
            Step<I, R> step) {
        List<Integer> places = IntStream.range(0, items.size())
                .boxed()
                .sorted(Comparator.comparing(
                        place -> orderOf.apply(items.get(place)).target().name().toString()))
                .toList();
        List<I> sorted = places.stream().<I>map(items::get).toList();
        List<WorkOrder> orders = sorted.stream().map(orderOf).toList();
        String what = verb + " of "
                + orders.stream().map(JdbcPublishes::name).collect(Collectors.joining(" and "))
                + " (run " + orders.get(0).run() + ")";
        List<Attempt<I>> attempts = database.read(
                what,
                interrupt,
                session -> sorted.stream()
                        .map(item -> new Attempt<>(
                                item, tables.cutover(session, orderOf.apply(item), liveOf.apply(orderOf.apply(item)))))
                        .toList());
        List<R> results = database.write(what, orders.get(0), interrupt, session -> step.run(session, attempts));
        return IntStream.range(0, items.size())
                .mapToObj(place -> results.get(places.indexOf(place)))
                .toList();
    }

    private static String name(WorkOrder order) {
        return order.live().toString();
    }
}
