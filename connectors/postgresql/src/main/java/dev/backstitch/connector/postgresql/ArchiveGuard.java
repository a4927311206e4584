package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.PostgresTables.run;
import static dev.backstitch.connector.postgresql.Quoted.name;
import static dev.backstitch.connector.postgresql.Quoted.table;
import static dev.backstitch.connector.postgresql.Quoted.text;

import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;

/**
 * A trigger of ours on a version that a view has left behind. That version keeps its name, so that whoever goes on writing
 * to it would not see that nobody reads it any more: each write of it is refused.
 */
final class ArchiveGuard {
    private final ResolvedTable archive;
    private final ResolvedTable function;
    private final String trigger;
    private final String message;

    ArchiveGuard(String ledgerSchema, WorkOrder order) {
        this.archive = order.archive();
        String prefix = "bf_"
                + Inventory.sha256(order.run() + "|" + archive + "|archive").substring(0, 12);
        this.trigger = prefix + "_refuse";
        this.function = new ResolvedTable("", ledgerSchema, trigger);
        this.message =
                archive + " is the archive of run " + order.run() + ": view " + order.live() + " shows another version";
    }

    void install(Session session) {
        run(
                session,
                "create function " + table(function) + "() returns trigger language plpgsql as "
                        + text("begin raise exception using errcode = 'object_not_in_prerequisite_state', message = "
                                + text(message)
                                + ", hint = 'Write to the table that the view shows now, or through the view.'; end"));
        run(session, "revoke all on function " + table(function) + "() from public");
        run(
                session,
                "create trigger " + name(trigger) + " before insert or update or delete or truncate on "
                        + table(archive) + " for each statement execute function " + table(function) + "()");
        // Otherwise a session that applies replicated changes would write unseen.
        run(session, "alter table " + table(archive) + " enable always trigger " + name(trigger));
    }

    void remove(Session session) {
        run(session, "drop trigger if exists " + name(trigger) + " on " + table(archive));
        run(session, "drop function if exists " + table(function) + "()");
    }
}
