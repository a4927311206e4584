package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.ResolvedTable;
import java.util.Optional;
import org.jooq.impl.DSL;

/** Tables of our own beside a target: known by their marker, and only then touched. */
public final class OwnTables {
    private OwnTables() {}

    /** Drops a table that carries this marker. One that is missing is fine; another's is left as it is. */
    public static void dropIfOurs(Session session, TableOperations tables, ResolvedTable table, String marker) {
        if (isOurs(session, tables, table, marker)) {
            session.update(DSL.query("drop table {0}", LedgerTables.table(table)));
        }
    }

    /** Whether there is a table of this name with this marker. */
    public static boolean isOurs(Session session, TableOperations tables, ResolvedTable table, String marker) {
        return tables.comment(session, table).filter(marker::equals).isPresent();
    }

    /**
     * Proves that the name is free.
     *
     * @throws BackstitchException with {@code NAME_TAKEN}
     */
    public static void requireFree(Session session, TableOperations tables, ResolvedTable table) {
        if (tables.find(session, table).isPresent()) {
            Optional<String> comment = tables.comment(session, table);
            throw new BackstitchException(
                    ErrorCode.NAME_TAKEN,
                    session.what() + " failed: expected the name " + table + " to be free, found a table "
                            + comment.map(text -> "with the comment '" + text + "'")
                                    .orElse("without a comment of ours")
                            + ". It was not touched, and the target is unchanged. Rename or drop it if nobody needs it.");
        }
    }
}
