package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Quoted.name;
import static dev.backstitch.connector.postgresql.Quoted.table;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Marker;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spi.ResolvedTable;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jooq.Condition;
import org.jooq.QueryPart;
import org.jooq.impl.DSL;

/**
 * Triggers of ours on one table that note each write of it, in the writer's own transaction, in a log beside the ledger.
 * A snapshot then tells which writes came too late: those whose transaction it doesn't see. The log grows with the writes
 * and not with the table, and so does the time that the question takes.
 *
 * <p>Creating them takes {@code SHARE ROW EXCLUSIVE}, which waits for every writer in flight. So whoever is not in the
 * log had ended before, and a snapshot taken after the creating transaction sees what he did.
 */
final class ChangeCapture {
    private static final List<String> EVENTS = List.of("insert", "update", "delete", "truncate");

    private final ResolvedTable log;
    private final ResolvedTable function;
    private final String prefix;
    private final String marker;

    /**
     * @param schema the ledger's
     * @param run whose capture it is
     * @param watched the table's name when the run began, from which the names are derived
     */
    ChangeCapture(String schema, String run, ResolvedTable watched, Role role) {
        this.prefix = "bf_"
                + Inventory.sha256(run + "|" + watched.schema() + "." + watched.table() + "|" + role)
                        .substring(0, 12);
        this.log = new ResolvedTable("", schema, prefix + "_changes");
        this.function = new ResolvedTable("", schema, prefix + "_capture");
        this.marker = Marker.CAPTURE.of(run);
    }

    /** What it is for. */
    enum Role {
        DRIFT,
        SEAL
    }

    /**
     * A column whose values are noted.
     *
     * @param column the partition column
     * @param type its type
     * @param from the least value that counts, as a literal; empty: every value may count
     * @param to the value after the greatest, as a literal
     */
    record Logged(String column, String type, String from, String to) {
        private boolean isBounded() {
            return !from.isEmpty();
        }
    }

    /**
     * Which writes are noted.
     *
     * @param logged the partition columns; none: every write is noted, without its values
     */
    record Extent(List<Logged> logged) {
        static final Extent EVERY_ROW = new Extent(List.of());

        Extent {
            logged = List.copyOf(logged);
        }

        boolean isEveryRow() {
            return logged.isEmpty();
        }

        /** What a column of the log is called: {@code was_0}. */
        static String logged(String when, int column) {
            return when + "_" + column;
        }

        private String holds(String row) {
            return logged.stream()
                    .filter(Logged::isBounded)
                    .map(each -> "(" + row + "." + name(each.column()) + " >= " + each.from() + " and " + row + "."
                            + name(each.column()) + " < " + each.to() + ")")
                    .collect(Collectors.joining(" and ", "(", ")"));
        }

        private String when(String event) {
            return switch (logged.stream().noneMatch(Logged::isBounded) ? "" : event) {
                case "insert" -> " when " + holds("new");
                case "update" -> " when (" + holds("old") + " or " + holds("new") + ")";
                case "delete" -> " when " + holds("old");
                default -> "";
            };
        }

        /** The log's columns for the values: {@code , was_0 date, became_0 date}. */
        private String columns() {
            StringBuilder columns = new StringBuilder();
            for (int i = 0; i < logged.size(); i++) {
                columns.append(", ")
                        .append(logged("was", i))
                        .append(' ')
                        .append(logged.get(i).type());
                columns.append(", ")
                        .append(logged("became", i))
                        .append(' ')
                        .append(logged.get(i).type());
            }
            return columns.toString();
        }

        private String names(String when) {
            return IntStream.range(0, logged.size())
                    .mapToObj(i -> ", " + logged(when, i))
                    .collect(Collectors.joining());
        }

        private String values(String row) {
            return logged.stream()
                    .map(each -> ", " + row + "." + name(each.column()))
                    .collect(Collectors.joining());
        }
    }

    /**
     * Begins to note, or goes on where the table is already watched.
     *
     * @param watched the table, which the caller has locked against writers
     */
    void install(Session session, ResolvedTable watched, String identity, Extent extent) {
        if (isOn(session, identity)) {
            return;
        }
        remove(session);
        run(session, "create table " + table(log) + " (xid xid8 not null, op text not null" + extent.columns() + ")");
        run(session, "comment on table " + table(log) + " is " + Quoted.text(marker));
        run(
                session,
                "create function " + table(function) + "() returns trigger language plpgsql security definer"
                        + " set search_path = pg_catalog, pg_temp as " + body(extent));
        run(session, "revoke all on function " + table(function) + "() from public");
        for (String event : EVENTS) {
            String row = event.equals("truncate") ? " for each statement" : " for each row";
            run(
                    session,
                    "create trigger " + trigger(event) + (event.equals("truncate") ? " before " : " after ")
                            + event + " on " + table(watched) + row + extent.when(event)
                            + " execute function " + table(function) + "()");
            // Otherwise a session that applies replicated changes would write unseen.
            run(session, "alter table " + table(watched) + " enable always trigger " + trigger(event));
        }
    }

