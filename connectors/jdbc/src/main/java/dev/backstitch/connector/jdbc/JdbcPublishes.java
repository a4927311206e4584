package dev.backstitch.connector.jdbc;

import dev.backstitch.connector.jdbc.Database.Frame;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Publishes;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Publish and rollback, one transaction each, whatever the number of targets. Thread-safe. */
final class JdbcPublishes implements Publishes {
    private static final int ROUNDS = 3;

    private final Database database;
    private final LedgerTables ledger;
    private final Seals seals;
    private final TableOperations tables;
    private final PublishShadow publish;
    private final RollBackPublish rollback;
    private final PurgeArchive purge;

    private final CatchUp catchUp;

    JdbcPublishes(Database database, LedgerTables ledger, TableOperations tables, Drift drift, Seals seals) {
        this.database = database;
        this.ledger = ledger;
        this.seals = seals;
        this.tables = tables;
        this.catchUp = new CatchUp(database.dialect(), ledger, tables, drift, seals);
        this.publish = new PublishShadow(database.dialect(), ledger, tables, drift, seals, catchUp);
        this.rollback = new RollBackPublish(database.dialect(), ledger, tables, seals);
        this.purge = new PurgeArchive(ledger, tables, seals);
    }

    @Override
    public List<Archive> publish(List<WorkOrder> orders, Interrupt interrupt) {
        orders.stream().filter(CatchUp::isAskedFor).forEach(order -> catchUp(order, interrupt));
        return inOneTransaction(
                "publish", orders, Function.identity(), order -> order.target().name(), interrupt, publish);
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
        return inOneTransaction("rollback", undos, Undo::order, WorkOrder::published, interrupt, rollback);
    }

    @Override
    public Restored restore(Undo undo, Set<String> partitions, Interrupt interrupt) {
        return inOneTransaction(
                        "restore of " + String.join(", ", new TreeSet<>(partitions)),
                        List.of(undo),
                        Undo::order,
                        WorkOrder::published,
                        interrupt,
                        new RestorePartitions(database.dialect(), ledger, tables, seals, partitions))
                .get(0);
    }

    /**
     * One of the targets of a transaction.
     *
     * @param item what is done, an order or an undo
     */
    record Attempt<I>(I item, Cutover cutover) {}

    /**
     * What is done with all of them.
     *
     * @param <I> what is done, an order or an undo
     * @param <R> its result
     */
    interface Step<I, R> {
        /** Where DDL commits: makes what the transaction fills. Any number of times. */
        void before(Session session, List<Attempt<I>> attempts);

        /** In the transaction; one result for each of the attempts. */
        List<R> run(Session session, List<Attempt<I>> attempts);

        /** Where DDL commits: removes what the transaction has made superfluous. Any number of times. */
        void after(Session session, List<Attempt<I>> attempts);
    }

    @Override
    public Purged purge(WorkOrder order, Interrupt interrupt) {
        return database.write(
                "purge of the archive of " + name(order) + " (run " + order.run() + ")",
                order,
                interrupt,
                session -> purge.run(session, order));
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
        Frame frame = new Frame(
                session -> {
                    step.before(session, attempts);
                    return true;
                },
                session -> {
                    step.after(session, attempts);
                    return true;
                });
        List<R> results = database.write(what, orders.get(0), interrupt, frame, session -> step.run(session, attempts));
        return IntStream.range(0, items.size())
                .mapToObj(place -> results.get(places.indexOf(place)))
                .toList();
    }

    private static String name(WorkOrder order) {
        return order.live().toString();
    }
}
