package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Quoted.name;
import static dev.backstitch.connector.postgresql.Quoted.table;
import static dev.backstitch.connector.postgresql.Quoted.text;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spi.ResolvedTable;
import java.util.List;
import java.util.Map;
import org.jooq.impl.DSL;

/**
 * Moves what hangs on the live table to the table that takes its name, in the transaction that swaps them. Each step
 * compares the two in the catalogue and writes only what differs, so that it takes as long as there are differences; and
 * none of them is trusted: {@link PostgresCutover} compares the inventories afterwards.
 *
 * <p>The steps are in the order in which they have to run. Both tables are locked, and names in definitions are qualified
 * (the search path is {@code pg_catalog}).
 */
final class CarryOver {
    private final Session session;
    private final ResolvedTable live;
    private final ResolvedTable candidate;

    /**
     * @param live the table that has the name now
     * @param candidate the one that takes it
     */
    CarryOver(Session session, ResolvedTable live, ResolvedTable candidate) {
        this.session = session;
        this.live = live;
        this.candidate = candidate;
    }

    /** Everything but names, grants and comments. */
    void properties() {
        owner();
        settings();
        defaults();
        sequences();
        foreignKeys();
    }

    private void owner() {
        each(
                "select l.relowner::regrole::text as value from pg_class l, pg_class c where l.oid = {0} and c.oid = {1}"
                        + " and l.relowner <> c.relowner",
                owner -> "alter table " + table(candidate) + " owner to " + owner);
    }

    private void settings() {
        each("""
                select case when o.value is null then 'reset (' || k.key else 'set (' || k.key || ' = ' || quote_literal(o.value) end
                    || ')' as value
                from (select split_part(x, '=', 1) as key from pg_class c, unnest(c.reloptions) x where c.oid in ({0}, {1})
                    union select 'toast.' || split_part(x, '=', 1) from pg_class c
                    join pg_class t on t.oid = c.reltoastrelid, unnest(t.reloptions) x where c.oid in ({0}, {1})) k
                left join (select split_part(x, '=', 1) as key, substr(x, strpos(x, '=') + 1) as value
                    from pg_class c, unnest(c.reloptions) x where c.oid = {0}
                    union all select 'toast.' || split_part(x, '=', 1), substr(x, strpos(x, '=') + 1) from pg_class c
                    join pg_class t on t.oid = c.reltoastrelid, unnest(t.reloptions) x where c.oid = {0}) o using (key)
                """, change -> "alter table " + table(candidate) + " " + change);
        each("""
                select format('alter column %I %s', l.attname, s.change) as value
                from pg_attribute l join pg_attribute c on c.attrelid = {1} and c.attname = l.attname
                    and not c.attisdropped
                cross join lateral (values
                    (l.attstattarget is distinct from c.attstattarget,
                        'set statistics ' || coalesce(l.attstattarget, -1)),
                    (l.attstorage <> c.attstorage, 'set storage ' || case l.attstorage
                        when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end),
                    (l.attcompression <> c.attcompression, 'set compression ' || case l.attcompression
                        when 'p' then 'pglz' when 'l' then 'lz4' else 'default' end),
                    (l.attoptions is distinct from c.attoptions and l.attoptions is not null,
                        'set (' || array_to_string(l.attoptions, ', ') || ')')) s (differs, change)
                where l.attrelid = {0} and l.attnum > 0 and not l.attisdropped and s.differs
                """, change -> "alter table " + table(candidate) + " " + change);
        each("""
                select case l.relreplident when 'f' then 'full' when 'n' then 'nothing' else 'default' end as value
                from pg_class l, pg_class c
                where l.oid = {0} and c.oid = {1} and l.relreplident <> c.relreplident and l.relreplident <> 'i'
                """, identity -> "alter table " + table(candidate) + " replica identity " + identity);
    }

