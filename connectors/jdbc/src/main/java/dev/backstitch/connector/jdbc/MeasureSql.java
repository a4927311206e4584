package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.QueryPart;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** The statements that measure shadow and target. */
final class MeasureSql {
    private final Dialect dialect;
    private final WorkOrder order;
    private final Slices slices;
    private final Located located;
    private final Table<?> shadow;
    private final Table<?> target;

    MeasureSql(Dialect dialect, WorkOrder order) {
        this.dialect = dialect;
        this.order = order;
        this.slices = new Slices(dialect, order.partitionColumns());
        this.located = new Located(dialect, order.partitionColumns(), order.scope());
        this.shadow = LedgerTables.table(order.shadow());
        this.target = LedgerTables.table(order.target().name());
    }

    /**
     * One scan of the shadow: by partition, with one group without a number for all that lies outside the scope, its rows,
     * the sum of the outside rows' hashes, and the rows with a null in each of these lists of columns.
     */
    QueryPart scanShadow(List<List<String>> nullable) {
        List<QueryPart> counts = nullable.stream()
                .map(columns -> (QueryPart) DSL.sql("count(*) filter (where {0})", anyNull(columns)))
                .toList();
        return scan(
                shadow, order.writtenColumns().stream().map(this::comparable).toList(), counts);
    }

    /** The same of the whole target, as if it had the shadow's columns. */
    QueryPart scanTarget() {
        return scan(target, asShadow(), List.of());
    }

    /** By partition, the target's rows; rows outside the scope are not read. */
    QueryPart scanScopeOfTarget() {
        return DSL.resultQuery(
                "select {0} as place, count(*) from {1} t where {2} group by 1",
                located.number(Slices.Values.of("t")), target, slices.rowsOf(Slices.Values.of("t"), order.scope()));
    }

    /** By partition, the target's rows whose key the shadow lacks. */
    QueryPart missingKeys() {
        return DSL.resultQuery(
                "select {0} as place, count(*) from {1} t where {2} and not exists (select 1 from {3} s where {4}) group by 1",
                located.number(Slices.Values.of("t")),
                target,
                slices.rowsOf(Slices.Values.of("t"), order.scope()),
                shadow,
                sameKey());
    }

    /** The partition with a number that these statements give. */
    Partition partition(long number) {
        return located.partition(number);
    }

    /** Rows outside the scope that one side has and the other lacks. */
    QueryPart countOutsideDifferences() {
        Condition outside = DSL.not(slices.within(Slices.Values.PLAIN, order.scope()));
        return DSL.resultQuery(
                "select coalesce(sum(abs(n)), 0) from (select h, sum(n) as n from ("
                        + "select {0} as h, 1 as n from {1} where {2}"
                        + " union all select {3} as h, -1 as n from {4} where {2}) both_sides group by h) differing",
                dialect.rowHash(
                        order.writtenColumns().stream().map(this::comparable).toList()),
                shadow,
                outside,
                dialect.rowHash(asShadow()),
                target);
    }

    /** Rows of the target outside the scope whose key is in the shadow's scope too. */
    QueryPart countKeysOutside() {
        return countKeysOutside(order.shadow());
    }

    /** Rows of the target outside the scope whose key is in the scope of another table, such as the archive. */
    QueryPart countKeysOutside(ResolvedTable other) {
        return DSL.resultQuery(
                "select count(*) from {0} t where {1} and exists (select 1 from {2} s where {3} and {4})",
                target,
                DSL.not(slices.within(Slices.Values.of("t"), order.scope())),
                LedgerTables.table(other),
                slices.rowsOf(Slices.Values.of("s"), order.scope()),
                sameKey());
    }

    QueryPart countDuplicateGroups(List<String> columns) {
        List<Field<?>> fields = columns.stream().<Field<?>>map(this::named).toList();
        return DSL.resultQuery(
                "select count(*) from (select 1 as one from {0} where {1} group by {2} having count(*) > 1) d",
                shadow, DSL.not(anyNull(columns)), DSL.list(fields));
    }

    /** A query of the user's in which {@code :shadow} and {@code :target} are these tables, its rows counted. */
    BoundSql countRows(Session session, String sql) {
        BoundSql query = new UserSql(dialect)
                .over(
                        SqlTemplate.parse(sql),
                        java.util.Map.of(
                                "shadow", session.rendered(shadow).text(),
                                "target", session.rendered(target).text()));
        // The line break ends a comment on the last line of the user's query.
        return new BoundSql("select count(*) from (" + query.text() + "\n) found", query.binds());
    }

    private QueryPart scan(Table<?> table, List<Field<?>> values, List<QueryPart> counts) {
        Condition inside = slices.within(Slices.Values.PLAIN, order.scope());
        List<QueryPart> columns = new ArrayList<>();
        columns.add(DSL.sql("{0} as place", located.number(Slices.Values.PLAIN)));
        columns.add(DSL.sql("count(*)"));
        columns.add(DSL.sql(
                "cast(coalesce(sum(case when not {0} then {1} end), 0) as varchar)", inside, dialect.rowHash(values)));
        columns.addAll(counts);
        return DSL.resultQuery("select {0} from {1} group by 1", DSL.list(columns), table);
    }

    private List<Field<?>> asShadow() {
        return Stream.concat(
                        order.target().columns().stream()
                                .filter(column -> column.origin() == Column.Origin.WRITTEN)
                                .map(this::comparable),
                        order.seed().added().stream().map(added -> DSL.field("cast(null as " + added.type() + ")")))
                .<Field<?>>map(field -> field)
                .toList();
    }

    private Field<?> comparable(Column column) {
        return dialect.comparable(column, DSL.field(DSL.name(column.name())));
    }

    /** A column of the shadow as a developer called it. */
    private Field<?> named(String name) {
        return DSL.field(DSL.name(SourceColumns.named(order.writtenColumns(), name)
                .map(Column::name)
                .orElse(name)));
    }

    private Condition sameKey() {
        return DSL.and(Keys.of(order).stream()
                .map(column -> DSL.condition("{0} = {1}", DSL.name("t", column.name()), DSL.name("s", column.name())))
                .toList());
    }

    private Condition anyNull(List<String> columns) {
        return DSL.or(columns.stream().map(column -> named(column).isNull()).toList());
    }
}
