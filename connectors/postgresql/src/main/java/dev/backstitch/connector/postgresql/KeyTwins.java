package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Quoted.name;
import static dev.backstitch.connector.postgresql.Quoted.table;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.ResolvedTable;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.impl.DSL;

/**
 * The indexes, keys and statistics objects of two tables, matched by their shape. Their names are unique in a schema, so
 * that two tables cannot have the same ones at once: the candidate's are built under names of ours and take the live ones
 * in the swap.
 */
final class KeyTwins {
    private static final String DUPLICATE = "23505";

    private KeyTwins() {}

    /**
     * An index, and the constraint that it may serve.
     *
     * @param index its name
     * @param constraint {@code p}, {@code u} or {@code x}; empty for a mere index
     * @param unique {@code UNIQUE } or nothing
     * @param method what stands after {@code USING} in its definition
     * @param definition the constraint's; empty for a mere index
     * @param clustered whether the table is clustered on it
     */
    record Key(String index, String constraint, String unique, String method, String definition, String clustered) {
        private String shape() {
            return constraint + "|" + unique + "|" + method + "|" + definition;
        }

        private boolean canServe(Key other) {
            return constraint.isEmpty()
                    && (other.constraint.equals("p") || other.constraint.equals("u"))
                    && unique.equals(other.unique)
                    && method.equals(other.method);
        }
    }

    /**
     * A statistics object.
     *
     * @param name its own name
     * @param schema its schema
     * @param body what stands between its name and {@code FROM}
     * @param target how many values it keeps; -1 where the server decides
     * @param owner its own, quoted: whoever makes one owns it, whosesoever the table is
     */
    record Statistics(String schema, String name, String body, int target, String owner) {}

    /** Keys first and by name, so that two readers see the same order. */
    static List<Key> keys(Session session, ResolvedTable of) {
        return session.list(
                DSL.query("""
                        select x.relname, coalesce(k.contype::text, '') as contype,
                            case when i.indisunique then 'UNIQUE ' else '' end as uniqueness,
                            split_part(pg_get_indexdef(i.indexrelid),
                                format(' ON %I.%I USING ', n.nspname, t.relname), 2) as method,
                            coalesce(pg_get_constraintdef(k.oid), '') as definition,
                            case when i.indisclustered then 'clustered' else '' end as clustered
                        from pg_index i
                        join pg_class x on x.oid = i.indexrelid
                        join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
                        left join pg_constraint k on k.conindid = x.oid and k.conrelid = t.oid
                            and k.contype in ('p', 'u', 'x')
                        where t.oid = to_regclass({0})::oid
                        order by k.contype nulls last, x.relname
                        """, DSL.val(table(of))),
                row -> new Key(
                        row.getString("relname"),
                        row.getString("contype"),
                        row.getString("uniqueness"),
                        row.getString("method"),
                        row.getString("definition"),
                        row.getString("clustered")));
    }

    static List<Statistics> statistics(Session session, ResolvedTable of) {
        return session.list(
                DSL.query("""
                        select n.nspname, s.stxname,
                            split_part(split_part(pg_get_statisticsobjdef(s.oid),
                                format('CREATE STATISTICS %I.%I', n.nspname, s.stxname), 2),
                                ' FROM ' || s.stxrelid::regclass, 1) as body,
                            coalesce(s.stxstattarget, -1) as target,
                            s.stxowner::regrole::text as owner
                        from pg_statistic_ext s join pg_namespace n on n.oid = s.stxnamespace
                        where s.stxrelid = to_regclass({0})::oid
                        order by 1, 2
                        """, DSL.val(table(of))),
                row -> new Statistics(
                        row.getString("nspname"),
                        row.getString("stxname"),
                        row.getString("body"),
                        row.getInt("target"),
                        row.getString("owner")));
    }

    /** The name of ours for the twin of a key: the same whenever it is asked for. */
    static String ours(ResolvedTable owner, String twin) {
        return "bf_" + Inventory.sha256(owner.table() + "|" + twin).substring(0, 12) + "_key";
    }