    private String body(Extent extent) {
        String into = "insert into " + table(log);
        String values = "(pg_current_xact_id(), tg_op";
        String quote = "$" + prefix + "$";
        if (extent.isEveryRow()) {
            return quote + " begin " + into + " (xid, op) values " + values + "); return null; end " + quote;
        }
        return quote + " begin case tg_op"
                + " when 'INSERT' then " + into + " (xid, op" + extent.names("became") + ") values " + values
                + extent.values("new") + ");"
                + " when 'UPDATE' then " + into + " (xid, op" + extent.names("was") + extent.names("became")
                + ") values "
                + values + extent.values("old") + extent.values("new") + ");"
                + " when 'DELETE' then " + into + " (xid, op" + extent.names("was") + ") values " + values
                + extent.values("old") + ");"
                + " else " + into + " (xid, op) values " + values + ");"
                + " end case; return null; end " + quote;
    }

    /** Whether every trigger of it is there and switched on. */
    boolean isOn(Session session, String identity) {
        return triggers(session, identity).stream()
                        .filter(trigger -> trigger.endsWith("/A"))
                        .count()
                == EVENTS.size();
    }

    /**
     * What has to stay the same for the log to be complete: the triggers as they were created, switched on, and the file
     * of the table, since a rewriting {@code ALTER TABLE} changes rows without firing a trigger.
     */
    String guard(Session session, String identity) {
        String file = session.one(
                DSL.query("select coalesce(pg_relation_filenode({0}::oid), 0)", DSL.val(Long.valueOf(identity))),
                row -> row.getString(1));
        return "file " + file + " triggers " + triggers(session, identity);
    }

    private List<String> triggers(Session session, String identity) {
        return session.list(
                DSL.query("""
                        select g.oid || '/' || g.xmin || '/' || g.tgenabled::text as state
                        from pg_trigger g
                        join pg_proc p on p.oid = g.tgfoid
                        join pg_namespace n on n.oid = p.pronamespace
                        where g.tgrelid = {0}::oid and not g.tgisinternal and n.nspname = {1} and p.proname = {2}
                        order by g.oid
                        """, DSL.val(Long.valueOf(identity)), DSL.val(function.schema()), DSL.val(function.table())),
                row -> row.getString("state"));
    }

    /** The transaction's snapshot, by which later writes are told from earlier ones. */
    static String snapshot(Session session) {
        return session.one(DSL.query("select pg_current_snapshot()::text"), row -> row.getString(1));
    }

    /** Writes of every row that this snapshot doesn't see. */
    long writesAfter(Session session, String snapshot) {
        return session.number(DSL.query(
                "select count(*) from {0} where not pg_visible_in_snapshot(xid, {1}::pg_snapshot)",
                logTable(), DSL.val(snapshot)));
    }

    /**
     * Writes that this snapshot doesn't see and that touch what counts.
     *
     * @param was whether the row was in it before
     * @param became whether the row is in it now
     */
    long writesAfter(Session session, String snapshot, Condition was, Condition became) {
        return session.number(DSL.query(
                "select count(*) from {0} where not pg_visible_in_snapshot(xid, {1}::pg_snapshot)"
                        + " and (op = 'TRUNCATE' or {2} or {3})",
                logTable(), DSL.val(snapshot), was, became));
    }

    /** Forgets what the caller's own transaction has written so far. */
    void forgetOwnWrites(Session session) {
        session.update(DSL.query("delete from {0} where xid = pg_current_xact_id()", logTable()));
    }

    /** Writes that a snapshot doesn't see: {@code select .. from} this. */
    QueryPart after(String snapshot) {
        return DSL.sql(
                "(select * from {0} where not pg_visible_in_snapshot(xid, {1}::pg_snapshot)) late",
                logTable(), DSL.val(snapshot));
    }

    private org.jooq.Table<?> logTable() {
        return DSL.table(DSL.name(log.schema(), log.table()));
    }

    /** Stops noting, for the publish's own writes and whatever follows. The caller has locked the table against writers. */
    void disable(Session session, ResolvedTable watched) {
        for (String event : EVENTS) {
            run(session, "alter table " + table(watched) + " disable trigger " + trigger(event));
        }
    }

    /**
     * Ends it, on whatever table it is now: triggers first, since the function without its log would fail every writer.
     * Only what carries the run's marker.
     */
    void remove(Session session) {
        Optional<String> comment = session.first(
                DSL.query(
                        "select coalesce(obj_description(to_regclass({0})::oid, 'pg_class'), '')"
                                + " where to_regclass({0}) is not null",
                        DSL.val(table(log))),
                row -> row.getString(1));
        if (comment.filter(marker::equals).isEmpty()) {
            return;
        }
        for (String watched : watchedTables(session)) {
            for (String event : EVENTS) {
                run(session, "drop trigger if exists " + trigger(event) + " on " + watched);
            }
        }
        run(session, "drop function if exists " + table(function) + "()");
        run(session, "drop table " + table(log));
    }

    /** Whether some table has a trigger of it. */
    boolean isOnAnyTable(Session session) {
        return !watchedTables(session).isEmpty();
    }

    /** The tables that have a trigger of it: one, unless somebody copied it. */
    private List<String> watchedTables(Session session) {
        return session.list(
                DSL.query("""
                        select distinct format('%I.%I', cn.nspname, c.relname) as watched
                        from pg_trigger g
                        join pg_class c on c.oid = g.tgrelid join pg_namespace cn on cn.oid = c.relnamespace
                        join pg_proc p on p.oid = g.tgfoid join pg_namespace n on n.oid = p.pronamespace
                        where n.nspname = {0} and p.proname = {1}
                        """, DSL.val(function.schema()), DSL.val(function.table())), row -> row.getString("watched"));
    }

    private String trigger(String event) {
        return name(prefix + "_" + event);
    }

    private static void run(Session session, String statement) {
        session.update(new BoundSql(statement, List.of()));
    }
}
