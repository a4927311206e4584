package dev.backstitch.connector.postgresql.probe;

/** The change log as the design has it: one row for each write of the scope {@code day = 1}. */
final class ChangeLog {

    static final String[] TABLES = {"create table ops.change (relation oid, xid xid8, op text)"};

    static final String[] TRIGGERS = {
        """
        create function ops.log_change() returns trigger language plpgsql security definer
        set search_path = pg_catalog, pg_temp as $$
        begin
            insert into ops.change values (tg_relid, pg_current_xact_id(), tg_op);
            return null;
        end $$""", """
        create trigger backstitch_write after insert on app.target
        for each row when (new.day = 1) execute function ops.log_change()""", """
        create trigger backstitch_rewrite after update on app.target
        for each row when (old.day = 1 or new.day = 1) execute function ops.log_change()""", """
        create trigger backstitch_erase after delete on app.target
        for each row when (old.day = 1) execute function ops.log_change()""", """
        create trigger backstitch_truncate before truncate on app.target
        for each statement execute function ops.log_change()""", """
        alter table app.target enable always trigger backstitch_write,
        enable always trigger backstitch_rewrite, enable always trigger backstitch_erase,
        enable always trigger backstitch_truncate""",
    };

    private ChangeLog() {}

    static String driftSince(String snapshot) {
        return "select count(*) from ops.change where not pg_visible_in_snapshot(xid, '%s')".formatted(snapshot);
    }
}
