package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.ResolvedTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jooq.Field;
import org.jooq.impl.DSL;

/** Counts the rows of a table's partitions in one scan, for a bounded time. */
final class LiveRowsQuery {
    private final Database database;
    private final List<Column> columns;
    private final List<Partition> partitions;

    LiveRowsQuery(Database database, List<Column> columns, List<Partition> partitions) {
        this.database = database;
        this.columns = columns;
        this.partitions = partitions;
    }

    /** The number of rows of each partition, by its id. */
    Map<String, LiveRows> count(ResolvedTable table, Interrupt interrupt) {
        return database.read("count of the rows of " + table, interrupt, session -> count(session, table));
    }

    /** What a look gives; nothing when its time was over, or the database refused it: a plan can do without. */
    static <T> Optional<T> unlessLate(Supplier<T> look) {
        try {
            return Optional.of(look.get());
        } catch (BackstitchException e) {
            if (e.code() == ErrorCode.TIMED_OUT || e.code() == ErrorCode.STATEMENT_REFUSED) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private Map<String, LiveRows> count(Session session, ResolvedTable table) {
        Located located = new Located(session.dialect(), columns, partitions);
        Field<Long> number = located.number(Slices.Values.PLAIN).as("number");
        Map<String, LiveRows> rows = new HashMap<>();
        partitions.forEach(partition -> rows.put(partition.id(), counted(0)));
        record Group(long number, long rows) {}
        session.list(
                        DSL.select(number, DSL.count())
                                .from(LedgerTables.table(table))
                                .where(new Slices(session.dialect(), columns).rowsOf(Slices.Values.PLAIN, partitions))
                                .groupBy(DSL.inline(1)),
                        row -> new Group(row.getLong(1), row.getLong(2)))
                .forEach(group -> rows.put(located.partition(group.number()).id(), counted(group.rows())));
        return rows;
    }

    private static LiveRows counted(long rows) {
        return new LiveRows(rows, LiveRows.Basis.COUNTED);
    }
}
