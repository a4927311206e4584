package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Merges;
import dev.backstitch.spi.WorkOrder;

/** Merges, one transaction each. Thread-safe. */
final class JdbcMerges implements Merges {
    private final Database database;
    private final Entries entries;

    JdbcMerges(Database database, LedgerTables ledger) {
        this.database = database;
        this.entries = new Entries(ledger);
    }

    @Override
    public MergeCounts merge(WorkOrder order, Partition partition, Interrupt interrupt) {
        String what =
                "merge of partition " + partition.id() + " of " + order.target().name() + " (run " + order.run() + ")";
        return database.write(
                what,
                order,
                interrupt,
                session -> new MergePartition(session, database.dialect(), entries, order, partition).run());
    }
}