    /** All of them again where one differs; default privileges may have given the candidate more than the live table has. */
    void grants() {
        String granted = """
                select ''::name as on_column, a.* from pg_class c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
                where c.oid = %1$s
                union all
                select c.attname, a.* from pg_attribute c, aclexplode(c.attacl) a
                where c.attrelid = %1$s and not c.attisdropped
                """;
        String ofLive = granted.formatted("{0}");
        String ofCandidate = granted.formatted("{1}");
        each(
                """
                select 'revoke all on {2} from ' || grantee as value
                from (select distinct case grantee when 0 then 'public' else grantee::regrole::text end as grantee
                    from (%2$s) there) grantees
                where exists ((%1$s except %2$s) union all (%2$s except %1$s))
                """.formatted("(" + ofLive + ")", "(" + ofCandidate + ")"),
                revoke -> revoke.replace("{2}", table(candidate)));
        each(
                """
                select format('grant %%s%%s on {2} to %%s%%s', privilege_type, ' (' || quote_ident(nullif(on_column, '')) || ')',
                    case grantee when 0 then 'public' else grantee::regrole::text end,
                    case when is_grantable then ' with grant option' end) as value
                from (%1$s except %2$s) missing
                """.formatted("(" + ofLive + ")", "(" + ofCandidate + ")"),
                grant -> grant.replace("{2}", table(candidate)));
    }

    private void defaults() {
        each("""
                select format('alter column %I set default ', l.attname) || pg_get_expr(ld.adbin, ld.adrelid) as value
                from pg_attribute l join pg_attrdef ld on ld.adrelid = l.attrelid and ld.adnum = l.attnum
                join pg_attribute c on c.attrelid = {1} and c.attname = l.attname and not c.attisdropped
                left join pg_attrdef cd on cd.adrelid = c.attrelid and cd.adnum = c.attnum
                where l.attrelid = {0} and l.attgenerated = ''
                    and pg_get_expr(ld.adbin, ld.adrelid) is distinct from pg_get_expr(cd.adbin, cd.adrelid)
                """, change -> "alter table " + table(candidate) + " " + change);
    }

    /** A serial's sequence changes hands; an identity's cannot, so that the candidate's own goes on where it stands. */
    private void sequences() {
        for (List<String> owned : pairs("""
                select s.oid::regclass::text as first, quote_ident(a.attname) as second
                from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
                join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
                where d.refclassid = 'pg_class'::regclass and d.classid = 'pg_class'::regclass and d.refobjid = {0}
                    and d.deptype = 'a'
                order by 1
                """)) {
            run("alter sequence " + owned.get(0) + " owned by " + table(candidate) + "." + owned.get(1));
            // Else nobody could drop the new table while the archive lives.
            run("alter table " + table(live) + " alter column " + owned.get(1) + " drop default");
        }
        for (List<String> identity : identities()) {
            session.one(
                    DSL.query(
                            "select setval({0}::regclass, coalesce(pg_sequence_last_value({1}::regclass), s.seqstart),"
                                    + " pg_sequence_last_value({1}::regclass) is not null)"
                                    + " from pg_sequence s where s.seqrelid = {1}::regclass",
                            DSL.val(identity.get(1)), DSL.val(identity.get(0))),
                    row -> row.getLong(1));
        }
    }

    private List<List<String>> identities() {
        return pairs("""
                select pg_get_serial_sequence({2}, l.attname) as first, pg_get_serial_sequence({3}, l.attname) as second
                from pg_attribute l join pg_attribute c on c.attrelid = {1} and c.attname = l.attname
                where l.attrelid = {0} and l.attidentity <> '' and c.attidentity <> '' and not l.attisdropped
                order by 1
                """);
    }

    /** Those of the table that becomes the archive would guard rows that nobody sees, or change the archive. */
    private void foreignKeys() {
        each(
                "select quote_ident(k.conname) as value from pg_constraint k where k.conrelid = {0} and k.contype = 'f'"
                        + " and {1} is not null",
                key -> "alter table " + table(live) + " drop constraint " + key);
    }

