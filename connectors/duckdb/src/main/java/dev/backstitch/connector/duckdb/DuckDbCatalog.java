package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.JdbcCatalog;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.Problem;
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
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jooq.impl.DSL;

/** DuckDB's catalogue. */
final class DuckDbCatalog extends JdbcCatalog {
    private static final Pattern ARRAY = Pattern.compile("\\[\\d+]");

    private final DuckDbTables tables;

    DuckDbCatalog(Database database, DuckDbTables tables) {
        super(database);
        this.tables = tables;
    }

    @Override
    public Optional<TableInfo> table(TableName name) {
        return database.read("look at " + name, Interrupt.never(), session -> tables.resolve(session, name));
    }

    Optional<ViewInfo> view(TableName name) {
        return database.read(
                "look at view " + name,
                Interrupt.never(),
                session -> tables.resolve(session, name)
                        .filter(found -> found.kind() == TableInfo.Kind.VIEW)
                        .flatMap(found -> RepointedView.look(session, tables, found.name())));
    }

    /** Views bind by name, so that all but the one that is repointed would go on to show the version that is left behind. */
    List<Dependent> dependents(ViewInfo view, List<ResolvedTable> pinned) {
        ResolvedTable table = view.shows().orElseThrow();
        List<Dependent> others = database.read(
                "look at the views of " + table,
                Interrupt.never(),
                session -> RepointedView.othersOf(session, tables, table, view.name(), pinned).stream()
                        .map(other -> new Dependent(
                                "view",
                                other.name().toString(),
                                Fate.REFUSED,
                                Fate.PRESERVED,
                                "it finds its tables by name, and would go on to show the version that is left behind"))
                        .toList());
        return Stream.concat(
                        others.stream(),
                        dependents(table).stream()
                                .filter(dependent -> !dependent.kind().equals("view")))
                .toList();
    }

    @Override
    public List<Dependent> dependents(ResolvedTable table) {
        return database.read("look at what hangs on " + table, Interrupt.never(), session -> {
            List<Dependent> dependents = new ArrayList<>();
            View.mentioning(session, table)
                    .forEach(view -> dependents.add(new Dependent(
                            "view",
                            view.name().toString(),
                            Fate.PRESERVED,
                            Fate.PRESERVED,
                            "a view finds its tables by name")));
            SecondaryIndex.of(session, table)
                    .forEach(index -> dependents.add(new Dependent(
                            "index",
                            index.name(),
                            Fate.PRESERVED,
                            Fate.PRESERVED,
                            "it is dropped and made again in the publish's transaction")));
            tables.constraints(session, table).stream()
                    .filter(constraint -> constraint.kind().equals("FOREIGN KEY"))
                    .forEach(constraint -> dependents.add(new Dependent(
                            "foreign key",
                            constraint.text(),
                            Fate.REFUSED,
                            Fate.PRESERVED,
                            "a shadow does not carry it over")));
            session.list(
                            DSL.resultQuery(
                                    "select schema_name, table_name, constraint_text from duckdb_constraints()"
                                            + " where constraint_type = 'FOREIGN KEY' and database_name = {0}"
                                            + " and lower(referenced_table) = lower({1}) order by 1, 2, 3",
                                    DSL.val(table.catalog()), DSL.val(table.table())),
                            row -> row.getString(1) + "." + row.getString(2) + " " + row.getString(3))
                    .forEach(key -> dependents.add(new Dependent(
                            "foreign key from another table",
                            key,
                            Fate.REFUSED,
                            Fate.REFUSED,
                            "DuckDB neither renames a table to which one points, nor deletes a row to which one may"
                                    + " point")));
            tables.columns(session, table).stream()
                    .map(DuckDbTables.CatalogColumn::column)
                    .filter(column -> column.origin() == Column.Origin.GENERATED)
                    .forEach(column -> dependents.add(new Dependent(
                            "generated column",
                            column.name(),
                            Fate.REFUSED,
                            Fate.PRESERVED,
                            "a shadow does not carry it over")));
            if (cannotJoinArrays(session)) {
                tables.columns(session, table).stream()
                        .map(DuckDbTables.CatalogColumn::column)
                        .filter(column -> ARRAY.matcher(column.type()).find())
                        .forEach(column -> dependents.add(new Dependent(
                                "array of a fixed length",
                                column.name() + " " + column.type(),
                                Fate.REFUSED,
                                Fate.REFUSED,
                                "this version of DuckDB reads past such values in an outer join, and each merge has one;"
                                        + " a list, "
                                        + ARRAY.matcher(column.type()).replaceAll("[]") + ", is merged")));
            }
            return List.copyOf(dependents);
        });
    }

    /** 1.5.6 can. */
    private static boolean cannotJoinArrays(Session session) {
        return session.one(DSL.resultQuery("select version()"), row -> row.getString(1))
                .startsWith("v2.0.");
    }

    @Override
    public List<Problem> missingPrivileges(WorkOrder order) {
        // DuckDB has no users: who opens the file may do anything.
        return List.of();
    }

    /** What is in the write-ahead log alone counts as nothing yet. */
    @Override
    public Space space(ResolvedTable table) {
        return database.read("look at the space of " + table, Interrupt.never(), session -> {
            String name = session.rendered(LedgerTables.table(table)).text();
            long bytes = session.number(DSL.resultQuery(
                    "select (select count(distinct block_id) from pragma_storage_info({0}) where block_id >= 0)"
                            + " * (select max(block_size) from pragma_database_size())",
                    DSL.val(name)));
            Optional<Long> free = session.first(
                            DSL.resultQuery(
                                    "select path from duckdb_databases() where database_name = {0}",
                                    DSL.val(table.catalog())),
                            row -> Optional.ofNullable(row.getString(1)))
                    .flatMap(path -> path)
                    .map(path -> new File(path).getUsableSpace());
            return new Space(Optional.of(bytes), free);
        });
    }

    @Override
    public String normalType(String type) {
        return database.read(
                "look at type " + type,
                Interrupt.never(),
                session -> session.one(
                        DSL.resultQuery("select typeof(cast(null as " + type + "))"), row -> row.getString(1)));
    }

    @Override
    protected Reads readThrough(Session session, BoundSql query) {
        return ReadThrough.of(session, query);
    }

    @Override
    protected Family familyOf(String type) {
        return family(type);
    }

    static Family family(String type) {
        String word = type.toUpperCase(Locale.ROOT).replaceFirst("\\(.*", "").strip();
        return switch (word) {
            case "DATE" -> Family.DATE;
            case "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS" -> Family.LOCAL_TIMESTAMP;
            case "TIMESTAMP WITH TIME ZONE" -> Family.INSTANT;
            case "TINYINT",
                    "SMALLINT",
                    "INTEGER",
                    "BIGINT",
                    "HUGEINT",
                    "UTINYINT",
                    "USMALLINT",
                    "UINTEGER",
                    "UBIGINT",
                    "UHUGEINT",
                    "FLOAT",
                    "DOUBLE",
                    "DECIMAL" -> type.endsWith("]") ? Family.OTHER : Family.NUMBER;
            case "VARCHAR" -> Family.TEXT;
            default -> Family.OTHER;
        };
    }

    @Override
    public List<String> publishStatements(WorkOrder order) {
        return database.read(
                "rendering of the publish",
                Interrupt.never(),
                session -> PublishStatements.of(
                        session,
                        order,
                        SecondaryIndex.of(session, order.target().name())));
    }
}
