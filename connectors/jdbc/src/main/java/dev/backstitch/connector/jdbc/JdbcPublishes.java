package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Publishes;
import dev.backstitch.spi.WorkOrder;

/** Publish and rollback, one transaction each. Thread-safe. */
final class JdbcPublishes implements Publishes {
    private final Database database;
    private final TableOperations tables;
    private final PublishShadow publish;
    private final RollBackPublish rollback;

    JdbcPublishes(Database database, LedgerTables ledger, TableOperations tables, Drift drift, Seals seals) {
        this.database = database;
        this.tables = tables;
        this.publish = new PublishShadow(database.dialect(), ledger, tables, drift, seals);
        this.rollback = new RollBackPublish(database.dialect(), ledger, tables, seals);
    }

    @Override
    public Archive publish(WorkOrder order, Interrupt interrupt) {
        String what = "publish of " + order.target().name() + " (run " + order.run() + ")";
        Cutover cutover = database.read(what, interrupt, session -> tables.cutover(session, order));
        return database.write(what, order, interrupt, session -> publish.run(session, order, cutover));
    }

    @Override
    public RolledBack rollback(WorkOrder order, long accepted, Interrupt interrupt) {
        String what = "rollback of " + order.target().name() + " (run " + order.run() + ")";
        Cutover cutover = database.read(what, interrupt, session -> tables.cutover(session, order));
        return database.write(what, order, interrupt, session -> rollback.run(session, order, accepted, cutover));
    }
}