    /**
     * The live table takes the archive's name and the candidate the live one, with the names of indexes, keys, statistics
     * and sequences.
     */
    void names(ResolvedTable archive) {
        Map<KeyTwins.Key, KeyTwins.Key> twins =
                KeyTwins.twins(KeyTwins.keys(session, live), KeyTwins.keys(session, candidate));
        List<KeyTwins.Statistics> free = new java.util.ArrayList<>(KeyTwins.statistics(session, candidate));
        List<KeyTwins.Statistics> statistics = KeyTwins.statistics(session, live);
        String byIndex = replicaIndex();
        for (List<String> identity : identities()) {
            rename("sequence", identity.get(0), ours(archive, identity.get(0)));
            rename("sequence", identity.get(1), last(identity.get(0)));
        }
        twins.forEach((key, twin) -> {
            rename("index", name(live.schema()) + "." + name(key.index()), ours(archive, key.index()));
            rename("index", name(live.schema()) + "." + name(twin.index()), name(key.index()));
            if (!key.clustered().isEmpty()) {
                run("alter table " + table(candidate) + " cluster on " + name(key.index()));
            }
        });
        for (KeyTwins.Statistics one : statistics) {
            free.stream()
                    .filter(other -> other.body().equals(one.body()))
                    .findFirst()
                    .ifPresent(twin -> {
                        free.remove(twin);
                        if (!twin.owner().equals(one.owner())) {
                            run("alter statistics " + name(twin.schema()) + "." + name(twin.name()) + " owner to "
                                    + one.owner());
                        }
                        rename("statistics", name(one.schema()) + "." + name(one.name()), ours(archive, one.name()));
                        rename("statistics", name(twin.schema()) + "." + name(twin.name()), name(one.name()));
                    });
        }
        if (!byIndex.isEmpty()) {
            run("alter table " + table(candidate) + " replica identity using index " + name(byIndex));
        }
        run("alter table " + table(live) + " rename to " + name(archive.table()));
        run("alter table " + table(candidate) + " rename to " + name(live.table()));
    }

    private String replicaIndex() {
        return session.first(
                        DSL.query(
                                "select x.relname from pg_index i join pg_class x on x.oid = i.indexrelid"
                                        + " where i.indrelid = to_regclass({0})::oid and i.indisreplident",
                                DSL.val(table(live))),
                        row -> row.getString(1))
                .orElse("");
    }

    /**
     * Puts the comments that the live table had on the one that has its name now.
     *
     * @param now {@code table} or {@code view}, and its name
     */
    static void comments(Session session, String now, Inventory before, Inventory after) {
        for (Inventory.Fact comment : new Inventory(after.of("comment")).without(before)) {
            comment(session, now, comment.name(), "null");
        }
        for (Inventory.Fact comment : new Inventory(before.of("comment")).without(after)) {
            comment(session, now, comment.name(), text(comment.definition()));
        }
    }

    private static void comment(Session session, String now, String on, String value) {
        String object;
        if (on.equals("table")) {
            object = now;
        } else if (on.startsWith("column ")) {
            object = "column " + now.substring(now.indexOf(' ') + 1) + "." + on.substring("column ".length());
        } else if (on.startsWith("constraint ")) {
            object = on + " on " + now.substring(now.indexOf(' ') + 1);
        } else {
            object = on;
        }
        session.update(new BoundSql("comment on " + object + " is " + value, List.of()));
    }

    private static String ours(ResolvedTable archive, String what) {
        return name(KeyTwins.ours(archive, what));
    }

    private void rename(String what, String from, String to) {
        run("alter " + what + " " + from + " rename to " + to);
    }

    /** The last part of a qualified, quoted name. */
    private static String last(String qualified) {
        boolean inside = false;
        int dot = -1;
        for (int i = 0; i < qualified.length(); i++) {
            char c = qualified.charAt(i);
            if (c == '"') {
                inside = !inside;
            } else if (c == '.' && !inside) {
                dot = i;
            }
        }
        return qualified.substring(dot + 1);
    }

    private interface Statement {
        String of(String value);
    }

    /** Runs a statement for each {@code value} of a query over the live table {@code {0}} and the candidate {@code {1}}. */
    private void each(String query, Statement statement) {
        session.list(DSL.query(query, oid(live), oid(candidate)), row -> row.getString("value"))
                .forEach(value -> run(statement.of(value)));
    }

    private List<List<String>> pairs(String query) {
        return session.list(
                DSL.query(query, oid(live), oid(candidate), DSL.val(table(live)), DSL.val(table(candidate))),
                row -> List.of(row.getString("first"), row.getString("second")));
    }

    private static org.jooq.Field<?> oid(ResolvedTable of) {
        return DSL.field("to_regclass({0})::oid", DSL.val(table(of)));
    }

    private void run(String statement) {
        session.update(new BoundSql(statement, List.of()));
    }
}
