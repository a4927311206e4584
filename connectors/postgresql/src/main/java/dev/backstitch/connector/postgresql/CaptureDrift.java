package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.jdbc.Dialect;
import dev.backstitch.connector.jdbc.Drift;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.connector.jdbc.Overwritten;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.connector.jdbc.Slices;
import dev.backstitch.connector.jdbc.Work;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import org.jooq.Field;
import org.jooq.impl.DSL;

/** Drift by change capture: what was written after the snapshot of the seed is in the log, however large the table is. */
final class CaptureDrift implements Drift {
    private final Dialect dialect;
    private final Captures captures;

    CaptureDrift(Dialect dialect, Captures captures) {
        this.dialect = dialect;
        this.captures = captures;
    }

    /**
     * What is kept in the head row.
     *
     * @param snapshot of the seed
     * @param rows that the publish will overwrite, in that snapshot
     * @param guard under which the log is complete
     */
    private record Baseline(String snapshot, long rows, String guard) {
        static Baseline parse(String text) {
            List<String> lines = text.lines().toList();
            return new Baseline(lines.get(0), Long.parseLong(lines.get(1)), lines.get(2));
        }

        @Override
        public String toString() {
            return snapshot + "\n" + rows + "\n" + guard;
        }
    }

    @Override
    public List<Work<Boolean>> beforeSeed(WorkOrder order) {
        return List.of(session -> watch(session, order));
    }

    private boolean watch(Session session, WorkOrder order) {
        captures.keepWritersOut(
                session, ErrorCode.TARGET_CHANGED, order.target().name());
        captures.ofTarget(order)
                .install(session, order.target().name(), order.target().identity(), Captures.extent(order));
        return true;
    }

    @Override
    public String baseline(Session session, WorkOrder order) {
        long rows = session.number(DSL.resultQuery(
                "select count(*) from {0} where {1}",
                LedgerTables.table(order.target().name()), new Overwritten(dialect, order).rows()));
        ChangeCapture capture = captures.ofTarget(order);
        if (!capture.isOn(session, order.target().identity())) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    session.what() + " failed: expected the change capture on "
                            + order.target().name()
                            + " that was just made, found that it is gone or switched off. The target is unchanged. It"
                            + " is made again with the next attempt.");
        }
        String guard = capture.guard(session, order.target().identity());
        return new Baseline(ChangeCapture.snapshot(session), rows, guard).toString();
    }

    /** Also ends the capture, since what follows in the transaction are the publish's own writes. */
    @Override
    public long requireNone(Session session, WorkOrder order, String text) {
        Baseline baseline = Baseline.parse(text);
        ChangeCapture capture = captures.ofTarget(order);
        String guard = capture.guard(session, order.target().identity());
        if (!guard.equals(baseline.guard())) {
            throw drift(
                    session,
                    order,
                    "its change capture without a gap",
                    "that the capture was switched off or the table rewritten since (" + guard + " instead of "
                            + baseline.guard() + "), so that writes may have gone unseen");
        }
        long writes = writes(session, order, capture, baseline.snapshot());
        if (writes > 0) {
            throw drift(session, order, "no write since the shadow was seeded", writes + " of them");
        }
        capture.disable(session, order.target().name());
        return baseline.rows();
    }

    private long writes(Session session, WorkOrder order, ChangeCapture capture, String snapshot) {
        if (Captures.extent(order).isEveryRow()) {
            return capture.writesAfter(session, snapshot);
        }
        Slices slices = new Slices(dialect, order.partitionColumns());
        return capture.writesAfter(
                session,
                snapshot,
                slices.within(column -> logged(order, "was", column), order.scope()),
                slices.within(column -> logged(order, "became", column), order.scope()));
    }

    private static Field<?> logged(WorkOrder order, String when, Column column) {
        return DSL.field(DSL.name(
                ChangeCapture.Extent.logged(when, order.partitionColumns().indexOf(column))));
    }

    private static BackstitchException drift(Session session, WorkOrder order, String expected, String found) {
        boolean whole = Captures.extent(order).isEveryRow();
        return new BackstitchException(
                ErrorCode.DRIFT,
                session.what() + " failed: expected " + expected + " on "
                        + order.target().name()
                        + (whole ? "" : " in the scope") + ", found " + found + ". The target is unchanged, the writes"
                        + " are there; shadow " + order.shadow() + " is kept. Publishing would lose them: start the"
                        + " backfill again.");
    }

    /** A swap has removed the triggers; a replace leaves them switched off, since dropping them would keep readers waiting. */
    @Override
    public void published(Session session, WorkOrder order) {}

    @Override
    public void clear(Session session, WorkOrder order) {
        captures.boundWaits(session);
        if (captures.ofTarget(order).isOnAnyTable(session)) {
            captures.keepWritersOut(session, ErrorCode.CONFLICT, order.target().name());
        }
        captures.ofTarget(order).remove(session);
        captures.ofShadow(order).remove(session);
    }
}
