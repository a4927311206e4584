package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.PostgresTables.run;
import static dev.backstitch.connector.postgresql.Quoted.name;
import static dev.backstitch.connector.postgresql.Quoted.table;

import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.ViewInfo;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jooq.impl.DSL;

/**
 * A view that shows one table as it is, and how it is pointed at another. That it does is told by the database: it prints
 * the view's query like that of a view made for the comparison, or the view is not a plain one.
 */
final class RepointedView {
    private static final String CANONICAL = "pg_temp.bf_as_it_is";

    /** What of a view's own would be reset, or is written for one certain table. */
    private static final String[] OBSTACLES = {"storage option", "trigger", "rule"};

    private static final String RETURN = "_RETURN";

    /** Those who hang on a view, each of which keeps it from being dropped. */
    private static final String[] READERS = {
        "view", "materialized view", "rule of another table", "function", "other dependent", "use of its row type"
    };

    private final String ledgerSchema;
    private final ResolvedTable view;

    RepointedView(String ledgerSchema, ResolvedTable view) {
        this.ledgerSchema = ledgerSchema;
        this.view = view;
    }

    /** The view as the catalogue has it; nothing when there is none of this name. */
    Optional<ViewInfo> look(Session session) {
        String searchPath = session.one(DSL.query("select current_setting('search_path')"), row -> row.getString(1));
        run(session, "set local search_path = pg_catalog");
        Optional<ViewInfo> found = session.first(
                        DSL.query(
                                "select oid, pg_get_viewdef(oid) as definition from pg_class"
                                        + " where oid = to_regclass({0})::oid and relkind = 'v'",
                                DSL.val(table(view))),
                        row -> new ViewInfo(
                                view, row.getString("oid"), row.getString("definition"), Optional.empty(), List.of()))
                .map(bare -> new ViewInfo(
                        view,
                        bare.identity(),
                        bare.definition().strip(),
                        shows(session, bare),
                        obstacles(inventory(session))));
        session.one(
                DSL.query("select set_config('search_path', {0}, true)", DSL.val(searchPath)), row -> row.getString(1));
        return found;
    }

    private static Optional<ResolvedTable> shows(Session session, ViewInfo bare) {
        List<ResolvedTable> reads = session.list(
                DSL.query("""
                        select distinct n.nspname, c.relname
                        from pg_rewrite r
                        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                            and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
                        join pg_class c on c.oid = d.refobjid and c.relkind = 'r'
                        join pg_namespace n on n.oid = c.relnamespace
                        where r.ev_class = {0}::oid
                        """, DSL.val(Long.valueOf(bare.identity()))),
                row -> new ResolvedTable("", row.getString(1), row.getString(2)));
        return reads.size() == 1 && bare.definition().equals(plainDefinition(session, reads.get(0)))
                ? Optional.of(reads.get(0))
                : Optional.empty();
    }

    /** Whether its query reads a table, in whatever way. */
    boolean reads(Session session, ResolvedTable read) {
        return session.number(DSL.query("""
                        select count(*) from pg_rewrite r
                        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                            and d.refclassid = 'pg_class'::regclass
                        where r.ev_class = to_regclass({0})::oid and d.refobjid = to_regclass({1})::oid
                        """, DSL.val(table(view)), DSL.val(table(read)))) > 0;
    }

    private static String plainDefinition(Session session, ResolvedTable of) {
        run(session, "create temporary view " + CANONICAL + " as select * from " + table(of));
        String plain = session.one(
                DSL.query("select pg_get_viewdef({0}::regclass)", DSL.val(CANONICAL)), row -> row.getString(1));
        run(session, "drop view " + CANONICAL);
        return plain;
    }

    private static List<String> obstacles(Inventory inventory) {
        return inventory.of(OBSTACLES).stream()
                .filter(fact -> !isItsQuery(fact))
                .map(Inventory.Fact::toString)
                .toList();
    }

    private static boolean isItsQuery(Inventory.Fact fact) {
        return fact.kind().equals("rule") && fact.name().equals(RETURN);
    }

