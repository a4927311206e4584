package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.JdbcCatalog;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.connector.jdbc.Overwritten;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.connector.jdbc.Slices;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.Reads;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.Space;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jooq.Name;
import org.jooq.impl.DSL;

/** What PostgreSQL knows about its tables. Thread-safe. */
final class PostgresCatalog extends JdbcCatalog {
    /** A name, perhaps qualified and quoted, with modifiers and brackets: nothing else could be smuggled in. */
    private static final Pattern TYPE = Pattern.compile("(\\w+|\"[^\";]+\"|[ .]|\\([ \\d,-]+\\)|\\[\\d*\\])+");

    private static final Pattern PLAN_ROWS = Pattern.compile("\"Plan Rows\": (\\d+)");
    private static final int MOST_ESTIMATES = 400;

    private final Tables reader;
    private final PostgresTables tables;
    private final String ledgerSchema;

    PostgresCatalog(Database database, Tables reader, PostgresTables tables, String ledgerSchema) {
        super(database);
        this.reader = reader;
        this.tables = tables;
        this.ledgerSchema = ledgerSchema;
    }

    @Override
    public Optional<TableInfo> table(TableName name) {
        return database.read("look at table " + name, Interrupt.never(), session -> reader.resolve(session, name));
    }

    @Override
    public List<Dependent> dependents(ResolvedTable table) {
        return database.read(
                "look at what hangs on " + table,
                Interrupt.never(),
                session -> tables.find(session, table)
                        .map(found -> Inventory.of(session, found.identity(), ledgerSchema)
                                .dependents())
                        .orElse(List.of()));
    }

    Optional<ViewInfo> view(TableName name) {
        return database.read(
                "look at view " + name,
                Interrupt.never(),
                session -> reader.resolve(session, name)
                        .flatMap(found -> new RepointedView(ledgerSchema, found.name()).look(session)));
    }

    List<Dependent> dependents(ViewInfo view, List<ResolvedTable> pinned) {
        ResolvedTable table = view.shows().orElseThrow();
        List<RepointedView> apart = Stream.concat(Stream.of(view.name()), pinned.stream())
                .map(name -> new RepointedView(ledgerSchema, name))
                .toList();
        return database.read(
                "look at what hangs on " + table,
                Interrupt.never(),
                session -> new Inventory(Inventory.of(session, table, ledgerSchema).facts().stream()
                                .filter(fact -> apart.stream().noneMatch(each -> each.is(session, fact)))
                                .toList())
                        .dependents());
    }

    @Override
    protected Column.Family familyOf(String type) {
        return Tables.family(type);
    }

    @Override
    protected Reads readThrough(Session session, BoundSql query) {
        return ReadThrough.of(session, query);
    }

    /** As the planner guesses them, one question a partition, so that there are no more than some hundred. */
    @Override
    protected Map<String, LiveRows> estimated(
            TableInfo target, List<Column> partitionColumns, List<Partition> partitions, Interrupt interrupt) {
        if (partitions.size() > MOST_ESTIMATES) {
            return Map.of();
        }
        Slices slices = new Slices(database.dialect(), partitionColumns);
        return database.read("estimate of the rows of " + target.name(), interrupt, session -> {
            Map<String, LiveRows> rows = new HashMap<>();
            for (Partition partition : partitions) {
                String query = session.readable(DSL.query(
                        "explain (format json) select from {0} where {1}",
                        LedgerTables.table(target.name()), slices.rowsOf(Slices.Values.PLAIN, List.of(partition))));
                session.list(new BoundSql(query, List.of()), row -> row.getString(1)).stream()
                        .findFirst()
                        .map(PLAN_ROWS::matcher)
                        .filter(Matcher::find)
                        .map(found -> Long.parseLong(found.group(1)))
                        .ifPresent(count -> rows.put(partition.id(), new LiveRows(count, LiveRows.Basis.ESTIMATED)));
            }
            return rows;
        });
    }

    /** As {@code format_type} writes it; a type that does not exist is left as it is, for the database to refuse later. */
    @Override
    public String normalType(String type) {
        if (!TYPE.matcher(type).matches()) {
            return type;
        }
        try {
            return database.read("look at type " + type, Interrupt.never(), session -> {
                // Only a column has a type with its modifiers; the table is gone with the transaction.
                PostgresTables.run(session, "create temporary table bf_type (c " + type + ")");
                return session.one(
                        DSL.query("select format_type(atttypid, atttypmod) from pg_attribute"
                                + " where attrelid = 'pg_temp.bf_type'::regclass and attnum = 1"),
                        row -> row.getString(1));
            });
        } catch (BackstitchException e) {
            if (e.code() == ErrorCode.STATEMENT_REFUSED) {
                return type;
            }
            throw e;
        }
    }

    /** How much is free on the server's disk, no query tells. */
    @Override
    public Space space(ResolvedTable table) {
        return database.read(
                "look at the space of " + table,
                Interrupt.never(),
                session -> new Space(
                        Optional.of(session.number(DSL.query(
                                "select pg_total_relation_size(to_regclass({0}))", DSL.val(Quoted.table(table))))),
                        Optional.empty()));
    }

