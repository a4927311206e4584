package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.jdbc.HashSeals;
import dev.backstitch.connector.jdbc.Seals;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.connector.jdbc.Work;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.List;
import org.jooq.Condition;

/**
 * A seal by change capture on the shadow, so that a publish proves it without reading the shadow. The hashes of the rows
 * are kept for what only a rollback asks: how many writes the published rows have had.
 */
final class CaptureSeals implements Seals {
    private final HashSeals hashes;
    private final PostgresTables tables;
    private final Captures captures;

    CaptureSeals(HashSeals hashes, PostgresTables tables, Captures captures) {
        this.hashes = hashes;
        this.tables = tables;
        this.captures = captures;
    }

    /**
     * What is kept in the head row.
     *
     * @param snapshot in which the shadow was measured
     * @param guard under which its log is complete
     * @param hashes the fingerprint of what was measured, {@code rows:sum}
     */
    private record Seal(String snapshot, String guard, String hashes) {
        static Seal parse(String text) {
            List<String> lines = text.lines().toList();
            return new Seal(lines.get(0), lines.get(1), lines.get(2));
        }

        long rows() {
            return Long.parseLong(hashes.substring(0, hashes.indexOf(':')));
        }

        @Override
        public String toString() {
            return snapshot + "\n" + guard + "\n" + hashes;
        }
    }

    /** For a swap the shadow first gets all that takes time and that the target has: under the lock there is none. */
    @Override
    public List<Work<Boolean>> beforeMeasure(WorkOrder order) {
        List<Work<Boolean>> steps = new ArrayList<>();
        if (order.publish().overwritesWholeTable()) {
            steps.addAll(new Preparation(order, captures).steps());
        }
        steps.add(session -> watch(session, order));
        return steps;
    }

    private boolean watch(Session session, WorkOrder order) {
        captures.keepWritersOut(session, ErrorCode.SHADOW_CHANGED, order.shadow());
        captures.ofShadow(order)
                .install(session, order.shadow(), shadow(session, order).identity(), ChangeCapture.Extent.EVERY_ROW);
        return true;
    }

    @Override
    public String seal(Session session, WorkOrder order) {
        String guard =
                captures.ofShadow(order).guard(session, shadow(session, order).identity());
        Seal seal = new Seal(ChangeCapture.snapshot(session), guard, hashes.seal(session, order));
        // The snapshot sees them, but does not know their transaction to have ended.
        captures.ofShadow(order).forgetOwnWrites(session);
        return seal.toString();
    }

    @Override
    public String amend(Session session, WorkOrder order, String text, Condition rows, Runnable change) {
        Seal seal = Seal.parse(text);
        String amended = hashes.amend(session, order, seal.hashes(), rows, change);
        captures.ofShadow(order).forgetOwnWrites(session);
        return new Seal(seal.snapshot(), seal.guard(), amended).toString();
    }

    @Override
    public long requireIntact(Session session, WorkOrder order, String text) {
        Seal seal = Seal.parse(text);
        ChangeCapture capture = captures.ofShadow(order);
        String guard = capture.guard(session, shadow(session, order).identity());
        long writes = guard.equals(seal.guard()) ? capture.writesAfter(session, seal.snapshot()) : 0;
        if (writes > 0 || !guard.equals(seal.guard())) {
            throw new BackstitchException(
                    ErrorCode.SHADOW_CHANGED,
                    session.what() + " failed: expected shadow " + order.shadow() + " as the audits saw it, found "
                            + (writes > 0
                                    ? writes + " writes since"
                                    : "that its change capture was switched off or the table rewritten")
                            + ". The target is unchanged. Find out who wrote it, cancel the run, and start the"
                            + " backfill again.");
        }
        return seal.rows();
    }

    private TableInfo shadow(Session session, WorkOrder order) {
        return tables.find(session, order.shadow())
                .orElseThrow(() -> new BackstitchException(
                        ErrorCode.SHADOW_CHANGED,
                        session.what() + " failed: expected shadow " + order.shadow() + ", found that it is gone. The"
                                + " target is unchanged. Start the backfill again."));
    }

    @Override
    public boolean isKept(Session session, WorkOrder order) {
        return hashes.isKept(session, order);
    }

    @Override
    public long writesSince(Session session, WorkOrder order, String seal, ResolvedTable table) {
        return hashes.writesSince(session, order, Seal.parse(seal).hashes(), table);
    }

    @Override
    public ResolvedTable table(WorkOrder order) {
        return hashes.table(order);
    }

    @Override
    public void restored(Session session, WorkOrder order, Condition rows, Runnable change) {
        hashes.restored(session, order, rows, change);
    }

    @Override
    public void clear(Session session, WorkOrder order) {
        hashes.clear(session, order);
    }
}
