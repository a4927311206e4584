package dev.backstitch.connector.jdbc;

import static dev.backstitch.connector.jdbc.LedgerTables.ACTOR;
import static dev.backstitch.connector.jdbc.LedgerTables.CREATED_AT;
import static dev.backstitch.connector.jdbc.LedgerTables.DAG;
import static dev.backstitch.connector.jdbc.LedgerTables.EXPIRES_AT;

import dev.backstitch.spi.Column;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.Sandbox;
import dev.backstitch.spi.Sandboxes;
import dev.backstitch.spi.WorkOrder;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.Name;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * Sandboxes as schemas with a table that marks them: made with it in one transaction, and dropped with it. For databases whose
 * DDL is part of a transaction. Thread-safe.
 */
public final class JdbcSandboxes implements Sandboxes {
    private static final String MARKER = "bf_sandbox";
    private static final int SUFFIX = 8;

    private final Database database;
    private final String catalog;
    private final TableOperations tables;
    private final TableCopies copies;
    private final Function<Sandbox, Connector> within;

    /**
     * @param catalog the database that holds the sandboxes; empty where names have no such part
     * @param within makes a connector over the same connections, whose ledger is in the sandbox
     */
    public JdbcSandboxes(
            Database database,
            String catalog,
            TableOperations tables,
            TableCopies copies,
            Function<Sandbox, Connector> within) {
        this.database = database;
        this.catalog = catalog;
        this.tables = tables;
        this.copies = copies;
        this.within = within;
    }

    @Override
    public Sandbox open(String dag, String actor, Duration lifetime) {
        String schema = Sandbox.PREFIX + UUID.randomUUID().toString().substring(0, SUFFIX);
        String what = "making of the sandbox " + schema;
        return database.write(what, Interrupt.never(), session -> {
            session.update(DSL.query("create schema {0}", DSL.name(schema)));
            session.update(DSL.createTable(marker(schema))
                    .column(DAG)
                    .column(ACTOR)
                    .column(CREATED_AT)
                    .column(EXPIRES_AT));
            OffsetDateTime now =
                    session.one(DSL.select(DSL.currentOffsetDateTime()), row -> row.getObject(1, OffsetDateTime.class));
            session.update(DSL.insertInto(marker(schema))
                    .set(DAG, dag)
                    .set(ACTOR, actor)
                    .set(CREATED_AT, now)
                    .set(EXPIRES_AT, now.plus(lifetime)));
            return look(session, schema).orElseThrow();
        });
    }

    private static Table<?> marker(String schema) {
        return DSL.table(DSL.name(schema, MARKER));
    }

    @Override
    public List<Sandbox> sandboxes() {
        List<String> schemas = database.read(
                "look for sandboxes",
                Interrupt.never(),
                session -> session.list(
                        DSL.resultQuery(
                                "select table_schema from information_schema.tables where table_name = {0}"
                                        + " and table_catalog = current_database() order by table_schema",
                                DSL.val(MARKER)),
                        row -> row.getString(1)));
        List<Sandbox> found = new ArrayList<>();
        for (String schema : schemas) {
            if (schema.startsWith(Sandbox.PREFIX)) {
                find(schema).ifPresent(found::add);
            }
        }
        found.sort(Comparator.comparing(Sandbox::createdAt));
        return found;
    }

    /** Each in a transaction of its own: somebody may drop it at the same time. */
    private Optional<Sandbox> find(String schema) {
        return database.read(
                "look at the sandbox " + schema,
                Interrupt.never(),
                session -> isMarked(session, schema) ? look(session, schema) : Optional.empty());
    }

    private static boolean isMarked(Session session, String schema) {
        return session.number(DSL.resultQuery(
                        "select count(*) from information_schema.tables where table_name = {0} and table_schema = {1}"
                                + " and table_catalog = current_database()",
                        DSL.val(MARKER), DSL.val(schema)))
                == 1;
    }

    private Optional<Sandbox> look(Session session, String schema) {
        return session.first(
                DSL.select(
                                DAG,
                                ACTOR,
                                CREATED_AT,
                                EXPIRES_AT,
                                DSL.field(
                                        "case when {0} <= {1} then 1 else 0 end",
                                        EXPIRES_AT, DSL.currentOffsetDateTime()))
                        .from(marker(schema)),
                row -> new Sandbox(
                        catalog,
                        schema,
                        row.getString(1),
                        row.getString(2),
                        instant(row.getObject(3, OffsetDateTime.class)),
                        instant(row.getObject(4, OffsetDateTime.class)),
                        row.getInt(5) == 1));
    }

    private static Instant instant(OffsetDateTime time) {
        return time.toInstant();
    }

    @Override
    public boolean drop(Sandbox sandbox) {
        return database.write("drop of the sandbox " + sandbox.schema(), Interrupt.never(), session -> {
            if (!isMarked(session, sandbox.schema())) {
                return false;
            }
            session.update(DSL.query("drop schema {0} cascade", DSL.name(sandbox.schema())));
            return true;
        });
    }

    @Override
    public Connector within(Sandbox sandbox) {
        return within.apply(sandbox);
    }

    @Override
    public long copy(WorkOrder order, ResolvedTable as, Rows rows, Optional<ResolvedTable> view, Interrupt interrupt) {
        ResolvedTable target = order.target().name();
        return database.write("copy of " + target + " to " + as, interrupt, session -> {
            OwnTables.requireFree(session, tables, as);
            Targets.requirePlanned(session, tables, order);
            copies.make(session, order.target(), as);
            List<Name> columns = order.target().columns().stream()
                    .filter(column -> column.origin() == Column.Origin.WRITTEN)
                    .map(column -> DSL.name(column.name()))
                    .toList();
            long count = session.update(DSL.query(
                    "insert into {0} ({1}) select {1} from {2} where {3}",
                    LedgerTables.table(as),
                    DSL.list(columns),
                    LedgerTables.table(target),
                    rows == Rows.ALL ? DSL.noCondition() : scope(session, order)));
            copies.filled(session, order.target(), as);
            view.ifPresent(name -> session.update(DSL.query(
                    "create view {0} as select * from {1}", LedgerTables.table(name), LedgerTables.table(as))));
            return count;
        });
    }

    private static Condition scope(Session session, WorkOrder order) {
        return new Slices(session.dialect(), order.partitionColumns()).rowsOf(Slices.Values.PLAIN, order.scope());
    }

    @Override
    public String fingerprint(WorkOrder order, Interrupt interrupt) {
        ResolvedTable target = order.target().name();
        return database.read(
                "fingerprint of " + target,
                interrupt,
                session -> tables.find(session, target)
                        .map(found -> String.join(
                                "\n",
                                found.identity(),
                                found.structure(),
                                tables.comment(session, target).orElse(""),
                                new Overwritten(session.dialect(), order)
                                        .asTarget(session, target, scope(session, order))
                                        .toString()))
                        .orElse("gone"));
    }
}
