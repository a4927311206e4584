package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Cutover;
import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.connector.jdbc.Names;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.connector.jdbc.TableCopies;
import dev.backstitch.connector.jdbc.TableOperations;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Nullability;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jooq.QueryPart;
import org.jooq.impl.DSL;

/** What DuckDB does with tables, and what its catalogue says of them. */
final class DuckDbTables implements TableOperations, TableCopies {
    /**
     * A column as the catalogue has it.
     *
     * @param column what everybody may see of it
     * @param defaultValue its default as text
     * @param comment its comment
     */
    record CatalogColumn(Column column, Optional<String> defaultValue, Optional<String> comment) {}

    /** A constraint as the catalogue has it. */
    record Constraint(String kind, String text, List<String> columns, Optional<String> referenced) {
        boolean isUnique() {
            return kind.equals("PRIMARY KEY") || kind.equals("UNIQUE");
        }
    }

    private final Database database;

    DuckDbTables(Database database) {
        this.database = database;
    }

    @Override
    public Optional<TableInfo> find(Session session, ResolvedTable table) {
        return resolve(session, new TableName(List.of(table.catalog(), table.schema(), table.table())));
    }

    /** The table or view that a name means: its schema may be left out, and its database has to be the current one. */
    Optional<TableInfo> resolve(Session session, TableName name) {
        record Found(ResolvedTable name, TableInfo.Kind kind, long rows, String comment) {}
        List<String> parts = name.parts();
        Optional<Found> found = session.first(
                DSL.resultQuery(
                        "select database_name, schema_name, name, kind, row_count, comment from ("
                                + "select database_name, schema_name, table_name as name,"
                                + " case when temporary then 'OTHER' else 'TABLE' end as kind,"
                                + " estimated_size as row_count, comment from duckdb_tables() where not internal"
                                + " union all select database_name, schema_name, view_name, 'VIEW', 0, comment"
                                + " from duckdb_views() where not internal) objects"
                                + " where database_name = current_database() and lower(name) = lower({0})"
                                + " and lower(schema_name) = lower(coalesce({1}, current_schema()))"
                                + " and lower(database_name) = lower(coalesce({2}, database_name))",
                        DSL.val(parts.get(parts.size() - 1)),
                        parts.size() > 1 ? DSL.val(parts.get(parts.size() - 2)) : DSL.inline((String) null),
                        parts.size() > 2 ? DSL.val(parts.get(0)) : DSL.inline((String) null)),
                row -> new Found(
                        new ResolvedTable(row.getString(1), row.getString(2), row.getString(3)),
                        TableInfo.Kind.valueOf(row.getString(4)),
                        row.getLong(5),
                        text(row, 6).orElse("")));
        return found.map(table -> {
            List<CatalogColumn> columns = columns(session, table.name());
            List<Constraint> constraints = constraints(session, table.name());
            return new TableInfo(
                    table.name(),
                    identity(table.comment()),
                    table.kind(),
                    columns.stream().map(CatalogColumn::column).toList(),
                    uniqueKeys(session, table.name(), constraints),
                    table.rows(),
                    structure(columns, constraints));
        });
    }

    /**
     * DuckDB numbers its tables anew whenever a file is opened, so that nothing in it tells a table from its successor of
     * the same name, but a comment of ours. Where there is none, structure and contents are compared instead: a publish
     * overwrites what it has proved to be equal to the baseline.
     */
    private static String identity(String comment) {
        return comment.startsWith("backstitch run=") ? comment : "by name";
    }

    List<CatalogColumn> columns(Session session, ResolvedTable table) {
        return session.list(
                ofTable(
                        "select column_name, data_type, is_nullable, is_generated, column_default, comment"
                                + " from duckdb_columns() where {0} order by column_index",
                        table),
                row -> new CatalogColumn(
                        new Column(
                                row.getString(1),
                                row.getString(2),
                                DuckDbCatalog.family(row.getString(2)),
                                row.getBoolean(3) ? Nullability.NULLABLE : Nullability.NOT_NULL,
                                row.getBoolean(4) ? Origin.GENERATED : Origin.WRITTEN),
                        text(row, 5),
                        text(row, 6)));
    }

    List<Constraint> constraints(Session session, ResolvedTable table) {
        return session.list(
                ofTable(
                        "select constraint_type, constraint_text, array_to_string(constraint_column_names, chr(31)),"
                                + " referenced_table from duckdb_constraints() where {0}"
                                + " order by constraint_type, constraint_text, 3",
                        table),
                row -> new Constraint(
                        row.getString(1),
                        row.getString(2),
                        List.of(row.getString(3).split("\u001f", -1)),
                        text(row, 4)));
    }

