package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Publishes.Purged;
import dev.backstitch.spi.Repoint;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;

/**
 * The end of an archive, in the caller's transaction. Where DDL commits the table is dropped before the ledger says so: a
 * process that ends in between leaves what the next purge finds gone.
 */
final class PurgeArchive {
    private final TableOperations tables;
    private final Seals seals;
    private final Archives archives;

    PurgeArchive(LedgerTables ledger, TableOperations tables, Seals seals) {
        this.tables = tables;
        this.seals = seals;
        this.archives = new Archives(ledger);
    }

    Purged run(Session session, WorkOrder order) {
        Optional<Archives.Row> kept =
                archives.of(session, order).filter(row -> row.archive().state() == Archive.State.KEPT);
        if (kept.isEmpty()) {
            return Purged.NONE;
        }
        if (!archives.hasExpired(session, order)) {
            return Purged.NOT_EXPIRED;
        }
        if (order.repoint().map(Repoint::pinned).orElse(List.of()).stream()
                .anyMatch(view -> tables.reads(session, view, order.archive()))) {
            return Purged.PINNED;
        }
        Optional<TableInfo> table = tables.find(session, order.archive());
        if (table.isPresent()) {
            requireOurs(session, order, table.get(), kept.get());
            tables.dropArchive(session, order);
        }
        seals.remove(session, order);
        archives.dropped(session, order);
        return table.isPresent() ? Purged.DROPPED : Purged.WAS_GONE;
    }

    private void requireOurs(Session session, WorkOrder order, TableInfo table, Archives.Row kept) {
        if (!table.identity().equals(kept.identity())
                || !OwnTables.isOurs(session, tables, order.archive(), Marker.ARCHIVE.of(order.run()))) {
            throw new BackstitchException(
                    ErrorCode.ARCHIVE_GONE,
                    session.what() + " refused: expected " + order.archive()
                            + " as this run's publish left it, found a table without its identity or marker. It was not"
                            + " dropped. Rename it if somebody needs it, or drop it by hand; then purge again.");
        }
    }
}
