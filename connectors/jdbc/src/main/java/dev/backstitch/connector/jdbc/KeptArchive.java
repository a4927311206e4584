package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.Optional;

/** Proofs that what a publish has kept, and what it has left live, are what it made of them. */
final class KeptArchive {
    private final TableOperations tables;
    private final Seals seals;
    private final Archives archives;

    KeptArchive(TableOperations tables, Seals seals, Archives archives) {
        this.tables = tables;
        this.seals = seals;
        this.archives = archives;
    }

    /** @throws BackstitchException with {@code ARCHIVE_GONE} */
    Archives.Row require(Session session, WorkOrder order) {
        Optional<Archives.Row> row =
                archives.of(session, order).filter(kept -> kept.archive().state() == Archive.State.KEPT);
        boolean there = row.isPresent()
                && OwnTables.isOurs(session, tables, order.archive(), Marker.ARCHIVE.of(order.run()))
                && tables.find(session, order.archive())
                        .map(TableInfo::identity)
                        .equals(row.map(Archives.Row::identity));
        boolean counted = seals.isKept(session, order);
        if (!there || !counted) {
            throw new BackstitchException(
                    ErrorCode.ARCHIVE_GONE,
                    session.what() + " refused: expected "
                            + (there
                                    ? "the seal from which later writes are counted"
                                    : "the archive " + order.archive() + " as this run's publish left it")
                            + ", found none with its identity and marker. The target is unchanged, with what was"
                            + " published. Nothing of ours can bring the former rows back.");
        }
        return row.get();
    }

    /**
     * What is live, with the columns and constraints that the publish left.
     *
     * @throws BackstitchException with {@code TARGET_CHANGED}
     */
    TableInfo requireStructure(Session session, WorkOrder order, Archives.Row archive) {
        Optional<TableInfo> now = tables.find(session, order.published());
        if (!now.map(TableInfo::structure).equals(Optional.of(archive.structure()))) {
            throw new BackstitchException(
                    ErrorCode.TARGET_CHANGED,
                    session.what() + " refused: expected " + order.published() + " with the columns and constraints"
                            + " that the publish left, found "
                            + now.map(table -> "others: "
                                            + table.columns().stream()
                                                    .map(column -> column.name() + " " + column.type())
                                                    .toList())
                                    .orElse("that it is gone")
                            + ". It was not written. Undo the change of its structure first.");
        }
        return now.orElseThrow();
    }

    /**
     * That exactly what was accepted goes.
     *
     * @param how what says so, in words of a command and of the code
     * @throws BackstitchException with {@code WRITTEN_SINCE_PUBLISH}
     */
    static void requireAccepted(Session session, WorkOrder order, long accepted, long lost, String how) {
        if (lost != accepted) {
            throw new BackstitchException(
                    ErrorCode.WRITTEN_SINCE_PUBLISH,
                    session.what() + " refused: expected "
                            + (accepted == 0
                                    ? "no write since the publish"
                                    : "the loss of " + accepted + ", which is accepted, to be all of it")
                            + ", found " + lost + " rows of " + order.published()
                            + " that were inserted, changed or deleted since. The"
                            + " target is unchanged, with what was published and these writes; the archive is kept. To"
                            + " give them up, accept exactly so many: " + how + ".");
        }
    }
}