    private Inventory inventory(Session session) {
        return Inventory.of(session, view, ledgerSchema);
    }

    /** Whether a thing that hangs on a table is this view. */
    boolean is(Session session, Inventory.Fact fact) {
        return fact.kind().equals("view") && fact.name().equals(nameOf(session));
    }

    /** As {@code regclass} prints it where no path finds it. */
    private String nameOf(Session session) {
        return session.one(
                DSL.query(
                        "select format('%I.%I', {0}::text, {1}::text)", DSL.val(view.schema()), DSL.val(view.table())),
                row -> row.getString(1));
    }

    /**
     * Whether it can be locked against writers, as whoever writes through it locks it before its table. A lock of a view
     * is one of its table too, for which its owner needs the privileges of a writer; if he has none, nobody writes through
     * it.
     */
    boolean isLockable(Session session, ResolvedTable live) {
        return session.first(
                        DSL.query(
                                "select has_table_privilege(v.relowner, t.oid, 'update, delete, truncate') as may"
                                        + " from pg_class v, pg_class t where v.oid = to_regclass({0})::oid"
                                        + " and v.relkind = 'v' and t.oid = to_regclass({1})::oid",
                                DSL.val(table(view)), DSL.val(table(live))),
                        row -> row.getBoolean("may"))
                .orElse(false);
    }

    /**
     * Proves that the view shows the live table.
     *
     * @param planned the view as it was planned, where the live table is the one that was planned
     */
    void requireShows(Session session, ResolvedTable live, Optional<ViewInfo> planned) {
        Optional<ViewInfo> found = look(session);
        boolean shows = found.flatMap(ViewInfo::shows).equals(Optional.of(live))
                && found.map(ViewInfo::obstacles).orElse(List.of()).isEmpty();
        boolean same = planned.isEmpty() || planned.map(ViewInfo::identity).equals(found.map(ViewInfo::identity));
        if (!shows || !same) {
            throw changed(
                    session,
                    "view " + view + " to show " + live + " as it did, without rules, triggers and options",
                    found.map(now -> (same ? "" : "another view of that name: ") + now.definition() + " "
                                    + now.obstacles())
                            .orElse("no view of that name"));
        }
    }

    private static BackstitchException changed(Session session, String expected, String found) {
        return new BackstitchException(
                ErrorCode.TARGET_CHANGED,
                session.what() + " failed: expected " + expected + ", found " + found
                        + ". All of it is rolled back, the view shows what it showed. Undo that, or cancel the run and plan"
                        + " again.");
    }

    /**
     * Makes it show another table, and proves that nothing else of it changed. It is locked before the tables, as those
     * who read it lock it.
     *
     * @param gone columns that the table rightly lacks
     */
    void show(Session session, Exchange exchange, ResolvedTable next, Set<String> gone) {
        Inventory before = inventory(session);
        if (before.facts().stream().anyMatch(fact -> Exchange.isOf(fact, gone))) {
            makeAnew(session, before, next);
        } else {
            run(session, "create or replace view " + table(view) + " as select * from " + table(next));
        }
        exchange.requireSame(
                session, before, inventory(session), fact -> isItsQuery(fact) || Exchange.isOf(fact, gone));
    }

    /** A view gains columns but never loses one, so that this one is made again, with all that it had. */
    private void makeAnew(Session session, Inventory before, ResolvedTable next) {
        List<Inventory.Fact> readers = before.of(READERS);
        if (!readers.isEmpty()) {
            throw changed(
                    session, "nothing that hangs on view " + view + ", which has to lose a column", readers.toString());
        }
        ResolvedTable former =
                view.sibling("bf_" + Inventory.sha256(view + "|former").substring(0, 12) + "_view");
        run(session, "alter view " + table(view) + " rename to " + name(former.table()));
        run(session, "create view " + table(view) + " as select * from " + table(next));
        CarryOver carryOver = new CarryOver(session, former, view);
        carryOver.properties();
        carryOver.grants();
        CarryOver.comments(session, "view " + table(view), before, inventory(session));
        run(session, "drop view " + table(former));
    }
}
