package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Name;
import org.jooq.Table;
import org.jooq.impl.DSL;

/**
 * Makes some partitions of a shadow what they were before they were merged, in the caller's transaction: their rows are
 * the live ones again, and the ledger's entries {@code CLAIMED}.
 */
final class Reseed {
    private final Dialect dialect;
    private final Entries entries;

    Reseed(Dialect dialect, LedgerTables ledger) {
        this.dialect = dialect;
        this.entries = new Entries(ledger);
    }

    /**
     * With the partitions between which and these a row has moved, since neither is what it was without the other: first
     * those that a row came to, last those that it left, as merges can follow each other.
     */
    LateWrites withNeighbours(Session session, WorkOrder order, LateWrites written) {
        LateWrites late = written;
        if (order.seed().seed() == Seed.EMPTY) {
            // Nothing was there to move.
            return late;
        }
        while (true) {
            LateWrites now = late;
            List<Partition> others = order.scope().stream()
                    .filter(partition -> !now.partitions().contains(partition))
                    .toList();
            Condition rows = rows(order, now);
            List<Partition> came =
                    ByHalves.find(others, some -> pairs(session, order, rows, otherwise(rows, order, some)) > 0);
            List<Partition> left = ByHalves.find(
                    others.stream()
                            .filter(partition -> !came.contains(partition))
                            .toList(),
                    some -> pairs(session, order, otherwise(rows, order, some), rows) > 0);
            if (came.isEmpty() && left.isEmpty()) {
                return late;
            }
            late = new LateWrites(
                    Stream.of(came, late.partitions(), left)
                            .flatMap(List::stream)
                            .toList(),
                    late.outside());
        }
    }

    /** All at once, so that a row may have moved from one of them to another. */
    void run(Session session, WorkOrder order, LateWrites late) {
        late.partitions().forEach(partition -> entries.reopen(session, order, partition));
        Condition rows = rows(order, late);
        if (order.seed().seed() != Seed.EMPTY) {
            requireNoKeyElsewhere(session, order, rows);
        }
        copy(session, order, rows);
    }

    /** The rows, in target and shadow alike, of these partitions and of what was written outside the scope. */
    Condition rows(WorkOrder order, LateWrites late) {
        Condition inScope =
                new Slices(dialect, order.partitionColumns()).rowsOf(Slices.Values.PLAIN, late.partitions());
        return late.outside().map(outside -> inScope.or(outside.rows())).orElse(inScope);
    }

    private Condition otherwise(Condition rows, WorkOrder order, List<Partition> partitions) {
        return DSL.condition(
                "(not coalesce({0}, false) and {1})",
                rows, new Slices(dialect, order.partitionColumns()).rowsOf(Slices.Values.PLAIN, partitions));
    }

    private void copy(Session session, WorkOrder order, Condition rows) {
        Table<?> shadow = LedgerTables.table(order.shadow());
        session.update(DSL.query("delete from {0} where {1}", shadow, rows));
        if (order.seed().seed() == Seed.EMPTY) {
            return;
        }
        List<Name> columns = order.target().columns().stream()
                .filter(column -> column.origin() == Origin.WRITTEN)
                .map(Column::name)
                .map(DSL::name)
                .toList();
        session.update(DSL.query(
                "insert into {0} ({1}) {2} select {1} from {3} where {4}",
                shadow,
                DSL.list(columns),
                DSL.sql(dialect.overriding()),
                LedgerTables.table(order.target().name()),
                rows));
    }

    /** A live row may have a key that the shadow has among the rows that stay as they are. */
    private void requireNoKeyElsewhere(Session session, WorkOrder order, Condition rows) {
        long elsewhere = pairs(session, order, rows, DSL.condition("not coalesce({0}, false)", rows));
        if (elsewhere > 0) {
            throw refused(
                    session,
                    order,
                    ErrorCode.KEY_IN_TWO_PARTITIONS,
                    "each key " + order.merge().key() + " once, with the rows that were written late",
                    elsewhere + " of these whose key the shadow has in rows that stay as they are, such as outside the"
                            + " scope");
        }
    }

    /** Pairs of a live row and one of the shadow with one key. */
    private static long pairs(Session session, WorkOrder order, Condition live, Condition shadow) {
        return session.number(DSL.resultQuery(
                "select count(*) from (select {0} from {1} where {3}) t"
                        + " join (select {0} from {2} where {4}) s on {5}",
                DSL.list(key(order)),
                LedgerTables.table(order.target().name()),
                LedgerTables.table(order.shadow()),
                live,
                shadow,
                DSL.and(key(order).stream()
                        .map(column -> DSL.condition("t.{0} = s.{0}", column))
                        .toList())));
    }

    static List<Name> key(WorkOrder order) {
        return Keys.of(order).stream().map(Column::name).map(DSL::name).toList();
    }

    static BackstitchException refused(
            Session session, WorkOrder order, ErrorCode code, String expected, String found) {
        return new BackstitchException(
                code,
                session.what() + " failed: expected " + expected + ", found " + found + ". The target is unchanged, the"
                        + " writes are there; shadow " + order.shadow()
                        + " is as it was. Correct the rows in the target"
                        + " or the source, then resume; or cancel the run.");
    }
}