    @Override
    public List<Problem> missingPrivileges(WorkOrder order) {
        return database.read("look at privileges", Interrupt.never(), session -> {
            List<Problem> problems = new ArrayList<>();
            ResolvedTable target = order.target().name();
            require(
                    problems,
                    order,
                    session,
                    "the owner of " + target + ", or a member of the owner's role",
                    "select pg_has_role(current_user, c.relowner, 'usage') from pg_class c where c.oid = {0}::regclass",
                    Quoted.table(target),
                    "Writes to the target are noticed by triggers, which only its owner may switch on and drop. Grant the"
                            + " owner's role to this user.");
            require(
                    problems,
                    order,
                    session,
                    "CREATE on schema " + target.schema(),
                    "select has_schema_privilege({0}, 'create')",
                    target.schema(),
                    "Shadow and archive are built beside the target: grant create on the schema.");
            require(
                    problems,
                    order,
                    session,
                    "a schema " + ledgerSchema + " to create in, or CREATE on the database",
                    "select case when to_regnamespace(quote_ident({0})) is null"
                            + " then has_database_privilege(current_database(), 'create')"
                            + " else has_schema_privilege(quote_ident({0})::regnamespace::oid, 'create, usage') end",
                    ledgerSchema,
                    "The ledger lives there: create the schema for this user, or choose another one.");
            order.repoint()
                    .ifPresent(repoint -> requireOfView(
                            problems, order, session, repoint.view().name()));
            return problems;
        });
    }

    private static void requireOfView(List<Problem> problems, WorkOrder order, Session session, ResolvedTable view) {
        require(
                problems,
                order,
                session,
                "owner of view " + view + ", or a member of the owner's role",
                "select pg_has_role(current_user, c.relowner, 'usage') from pg_class c where c.oid = {0}::regclass",
                Quoted.table(view),
                "Only its owner may point it at another table. Grant the owner's role to this user.");
        require(
                problems,
                order,
                session,
                "CREATE on schema " + view.schema(),
                "select has_schema_privilege({0}, 'create')",
                view.schema(),
                "Pointing a view at another table asks for the privilege to make it: grant create on the schema.");
    }

    private static void require(
            List<Problem> problems,
            WorkOrder order,
            Session session,
            String expected,
            String query,
            String object,
            String fix) {
        boolean granted = session.one(DSL.query(query, DSL.val(object)), row -> row.getBoolean(1));
        if (!granted) {
            String user = session.one(DSL.query("select current_user"), row -> row.getString(1));
            problems.add(new Problem(
                    ErrorCode.PRIVILEGE_MISSING,
                    order.backfill() + ".target",
                    expected,
                    "the user " + user + ", who lacks that",
                    fix));
        }
    }

    @Override
    public List<String> publishStatements(WorkOrder order) {
        String target = Quoted.table(order.target().name());
        String shadow = Quoted.table(order.shadow());
        String archive = Quoted.table(order.archive());
        if (order.publish().overwritesWholeTable()) {
            if (order.repoint().isPresent()) {
                return List.of(
                        "create or replace view " + Quoted.table(order.live()) + " as select * from " + shadow,
                        "lock table " + target + ", " + shadow + " in access exclusive mode",
                        "alter table " + shadow + " rename to "
                                + Quoted.name(order.published().table()));
            }
            return List.of(
                    "lock table " + target + ", " + shadow + " in access exclusive mode",
                    "alter table " + target + " rename to "
                            + Quoted.name(order.archive().table()),
                    "alter table " + shadow + " rename to "
                            + Quoted.name(order.target().name().table()));
        }
        return database.read("rendering of the publish", Interrupt.never(), session -> {
            Overwritten overwritten = new Overwritten(database.dialect(), order);
            List<String> statements = new ArrayList<>();
            statements.add("lock table " + target + ", " + shadow + " in share row exclusive mode");
            statements.add(session.readable(DSL.query(
                    "create table {0} as select {1} from {2} where {3}",
                    DSL.sql(archive),
                    DSL.list(names(order.target().columns())),
                    LedgerTables.table(order.target().name()),
                    overwritten.rows())));
            order.seed()
                    .added()
                    .forEach(added -> statements.add(
                            PostgresTables.addColumn(order.target().name(), added)));
            statements.add(session.readable(DSL.query(
                    "delete from {0} where {1}",
                    LedgerTables.table(order.target().name()), overwritten.rows())));
            statements.add(session.readable(DSL.query(
                    "insert into {0} ({1}) {2} select {1} from {3} where {4}",
                    LedgerTables.table(order.target().name()),
                    DSL.list(names(order.writtenColumns())),
                    DSL.sql(database.dialect().overriding()),
                    LedgerTables.table(order.shadow()),
                    overwritten.rows())));
            return statements;
        });
    }

    private static List<Name> names(List<Column> columns) {
        return columns.stream()
                .filter(column -> column.origin() == Origin.WRITTEN)
                .map(column -> DSL.name(column.name()))
                .toList();
    }
}
