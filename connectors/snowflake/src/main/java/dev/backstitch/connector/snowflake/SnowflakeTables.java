package dev.backstitch.connector.snowflake;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Cutover;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.connector.jdbc.Marker;
import dev.backstitch.connector.jdbc.Names;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.connector.jdbc.TableOperations;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Nullability;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.TableInfo.Kind;
import dev.backstitch.spi.WorkOrder;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jooq.Field;
import org.jooq.QueryPart;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** What Snowflake does with tables, and what its catalogue says of them. */
final class SnowflakeTables implements TableOperations {
    private static final Field<String> CATALOG = field("table_catalog");
    private static final Field<String> SCHEMA = field("table_schema");
    private static final Field<String> TABLE = field("table_name");
    private static final Field<String> COMMENT = field("comment");

    /**
     * A column as the catalogue has it.
     *
     * @param column what everybody may see of it
     * @param defaultValue its default as text
     */
    record CatalogColumn(Column column, Optional<String> defaultValue) {}

    /** What the catalogue says of a table or view beside its columns. */
    private record Found(ResolvedTable name, String type, long rows, Optional<Timestamp> created, String comment) {}

    private final String database;

    /** @param database in which the tables are */
    SnowflakeTables(String database) {
        this.database = database;
    }

    private static Field<String> field(String name) {
        return DSL.field(DSL.unquotedName(name), String.class);
    }

    private Table<?> tables() {
        return DSL.table(DSL.quotedName(database)
                .append(DSL.unquotedName("information_schema"))
                .append(DSL.unquotedName("tables")));
    }

    @Override
    public Optional<TableInfo> find(Session session, ResolvedTable table) {
        return found(session, List.of(table)).map(found -> info(session, found));
    }

    /** Without the order's own columns, where an attempt at its publish has added them. */
    @Override
    public Optional<TableInfo> target(Session session, WorkOrder order) {
        List<String> added = order.seed().added().stream()
                .filter(column -> order.target().columns().stream()
                        .noneMatch(planned -> planned.name().equals(column.name())))
                .map(column -> column.name() + " " + SnowflakeTypes.normal(column.type()))
                .toList();
        return found(session, List.of(order.target().name()))
                .map(found -> info(
                        found,
                        columns(session, found.name()).stream()
                                .filter(column -> !added.contains(column.column()
                                                .name() + " " + column.column().type()))
                                .toList()));
    }

    /**
     * The table or view that a name means, as it would without quotes: in capitals. Where there is none, the one of exactly
     * this name.
     *
     * @param schema that stands for a missing one
     */
    Optional<TableInfo> resolve(Session session, TableName name, String schema) {
        List<String> parts = name.parts();
        if (parts.size() > 2 && !parts.get(0).equalsIgnoreCase(database)) {
            return Optional.empty();
        }
        String inSchema = parts.size() > 1 ? parts.get(parts.size() - 2) : schema;
        List<ResolvedTable> candidates = new ArrayList<>();
        for (String oneSchema : List.of(folded(inSchema), inSchema)) {
            for (String oneTable : List.of(folded(name.table()), name.table())) {
                candidates.add(new ResolvedTable(database, oneSchema, oneTable));
            }
        }
        return found(session, candidates).map(found -> info(session, found));
    }