    /** For each key of the live table its twin on the candidate; a key that has none is missing in the answer. */
    static Map<Key, Key> twins(List<Key> live, List<Key> candidate) {
        List<Key> free = new ArrayList<>(candidate);
        Map<Key, Key> twins = new HashMap<>();
        for (Key key : live) {
            Optional<Key> twin = free.stream()
                    .filter(other -> other.shape().equals(key.shape()))
                    .findFirst();
            twin.ifPresent(found -> {
                free.remove(found);
                twins.put(key, found);
            });
        }
        return twins;
    }

    /** Builds on the candidate what it lacks, and drops what the live table doesn't have. Takes as long as it takes. */
    static void build(Session session, ResolvedTable live, ResolvedTable candidate) {
        buildKeys(session, live, candidate);
        buildStatistics(session, live, candidate);
    }

    /** As {@link #build}, without statistics objects, which belong to the live table's schema. */
    static void buildKeys(Session session, ResolvedTable live, ResolvedTable candidate) {
        List<Key> wanted = keys(session, live);
        List<Key> there = new ArrayList<>(keys(session, candidate));
        Map<Key, Key> twins = twins(wanted, there);
        there.removeAll(twins.values());
        for (Key key : wanted) {
            if (!twins.containsKey(key)) {
                buildOne(session, candidate, key, there);
            }
        }
        for (Key surplus : there) {
            run(
                    session,
                    surplus.constraint().isEmpty()
                            ? "drop index " + name(candidate.schema()) + "." + name(surplus.index())
                            : "alter table " + table(candidate) + " drop constraint " + name(surplus.index()));
        }
    }

    private static void buildStatistics(Session session, ResolvedTable live, ResolvedTable candidate) {
        List<Statistics> there = statistics(session, candidate);
        for (Statistics wanted : statistics(session, live)) {
            if (there.stream().noneMatch(other -> other.body().equals(wanted.body()))) {
                String ours = name(wanted.schema()) + "." + name(ours(candidate, wanted.name()));
                run(session, "create statistics " + ours + wanted.body() + " from " + table(candidate));
                if (wanted.target() >= 0) {
                    run(session, "alter statistics " + ours + " set statistics " + wanted.target());
                }
            }
        }
    }

    private static void buildOne(Session session, ResolvedTable candidate, Key key, List<Key> free) {
        String ours = ours(candidate, key.index());
        if (key.constraint().equals("x")) {
            run(session, "alter table " + table(candidate) + " add constraint " + name(ours) + " " + key.definition());
            return;
        }
        Optional<Key> serving =
                free.stream().filter(other -> other.canServe(key)).findFirst();
        serving.ifPresent(free::remove);
        if (serving.isEmpty()) {
            run(
                    session,
                    "create " + key.unique() + "index " + name(ours) + " on " + table(candidate) + " using "
                            + key.method());
        }
        if (!key.constraint().isEmpty()) {
            // The words after the columns: DEFERRABLE, INITIALLY DEFERRED.
            String timing = key.definition().replaceFirst("(?s)^.*?( DEFERRABLE( INITIALLY DEFERRED)?)?$", "$1");
            run(
                    session,
                    "alter table " + table(candidate) + " add constraint " + name(ours)
                            + (key.constraint().equals("p") ? " primary key" : " unique") + " using index "
                            + name(serving.map(Key::index).orElse(ours)) + timing);
        }
    }

    /** What the target keeps unique has to be so in the shadow, and no repetition makes it so. */
    private static void run(Session session, String statement) {
        try {
            session.update(new BoundSql(statement, List.of()));
        } catch (BackstitchException e) {
            if (e.getCause() instanceof SQLException refused && DUPLICATE.equals(refused.getSQLState())) {
                throw new BackstitchException(
                        ErrorCode.INVARIANT_BROKEN,
                        session.what()
                                + " failed: expected the shadow to keep unique what the target keeps unique, found"
                                + " rows that don't: " + e.getMessage(),
                        e);
            }
            throw e;
        }
    }
}
