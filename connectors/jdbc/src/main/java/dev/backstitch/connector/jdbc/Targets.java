package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.Optional;

/** Proofs about the target. */
final class Targets {
    private Targets() {}

    /**
     * Proves that the target is the table that was planned, with the structure that was planned.
     *
     * @return the target as it is now
     * @throws BackstitchException with {@code TARGET_CHANGED}
     */
    static TableInfo requirePlanned(Session session, TableOperations tables, WorkOrder order) {
        TableInfo planned = order.target();
        Optional<TableInfo> found = tables.target(session, order);
        String difference = found.map(now -> difference(planned, now)).orElse("that it is gone");
        if (!difference.isEmpty()) {
            throw new BackstitchException(
                    ErrorCode.TARGET_CHANGED,
                    session.what() + " failed: expected " + planned.name() + " as it was planned, found " + difference
                            + ". It was not written. Plan the backfill again.");
        }
        return found.orElseThrow();
    }

    private static String difference(TableInfo planned, TableInfo now) {
        if (!planned.identity().equals(now.identity())) {
            return "another table under its name (identity " + now.identity() + " instead of " + planned.identity()
                    + ")";
        }
        if (!planned.structure().equals(now.structure())) {
            return "other columns or constraints: "
                    + now.columns().stream()
                            .map(column -> column.name() + " " + column.type())
                            .toList();
        }
        return "";
    }
}