    /** <a href="https://docs.snowflake.com/en/sql-reference/identifiers-syntax">What is not quoted is in capitals.</a> */
    static String folded(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    /** The first of these that there is. */
    private Optional<Found> found(Session session, List<ResolvedTable> candidates) {
        List<Found> there = session.list(
                DSL.select(
                                CATALOG,
                                SCHEMA,
                                TABLE,
                                field("table_type"),
                                DSL.field(DSL.unquotedName("row_count"), Long.class),
                                DSL.field(DSL.unquotedName("created")),
                                COMMENT)
                        .from(tables())
                        .where(DSL.or(candidates.stream()
                                .map(one -> SCHEMA.eq(one.schema()).and(TABLE.eq(one.table())))
                                .toList())),
                row -> new Found(
                        new ResolvedTable(row.getString(1), row.getString(2), row.getString(3)),
                        row.getString(4),
                        row.getLong(5),
                        Optional.ofNullable(row.getTimestamp(6)),
                        Optional.ofNullable(row.getString(7)).orElse("")));
        return candidates.stream()
                .flatMap(one -> there.stream().filter(found -> found.name().equals(one)))
                .findFirst();
    }

    private TableInfo info(Session session, Found found) {
        return info(found, columns(session, found.name()));
    }

    private static TableInfo info(Found found, List<CatalogColumn> columns) {
        return new TableInfo(
                found.name(),
                identity(found),
                switch (found.type()) {
                    case "BASE TABLE" -> Kind.TABLE;
                    case "VIEW", "MATERIALIZED VIEW" -> Kind.VIEW;
                    default -> Kind.OTHER;
                },
                columns.stream().map(CatalogColumn::column).toList(),
                // Declared keys are not enforced.
                List.of(),
                found.rows(),
                structure(columns));
    }

    /** A table that is made anew has another time; one of ours has its marker, whichever run made it. */
    private static String identity(Found found) {
        return found.comment().startsWith("backstitch run=")
                ? found.comment()
                : "created "
                        + found.created()
                                .map(Timestamp::toInstant)
                                .map(Object::toString)
                                .orElse("once");
    }

    private static String structure(List<CatalogColumn> columns) {
        return Names.hash(columns.stream()
                .map(column -> String.join(
                        "\u001f",
                        column.column().name(),
                        column.column().type(),
                        column.column().nullability().name(),
                        column.column().origin().name(),
                        column.defaultValue().orElse("")))
                .collect(Collectors.joining("\u001e")));
    }

    /** By <a href="https://docs.snowflake.com/en/sql-reference/sql/desc-table">DESCRIBE TABLE</a>, which spells types in full. */
    List<CatalogColumn> columns(Session session, ResolvedTable table) {
        return session.list(DSL.query("describe table {0}", LedgerTables.table(table)), row -> {
            String type = row.getString("type");
            boolean computed = Optional.ofNullable(row.getString("expression")).isPresent();
            return new CatalogColumn(
                    new Column(
                            row.getString("name"),
                            type,
                            SnowflakeTypes.family(type),
                            "Y".equals(row.getString("null?")) ? Nullability.NULLABLE : Nullability.NOT_NULL,
                            computed ? Origin.GENERATED : Origin.WRITTEN),
                    Optional.ofNullable(row.getString("default")));
        });
    }

    @Override
    public Optional<String> comment(Session session, ResolvedTable table) {
        return found(session, List.of(table)).map(Found::comment).filter(comment -> !comment.isEmpty());
    }

    @Override
    public void setComment(Session session, ResolvedTable table, String comment) {
        session.update(DSL.query("alter table {0} set comment = {1}", LedgerTables.table(table), DSL.inline(comment)));
    }

    /**
     * A <a href="https://docs.snowflake.com/en/user-guide/tables-temp-transient">transient</a> table where only its rows
     * are published: it keeps no fail-safe copies, which nobody would need.
     */
    @Override
    public void createShadow(Session session, WorkOrder order) {
        List<String> parts = new ArrayList<>();
        for (CatalogColumn column : columns(session, order.target().name())) {
            if (column.column().origin() == Origin.WRITTEN) {
                parts.add(session.rendered(DSL.name(column.column().name())).text() + " "
                        + column.column().type()
                        + (column.column().nullability() == Nullability.NOT_NULL ? " not null" : ""));
            }
        }
        order.seed()
                .added()
                .forEach(added ->
                        parts.add(session.rendered(DSL.name(added.name())).text() + " " + added.type()));
        session.update(new BoundSql(
                "create transient table "
                        + session.rendered(LedgerTables.table(order.shadow())).text() + " ("
                        + String.join(", ", parts) + ") comment = "
                        + session.readable(DSL.inline(Marker.SHADOW.of(order.run()))),
                List.of()));
    }

    @Override
    public void createMarked(Session session, ResolvedTable table, QueryPart query, String marker) {
        session.update(DSL.query(
                "create table {0} comment = {1} as {2} where 1 = 0",
                LedgerTables.table(table), DSL.inline(marker), query));
    }

    @Override
    public Cutover cutover(Session before, WorkOrder order, ResolvedTable live) {
        return new SnowflakeCutover(this, order);
    }
}
