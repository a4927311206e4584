package dev.backstitch.spi;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.TableName;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a database knows about its tables. Nothing here writes; each call is a transaction of its own. */
public interface Catalog {
    /** The table that this name means to the database, or nothing. */
    Optional<TableInfo> table(TableName name);

    /** What hangs on a table, in a stable order. */
    List<Dependent> dependents(ResolvedTable table);

    /**
     * The columns of a query, found without running it.
     *
     * @param sample the partition whose values are bound
     * @param partitionColumns the columns of the target by which it is divided
     * @throws dev.backstitch.error.BackstitchException with {@code SOURCE_INVALID}, or {@code PRIVILEGE_MISSING} where
     *     this connection's user may not run it, and the database's own words
     */
    List<Column> columnsOf(SqlTemplate query, Partition sample, List<Column> partitionColumns);

    /**
     * What a query reads through: views and functions with all that they read through in turn, and columns; found without
     * running it. Nothing where the catalogue cannot tell, such as for want of a privilege.
     *
     * @param query one that the database accepts
     * @param sample a partition whose values have the types of all
     * @param partitionColumns the columns of the target by which it is divided
     */
    Optional<Reads> reads(SqlTemplate query, Partition sample, List<Column> partitionColumns);

    /**
     * How many rows the target has in each of these partitions, by the partition's id: counted if that takes no longer than
     * is allowed, else estimated where that is cheap. A partition of which nothing is known is missing.
     *
     * @param partitions at least one
     * @param within after which the count is cancelled on the server
     */
    Map<String, LiveRows> liveRows(
            TableInfo target, List<Column> partitionColumns, List<Partition> partitions, Duration within);

    /** How much space a table takes, and how much is left beside it, as far as that is known. */
    Space space(ResolvedTable table);

    /** What this connection's user lacks for the work: privileges, one problem each, named. */
    List<Problem> missingPrivileges(WorkOrder order);

    /**
     * How a new column is called that a developer calls so: as the database spells names that are not quoted. By default as
     * it is written.
     */
    default String spelt(String column) {
        return column;
    }

    /** How the database spells this type, so that two spellings of one type compare equal. */
    String normalType(String type);

    /** The statements that a merge of this partition would run, for people to read. Nothing is run. */
    List<String> mergeStatements(WorkOrder order, Partition partition);

    /** The statements that the publish would run, for people to read. Nothing is run. */
    List<String> publishStatements(WorkOrder order);
}