    private static List<List<String>> uniqueKeys(Session session, ResolvedTable table, List<Constraint> constraints) {
        List<List<String>> keys = new ArrayList<>();
        constraints.stream()
                .filter(Constraint::isUnique)
                .map(Constraint::columns)
                .forEach(keys::add);
        SecondaryIndex.of(session, table).stream()
                .map(SecondaryIndex::uniqueColumns)
                .flatMap(Optional::stream)
                .forEach(keys::add);
        return keys;
    }

    private static String structure(List<CatalogColumn> columns, List<Constraint> constraints) {
        String described = columns.stream()
                        .map(column -> String.join(
                                "\u001f",
                                column.column().name(),
                                column.column().type(),
                                column.column().nullability().name(),
                                column.column().origin().name(),
                                column.defaultValue().orElse("")))
                        .collect(Collectors.joining("\u001e"))
                + "\u001d"
                + constraints.stream()
                        .map(constraint ->
                                constraint.kind() + "\u001f" + constraint.columns() + "\u001f" + constraint.text())
                        .collect(Collectors.joining("\u001e"));
        return Names.hash(described);
    }

    @Override
    public Optional<String> comment(Session session, ResolvedTable table) {
        return session
                .list(ofTable("select comment from duckdb_tables() where {0}", table), row -> text(row, 1))
                .stream()
                .flatMap(Optional::stream)
                .findFirst();
    }

    @Override
    public void setComment(Session session, ResolvedTable table, String comment) {
        session.update(DSL.query("comment on table {0} is {1}", LedgerTables.table(table), literal(comment)));
    }

    /** A comment's literal; without a text it removes the comment. */
    static QueryPart literal(String comment) {
        return comment.isEmpty() ? DSL.sql("null") : DSL.inline(comment);
    }

    @Override
    public void createShadow(Session session, WorkOrder order) {
        createLike(session, order.target().name(), order.shadow(), order.seed().added());
    }

    @Override
    public void make(Session session, TableInfo of, ResolvedTable as) {
        createLike(session, of.name(), as, List.of());
    }

    /** Indexes of the copy have the names of their table's, which are the copy's schema's own. */
    @Override
    public void filled(Session session, TableInfo of, ResolvedTable as) {
        SecondaryIndex.of(session, of.name()).forEach(index -> index.create(session, as));
    }

    @Override
    public Optional<ResolvedTable> shownBy(Session session, ResolvedTable view) {
        return RepointedView.look(session, this, view).flatMap(ViewInfo::shows);
    }

    @Override
    public boolean reads(Session session, ResolvedTable view, ResolvedTable table) {
        return View.find(session, view)
                .filter(found -> found.names(table.table()))
                .isPresent();
    }

    @Override
    public void showPublished(Session session, WorkOrder order, ResolvedTable view) {
        new RepointedView(this, view).show(session, order.published());
    }

    private void createLike(Session session, ResolvedTable target, ResolvedTable as, List<AddedColumn> added) {
        List<String> parts = new ArrayList<>();
        List<String> generated = new ArrayList<>();
        for (CatalogColumn column : columns(session, target)) {
            if (column.column().origin() == Origin.WRITTEN) {
                parts.add(definition(session, column));
            } else {
                generated.add(column.column().name());
            }
        }
        added.forEach(column -> parts.add(quoted(session, column.name()) + " " + column.type()));
        // Foreign keys and generated columns stay behind: a table that has one is not swapped, and where its rows are
        // replaced the target itself judges them.
        constraints(session, target).stream()
                .filter(constraint -> constraint.isUnique() || constraint.kind().equals("CHECK"))
                .filter(constraint -> constraint.columns().stream().noneMatch(generated::contains))
                .forEach(constraint -> parts.add(constraint.text()));
        session.update(new BoundSql(
                "create table "
                        + session.rendered(LedgerTables.table(as)).text() + " (" + String.join(", ", parts)
                        + ")",
                List.of()));
    }

    private static String definition(Session session, CatalogColumn column) {
        return quoted(session, column.column().name()) + " " + column.column().type()
                + column.defaultValue().map(value -> " default (" + value + ")").orElse("")
                + (column.column().nullability() == Nullability.NOT_NULL ? " not null" : "");
    }

    private static String quoted(Session session, String name) {
        return session.rendered(DSL.name(name)).text();
    }

    @Override
    public Cutover cutover(Session before, WorkOrder order, ResolvedTable live) {
        return new DuckDbCutover(database, before, this, order, live);
    }

    /** A query of one of the catalogue's functions, limited to a table. */
    static QueryPart ofTable(String query, ResolvedTable table) {
        return DSL.resultQuery(
                query,
                DSL.condition(
                        "database_name = {0} and schema_name = {1} and table_name = {2}",
                        DSL.val(table.catalog()), DSL.val(table.schema()), DSL.val(table.table())));
    }

    static Optional<String> text(ResultSet row, int column) throws SQLException {
        return Optional.ofNullable(row.getString(column));
    }
}
