package dev.backstitch.connector.snowflake;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.JdbcCatalog;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.connector.jdbc.Overwritten;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.spec.Publish.LateWrites;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Family;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Dependent.Fate;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Reads;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.Space;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Snowflake's catalogue. */
final class SnowflakeCatalog extends JdbcCatalog {
    private final SnowflakeTables tables;
    private final String schema;

    /** @param schema that stands for a missing one in a table's name */
    SnowflakeCatalog(Database database, SnowflakeTables tables, String schema) {
        super(database);
        this.tables = tables;
        this.schema = schema;
    }

    @Override
    public Optional<TableInfo> table(TableName name) {
        return database.read("look at " + name, Interrupt.never(), session -> tables.resolve(session, name, schema));
    }

    @Override
    public List<Dependent> dependents(ResolvedTable table) {
        return database.read(
                "look at what hangs on " + table,
                Interrupt.never(),
                session -> tables.columns(session, table).stream()
                        .map(SnowflakeTables.CatalogColumn::column)
                        .filter(column -> column.origin() == Column.Origin.GENERATED)
                        .map(column -> new Dependent(
                                "computed column",
                                column.name(),
                                Fate.REFUSED,
                                Fate.PRESERVED,
                                "a shadow does not carry it over"))
                        .toList());
    }

    /** What this connector does not do yet counts as missing, so that a plan says so before anything is touched. */
    @Override
    public List<Problem> missingPrivileges(WorkOrder order) {
        List<Problem> problems = new ArrayList<>();
        if (order.publish().overwritesWholeTable()) {
            problems.add(unsupported(
                    order,
                    "a publish that replaces partitions",
                    "one that exchanges the whole table or repoints a view"));
        }
        if (order.publish().lateWrites() == LateWrites.CATCH_UP) {
            problems.add(unsupported(order, "that a late write refuses the publish", "lateWrites(catchUp())"));
        }
        return problems;
    }

    private static Problem unsupported(WorkOrder order, String expected, String found) {
        return new Problem(
                ErrorCode.UNSUPPORTED,
                "backfill " + order.backfill(),
                expected,
                found + ", which the connector for Snowflake does not do",
                "Replace partitions of the target as it is; alter the table first if it needs another column.");
    }

    @Override
    public Space space(ResolvedTable table) {
        return new Space(Optional.empty(), Optional.empty());
    }

    @Override
    public String spelt(String column) {
        return SnowflakeTables.folded(column);
    }

    @Override
    public String normalType(String type) {
        return SnowflakeTypes.normal(type);
    }

    @Override
    protected Family familyOf(String type) {
        return SnowflakeTypes.family(type);
    }

    @Override
    protected Reads readThrough(Session session, BoundSql query) {
        throw new BackstitchException(
                ErrorCode.STATEMENT_REFUSED,
                "what a query reads through is not known of Snowflake. Nothing was written.");
    }

    @Override
    public List<String> publishStatements(WorkOrder order) {
        return database.read("rendering of the publish", Interrupt.never(), session -> {
            Table<?> target = LedgerTables.table(order.target().name());
            Table<?> archive = LedgerTables.table(order.archive());
            var rows = new Overwritten(session.dialect(), order).rows();
            var columns = DSL.list(order.writtenColumns().stream()
                    .map(Column::name)
                    .map(DSL::name)
                    .toList());
            return List.of(
                    session.readable(
                            DSL.query("create table {0} as select {1} from {2} where 1 = 0", archive, columns, target)),
                    session.readable(DSL.query(
                            "insert into {0} ({1}) select {1} from {2} where {3}", archive, columns, target, rows)),
                    session.readable(DSL.query(
                            "delete from {0} where {1} and {2} in (select {2} from {3})",
                            target, rows, new Overwritten(session.dialect(), order).targetHash(), archive)),
                    session.readable(DSL.query(
                            "insert into {0} ({1}) select {1} from {2} where {3}",
                            target, columns, LedgerTables.table(order.shadow()), rows)));
        });
    }
}
