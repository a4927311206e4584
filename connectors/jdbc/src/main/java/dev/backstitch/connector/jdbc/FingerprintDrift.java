package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.WorkOrder;

/** Drift as a difference of fingerprints: exact, and as long under the lock as a scan of what is overwritten. */
public final class FingerprintDrift implements Drift {
    private final Dialect dialect;

    public FingerprintDrift(Dialect dialect) {
        this.dialect = dialect;
    }

    @Override
    public String baseline(Session session, WorkOrder order) {
        return new Overwritten(dialect, order).ofTarget(session).toString();
    }

    @Override
    public long requireNone(Session session, WorkOrder order, String baseline) {
        Overwritten overwritten = new Overwritten(dialect, order);
        Fingerprint before = Fingerprint.parse(baseline);
        Fingerprint now = overwritten.ofTarget(session);
        if (!now.equals(before)) {
            throw new BackstitchException(
                    ErrorCode.DRIFT,
                    session.what() + " failed: expected " + order.target().name()
                            + (overwritten.isWholeTable() ? "" : ", in the scope,")
                            + " as it was when the shadow was seeded (" + before.rows() + " rows), found that it was"
                            + " written since (" + now.rows() + " rows now). The target is unchanged, the writes are"
                            + " there; shadow " + order.shadow() + " is kept. Publishing would lose them: start the"
                            + " backfill again.");
        }
        return now.rows();
    }

    @Override
    public void clear(Session session, WorkOrder order) {
        // The baseline is a text in the head row.
    }
}
