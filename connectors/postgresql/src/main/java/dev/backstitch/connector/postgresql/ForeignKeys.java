package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.PostgresTables.run;
import static dev.backstitch.connector.postgresql.Quoted.name;
import static dev.backstitch.connector.postgresql.Quoted.table;

import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spi.ResolvedTable;
import java.util.List;
import org.jooq.impl.DSL;

/** The foreign keys of a table to others, given to a copy of it. */
final class ForeignKeys {
    private ForeignKeys() {}

    /**
     * A foreign key.
     *
     * @param name its name, which another table may have too
     * @param definition what follows it in {@code ADD CONSTRAINT}
     * @param validated whether it holds for every row
     */
    record Key(String name, String definition, boolean validated) {}

    private static List<Key> keys(Session session, ResolvedTable of) {
        return session.list(
                DSL.query(
                        "select conname, pg_get_constraintdef(oid) as definition, convalidated from pg_constraint"
                                + " where conrelid = to_regclass({0})::oid and contype = 'f' and confrelid <> conrelid"
                                + " order by conname",
                        DSL.val(table(of))),
                row -> new Key(row.getString("conname"), row.getString("definition"), row.getBoolean("convalidated")));
    }

    /** Those that the candidate lacks, each unvalidated: writers of the other table wait only for the catalogue's change. */
    static void add(Session session, ResolvedTable live, ResolvedTable candidate) {
        List<String> there = keys(session, candidate).stream().map(Key::name).toList();
        for (Key key : keys(session, live)) {
            if (!there.contains(key.name())) {
                run(
                        session,
                        "alter table " + table(candidate) + " add constraint " + name(key.name()) + " "
                                + key.definition() + (key.validated() ? " not valid" : ""));
            }
        }
    }

    /** Proves them for the rows that are there, which keeps no writer of the other table waiting. */
    static void validate(Session session, ResolvedTable live, ResolvedTable candidate) {
        List<String> unproved = keys(session, candidate).stream()
                .filter(key -> !key.validated())
                .map(Key::name)
                .toList();
        for (Key key : keys(session, live)) {
            if (key.validated() && unproved.contains(key.name())) {
                run(session, "alter table " + table(candidate) + " validate constraint " + name(key.name()));
            }
        }
    }

    /** Both at once, for a rollback. */
    static void build(Session session, ResolvedTable live, ResolvedTable candidate) {
        add(session, live, candidate);
        validate(session, live, candidate);
    }
}
