package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Merges;
import dev.backstitch.spi.WorkOrder;
import java.util.Optional;

/** Merges, one transaction each. Thread-safe. */
final class JdbcMerges implements Merges {
    private final Database database;
    private final Entries entries;
    private volatile Optional<Matched> last = Optional.empty();

    /** The columns of an order's source: to describe it takes a database as long as a small statement does. */
    private record Matched(WorkOrder order, SourceColumns columns) {}

    JdbcMerges(Database database, LedgerTables ledger) {
        this.database = database;
        this.entries = new Entries(ledger);
    }

    @Override
    public MergeCounts merge(WorkOrder order, Partition partition, Interrupt interrupt) {
        Optional<Matched> known = last.filter(matched -> matched.order().equals(order));
        if (known.isPresent()) {
            try {
                return merge(order, partition, interrupt, known);
            } catch (BackstitchException e) {
                if (e.code() != ErrorCode.STATEMENT_REFUSED) {
                    throw e;
                }
                // The source may have other columns by now. Matched anew, it is told which.
                last = Optional.empty();
            }
        }
        return merge(order, partition, interrupt, Optional.empty());
    }

    private MergeCounts merge(WorkOrder order, Partition partition, Interrupt interrupt, Optional<Matched> known) {
        String what =
                "merge of partition " + partition.id() + " of " + order.target().name() + " (run " + order.run() + ")";
        return database.write(what, order, interrupt, session -> {
            MergeSql sql = new MergeSql(database.dialect(), order, partition);
            BoundSql source = sql.source();
            SourceColumns columns = known.map(Matched::columns)
                    .orElseGet(() -> SourceColumns.match(session, order, session.columns(source)));
            last = Optional.of(new Matched(order, columns));
            return new MergePartition(session, database.dialect(), entries, order, partition, sql).run(source, columns);
        });
    }
}
