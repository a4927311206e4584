package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * Moves the rows that a publish or rollback overwrites out of a table into an empty one, where each statement sees what
 * others have committed before it: what is deleted is exactly what was kept, or nothing is done. From the delete on, the
 * table's rows are locked against whoever updates, deletes or merges; a row that is only inserted meanwhile is beside what
 * is published and never lost.
 */
final class Removal {
    private final Dialect dialect;
    private final WorkOrder order;

    Removal(Dialect dialect, WorkOrder order) {
        this.dialect = dialect;
        this.order = order;
    }

    /**
     * Moves them.
     *
     * @param columns of both tables
     * @param hash of a row of either
     * @throws BackstitchException with {@code CONFLICT} when somebody else writes such rows at the same time
     */
    void run(Session session, ResolvedTable from, ResolvedTable into, List<Name> columns, Field<?> hash) {
        Table<?> table = LedgerTables.table(from);
        Table<?> kept = LedgerTables.table(into);
        Condition rows = new Overwritten(dialect, order).rows();
        long copied = session.update(
                DSL.query("insert into {0} ({1}) select {1} from {2} where {3}", kept, DSL.list(columns), table, rows));
        long deleted = session.update(
                DSL.query("delete from {0} where {1} and {2} in (select {2} from {3})", table, rows, hash, kept));
        long left = session.number(DSL.resultQuery("select count(*) from {0} where {1}", table, rows));
        if (copied != deleted || left > 0) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    session.what() + " failed: somebody else writes the rows to be replaced at the same time (" + copied
                            + " were kept, " + deleted + " of these deleted, " + left
                            + " others are there). All of it is rolled back, " + from
                            + " is unchanged, their writes are there. It is tried again.");
        }
    }
}
