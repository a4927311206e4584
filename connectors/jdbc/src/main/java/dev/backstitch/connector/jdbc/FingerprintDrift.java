package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.impl.DSL;

/** Drift as a difference of fingerprints: exact, and as long under the lock as a scan of what is overwritten. */
public final class FingerprintDrift implements Drift {
    private final Dialect dialect;

    public FingerprintDrift(Dialect dialect) {
        this.dialect = dialect;
    }

    @Override
    public String baseline(Session session, WorkOrder order) {
        // The seed is what the shadow holds, whatever has been written to the target since the statement that seeded
        // it.
        boolean ofSeed = dialect.isolation() == Dialect.Isolation.STATEMENT
                && order.seed().seed() != Seed.EMPTY;
        if (ofSeed) {
            return new Overwritten(dialect, order)
                    .asTarget(session, order.shadow())
                    .toString();
        }
        return catchesUp(order)
                ? PartitionFingerprints.ofTarget(session, order).toString()
                : new Overwritten(dialect, order).ofTarget(session).toString();
    }

    private static boolean catchesUp(WorkOrder order) {
        return order.publish().lateWrites() == Publish.LateWrites.CATCH_UP;
    }

    @Override
    public long requireUnwritten(Session session, WorkOrder order, String baseline) {
        return requireSame(session, order, baseline, new Overwritten(dialect, order).ofTarget(session));
    }

    @Override
    public void requireSeeded(Session session, WorkOrder order, String baseline, Condition rows) {
        if (dialect.isolation() == Dialect.Isolation.STATEMENT && order.seed().seed() != Seed.EMPTY) {
            Overwritten overwritten = new Overwritten(dialect, order);
            Condition others = overwritten.rows().and(DSL.condition("not coalesce({0}, false)", rows));
            requireSame(
                    session,
                    order,
                    baseline,
                    overwritten
                            .asTarget(session, order.shadow(), rows)
                            .plus(overwritten.asTarget(session, order.target().name(), others)));
        }
    }

    @Override
    public void requireTaken(Session session, WorkOrder order, String baseline, ResolvedTable taken) {
        requireSame(session, order, baseline, new Overwritten(dialect, order).asTarget(session, taken));
    }

    private long requireSame(Session session, WorkOrder order, String baseline, Fingerprint now) {
        Overwritten overwritten = new Overwritten(dialect, order);
        Fingerprint before = Fingerprint.parse(baseline.lines().findFirst().orElseThrow());
        if (!now.equals(before)) {
            throw new BackstitchException(
                    ErrorCode.DRIFT,
                    session.what() + " failed: expected " + order.target().name()
                            + (overwritten.isWholeTable() ? "" : ", in the scope,")
                            + " as it was when the shadow was seeded (" + before.rows() + " rows), found that it was"
                            + " written since (" + now.rows() + " rows now). The target is unchanged, the writes are"
                            + " there; shadow " + order.shadow()
                            + " is kept. Publishing would lose them. Cancel the run"
                            + " and start again, at a quieter time or with lateWrites(catchUp()).");
        }
        return now.rows();
    }

    @Override
    public LateWrites since(Session session, WorkOrder order, String baseline) {
        PartitionFingerprints before = PartitionFingerprints.parse(baseline);
        PartitionFingerprints now = PartitionFingerprints.ofTarget(session, order);
        return new LateWrites(
                now.differing(before, order.scope()),
                now.outside().equals(before.outside()) ? Optional.empty() : Optional.of(outside(session, order)));
    }

    /** By the hashes of rows that one side has more often than the other. */
    private LateWrites.Outside outside(Session session, WorkOrder order) {
        Name late = DSL.name("bf_late_" + Names.hash(order.run() + "/" + order.backfill()));
        Field<?> hash = new Overwritten(dialect, order).targetHash();
        Condition outside =
                DSL.not(new Slices(dialect, order.partitionColumns()).within(Slices.Values.PLAIN, order.scope()));
        session.update(DSL.query(
                "create temporary table {0} as select h from (select {1} as h, 1 as n from {2} where {4}"
                        + " union all select {1} as h, -1 as n from {3} where {4}) both_sides group by h having sum(n) <> 0",
                late, hash, LedgerTables.table(order.target().name()), LedgerTables.table(order.shadow()), outside));
        return new LateWrites.Outside(
                outside.and(DSL.condition("{0} in (select h from {1})", hash, late)),
                List.of(DSL.query("drop table {0}", late)));
    }

    @Override
    public String renewed(Session session, WorkOrder order, String baseline) {
        return baseline(session, order);
    }

    @Override
    public void clear(Session session, WorkOrder order) {
        // The baseline is a text in the head row.
    }
}
