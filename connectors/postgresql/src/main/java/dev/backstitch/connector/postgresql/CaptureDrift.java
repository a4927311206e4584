package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.jdbc.Dialect;
import dev.backstitch.connector.jdbc.Drift;
import dev.backstitch.connector.jdbc.Keys;
import dev.backstitch.connector.jdbc.LateWrites;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.connector.jdbc.Located;
import dev.backstitch.connector.jdbc.Overwritten;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.connector.jdbc.Slices;
import dev.backstitch.connector.jdbc.Work;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.QueryPart;
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
        long rows = requireUnwritten(session, order, text);
        captures.ofTarget(order).disable(session, order.target().name());
        return rows;
    }

    @Override
    public long requireUnwritten(Session session, WorkOrder order, String text) {
        Baseline baseline = Baseline.parse(text);
        ChangeCapture capture = captures.ofTarget(order);
        requireNoGap(session, order, baseline);
        long writes = writes(session, order, capture, baseline.snapshot());
        if (writes > 0) {
            throw drift(session, order, "no write since the shadow was seeded", writes + " of them");
        }
        return baseline.rows();
    }

    private void requireNoGap(Session session, WorkOrder order, Baseline baseline) {
        String guard = captures.ofTarget(order).guard(session, order.target().identity());
        if (!guard.equals(baseline.guard())) {
            throw drift(
                    session,
                    order,
                    "its change capture without a gap",
                    "that the capture was switched off or the table rewritten since (" + guard + " instead of "
                            + baseline.guard() + "), so that writes may have gone unseen");
        }
    }

    private static boolean isWholeTable(WorkOrder order) {
        return order.publish().overwritesWholeTable();
    }

    /** By the values in the log: only what was written is read, however large the table is. */
    @Override
    public LateWrites since(Session session, WorkOrder order, String text) {
        Baseline baseline = Baseline.parse(text);
        requireNoGap(session, order, baseline);
        QueryPart late = captures.ofTarget(order).after(baseline.snapshot());
        long truncated = session.number(DSL.resultQuery("select count(*) from {0} where op = 'TRUNCATE'", late));
        if (truncated > 0) {
            throw drift(session, order, "late writes of rows", "that the whole table was truncated");
        }
        Located located = new Located(dialect, order.partitionColumns(), order.scope());
        List<Partition> partitions = session
                .list(
                        DSL.resultQuery(
                                "select distinct place from (select {0} as place from {2} where op <> 'INSERT'"
                                        + " union all select {1} from {2} where op <> 'DELETE') places"
                                        + " where place is not null order by place",
                                located.number(column -> logged(order, "was", column)),
                                located.number(column -> logged(order, "became", column)),
                                late),
                        row -> row.getLong(1))
                .stream()
                .map(located::partition)
                .toList();
        return new LateWrites(partitions, isWholeTable(order) ? outside(session, order, late) : Optional.empty());
    }

    private Optional<LateWrites.Outside> outside(Session session, WorkOrder order, QueryPart late) {
        Slices slices = new Slices(dialect, order.partitionColumns());
        Condition was = DSL.condition("op <> 'INSERT'")
                .and(DSL.not(slices.within(column -> logged(order, "was", column), order.scope())));
        Condition became = DSL.condition("op <> 'DELETE'")
                .and(DSL.not(slices.within(column -> logged(order, "became", column), order.scope())));
        List<Field<?>> keyWas = loggedKey(order, "was");
        List<Field<?>> keyBecame = loggedKey(order, "became");
        record Found(long rows, long withoutKey) {}
        Found found = session.one(
                DSL.resultQuery(
                        "select count(*) filter (where {0} or {1}),"
                                + " count(*) filter (where ({0} and ({2})) or ({1} and ({3}))) from {4}",
                        was, became, anyNull(keyWas), anyNull(keyBecame), late),
                row -> new Found(row.getLong(1), row.getLong(2)));
        if (found.withoutKey() > 0) {
            throw drift(
                    session,
                    order,
                    "late writes of rows with a key " + order.merge().key(),
                    found.withoutKey() + " outside the scope with a null in it, which can't be found again");
        }
        if (found.rows() == 0) {
            return Optional.empty();
        }
        Condition rows = DSL.not(slices.within(Slices.Values.PLAIN, order.scope()))
                .and(DSL.condition(
                        "({0}) in (select {1} from {3} where {4} union select {2} from {3} where {5})",
                        DSL.list(Keys.of(order).stream()
                                .map(column -> DSL.field(DSL.name(column.name())))
                                .toList()),
                        DSL.list(keyWas),
                        DSL.list(keyBecame),
                        late,
                        was,
                        became));
        return Optional.of(new LateWrites.Outside(rows, List.of()));
    }

    private static Condition anyNull(List<Field<?>> fields) {
        return DSL.or(fields.stream().map(Field::isNull).toList());
    }

    private static List<Field<?>> loggedKey(WorkOrder order, String when) {
        int first = order.partitionColumns().size();
        return IntStream.range(first, first + order.merge().key().size())
                .<Field<?>>mapToObj(place -> DSL.field(DSL.name(ChangeCapture.Extent.logged(when, place))))
                .toList();
    }

    /** Rows are counted by what was written, too. */
    @Override
    public String renewed(Session session, WorkOrder order, String text) {
        Baseline baseline = Baseline.parse(text);
        Slices slices = new Slices(dialect, order.partitionColumns());
        QueryPart change = isWholeTable(order)
                ? DSL.sql("case op when 'INSERT' then 1 when 'DELETE' then -1 else 0 end")
                : DSL.sql(
                        "cast({0} as int) - cast({1} as int)",
                        slices.within(column -> logged(order, "became", column), order.scope()),
                        slices.within(column -> logged(order, "was", column), order.scope()));
        long more = session.number(DSL.resultQuery(
                "select coalesce(sum({0}), 0) from {1}",
                change, captures.ofTarget(order).after(baseline.snapshot())));
        return new Baseline(ChangeCapture.snapshot(session), baseline.rows() + more, baseline.guard()).toString();
    }

    private long writes(Session session, WorkOrder order, ChangeCapture capture, String snapshot) {
        if (isWholeTable(order)) {
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
        boolean whole = isWholeTable(order);
        return new BackstitchException(
                ErrorCode.DRIFT,
                session.what() + " failed: expected " + expected + " on "
                        + order.target().name()
                        + (whole ? "" : " in the scope") + ", found " + found + ". The target is unchanged, the writes"
                        + " are there; shadow " + order.shadow()
                        + " is kept. Publishing would lose them. Cancel the run"
                        + " and start again, at a quieter time or with lateWrites(catchUp()).");
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
