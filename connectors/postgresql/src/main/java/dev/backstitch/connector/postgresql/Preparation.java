package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.PostgresTables.run;
import static dev.backstitch.connector.postgresql.Quoted.name;
import static dev.backstitch.connector.postgresql.Quoted.table;

import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.connector.jdbc.Work;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import org.jooq.impl.DSL;

/**
 * What a shadow gets after its last merge so that a swap has only names and properties left to move: indexes, keys,
 * identities, foreign keys, statistics. Each step does what is missing, so that a second preparation finds little to do.
 */
final class Preparation {
    private final WorkOrder order;
    private final Captures captures;
    private final ResolvedTable target;
    private final ResolvedTable shadow;

    Preparation(WorkOrder order, Captures captures) {
        this.order = order;
        this.captures = captures;
        this.target = order.target().name();
        this.shadow = order.shadow();
    }

    List<Work<Boolean>> steps() {
        return List.of(this::keys, this::addForeignKeys, this::validateForeignKeys);
    }

    private boolean keys(Session session) {
        // Names in the definitions that are copied are qualified unless the search path finds them.
        run(session, "set local search_path = pg_catalog");
        KeyTwins.build(session, target, shadow);
        identities(session);
        run(session, "analyze " + table(shadow));
        return true;
    }

    private void identities(Session session) {
        record Identity(String column, String words) {}
        List<Identity> missing = session.list(
                DSL.query("""
                        select l.attname, format('%s as identity (start %s increment %s minvalue %s maxvalue %s cache %s %s)',
                            case l.attidentity when 'a' then 'always' else 'by default' end, q.seqstart, q.seqincrement,
                            q.seqmin, q.seqmax, q.seqcache, case when q.seqcycle then 'cycle' else 'no cycle' end) as words
                        from pg_attribute l
                        join pg_attribute s on s.attrelid = {1}::regclass and s.attname = l.attname and s.attidentity = ''
                        join pg_sequence q on q.seqrelid = pg_get_serial_sequence({0}, l.attname)::regclass
                        where l.attrelid = {0}::regclass and l.attidentity <> '' and not l.attisdropped
                        """, DSL.val(table(target)), DSL.val(table(shadow))),
                row -> new Identity(row.getString("attname"), row.getString("words")));
        missing.forEach(identity -> run(
                session,
                "alter table " + table(shadow) + " alter column " + name(identity.column()) + " add generated "
                        + identity.words()));
    }

    /** Briefly keeps writers of the other tables waiting. */
    private boolean addForeignKeys(Session session) {
        captures.boundWaits(session);
        run(session, "set local search_path = pg_catalog");
        ForeignKeys.add(session, target, shadow);
        return true;
    }

    private boolean validateForeignKeys(Session session) {
        ForeignKeys.validate(session, target, shadow);
        return true;
    }

    @Override
    public String toString() {
        return "preparation of " + order.shadow();
    }
}
