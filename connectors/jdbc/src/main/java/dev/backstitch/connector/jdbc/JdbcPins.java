package dev.backstitch.connector.jdbc;

import static dev.backstitch.connector.jdbc.LedgerTables.TARGET;
import static dev.backstitch.connector.jdbc.LedgerTables.WRITES;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Pin;
import dev.backstitch.spi.Repoint;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;
import org.jooq.impl.DSL;

/**
 * Views that stay with an order's archive through its publish. What a view shows is the only truth of whether it is pinned. The
 * head's row is the fence: whoever publishes or takes back writes it too, so that of the two one can't commit. Thread-safe.
 */
final class JdbcPins {
    private final Database database;
    private final LedgerTables ledger;
    private final TableOperations tables;

    JdbcPins(Database database, LedgerTables ledger, TableOperations tables) {
        this.database = database;
        this.ledger = ledger;
        this.tables = tables;
    }

    List<Pin> of(WorkOrder order) {
        List<ResolvedTable> pinned = order.repoint().map(Repoint::pinned).orElse(List.of());
        return database.read(
                "look at the pinned views of " + order.live(),
                Interrupt.never(),
                session -> pinned.stream()
                        .map(view -> {
                            Optional<ResolvedTable> shows = tables.shownBy(session, view);
                            return new Pin(view, shows, shows.equals(Optional.of(order.archive())));
                        })
                        .toList());
    }

    boolean unpin(WorkOrder order, ResolvedTable view, Interrupt interrupt) {
        if (!order.repoint().map(Repoint::pinned).orElse(List.of()).contains(view)) {
            throw new IllegalArgumentException("run " + order.run() + " pins no view " + view);
        }
        return database.write(
                "unpinning of view " + view + " (run " + order.run() + ")",
                order,
                interrupt,
                session -> unpin(session, order, view));
    }

    private boolean unpin(Session session, WorkOrder order, ResolvedTable view) {
        long heads = session.update(
                DSL.update(ledger.head()).set(WRITES, WRITES.plus(1)).where(TARGET.eq(LedgerTables.key(order.live()))));
        Optional<ResolvedTable> live = tables.shownBy(session, order.live());
        if (heads != 1 || !live.equals(Optional.of(order.published()))) {
            throw new BackstitchException(
                    ErrorCode.NOT_PUBLISHED,
                    session.what() + " refused: expected that view " + order.live() + " shows " + order.published()
                            + ", which the run has published, found "
                            + live.map(ResolvedTable::toString).orElse("another query")
                            + ". Nothing was changed. If a later run has published, point the pinned view at what is live by"
                            + " hand: create or replace view " + view + " as select * from .. .");
        }
        Optional<ResolvedTable> shows = tables.shownBy(session, view);
        if (shows.equals(live)) {
            return false;
        }
        if (!shows.equals(Optional.of(order.archive()))) {
            throw new BackstitchException(
                    ErrorCode.TARGET_CHANGED,
                    session.what() + " refused: expected it to show " + order.archive()
                            + ", with which it was pinned, found "
                            + shows.map(ResolvedTable::toString).orElse("that it is gone or shows something else")
                            + ". It was not changed.");
        }
        tables.showPublished(session, order, view);
        return true;
    }
}
