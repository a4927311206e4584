package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.Column;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.QueryPart;
import org.jooq.impl.DSL;

/** Shadow and target compared by key, in the scope: a row for each that is added, removed or changed, and what of it. */
final class ChangedRowsSql {
    private static final String SHADOW = "s";
    private static final String TARGET = "t";

    private final Dialect dialect;
    private final WorkOrder order;
    private final List<Column> key;
    private final Set<String> live;

    ChangedRowsSql(Dialect dialect, WorkOrder order) {
        this.dialect = dialect;
        this.order = order;
        this.key = Keys.of(order);
        this.live = order.target().columns().stream().map(Column::name).collect(Collectors.toSet());
    }

    /** By key; the values of a changed row as they were and as they are. */
    QueryPart query(Measure.RowsChanged changed) {
        List<Column> compared = compared(changed);
        Condition differ = DSL.or(compared.stream().map(this::differ).toList());
        Condition inBoth = DSL.and(DSL.not(missing(SHADOW)), DSL.not(missing(TARGET)));
        return DSL.resultQuery(
                "select case when {0} then 'removed' when {1} then 'added' else 'changed' end as what, {2}, {3} as differs"
                        + " from (select * from {4} where {6}) s full join (select * from {5} where {6}) t on {7}"
                        + " where {8} order by {9}",
                missing(SHADOW),
                missing(TARGET),
                DSL.list(key.stream()
                        .map(column -> DSL.field(
                                "coalesce({0}, {1}) as {2}",
                                in(SHADOW, column), in(TARGET, column), DSL.name(column.name())))
                        .toList()),
                differences(compared),
                LedgerTables.table(order.shadow()),
                LedgerTables.table(order.target().name()),
                new Slices(dialect, order.partitionColumns()).rowsOf(Slices.Values.PLAIN, order.scope()),
                DSL.and(key.stream()
                        .map(column -> DSL.condition("{0} = {1}", in(SHADOW, column), in(TARGET, column)))
                        .toList()),
                changed.but().isEmpty() ? DSL.or(missing(SHADOW), missing(TARGET), differ) : DSL.and(inBoth, differ),
                DSL.list(key.stream()
                        .map(column -> DSL.field("coalesce({0}, {1})", in(SHADOW, column), in(TARGET, column)))
                        .toList()));
    }

    private List<Column> compared(Measure.RowsChanged changed) {
        return order.writtenColumns().stream()
                .filter(column -> !key.contains(column))
                .filter(column -> !order.merge().stampedColumns().contains(column.name()))
                .filter(column -> changed.but().stream().noneMatch(column.name()::equalsIgnoreCase))
                .toList();
    }

    private Condition missing(String side) {
        return DSL.condition("{0} is null", in(side, key.get(0)));
    }

    private Condition differ(Column column) {
        return DSL.condition(
                "{0} is distinct from {1}",
                dialect.comparable(column, in(SHADOW, column)), dialect.comparable(column, in(TARGET, column)));
    }

    /** {@code delay: 4 -> 9; }, of each column that differs in a row that is in both. */
    private QueryPart differences(List<Column> compared) {
        List<Field<?>> each = compared.stream()
                .<Field<?>>map(column -> DSL.field(
                        "case when {0} then '' when {1} then '' when {2} then {3} || coalesce(cast({4} as varchar), 'null')"
                                + " || ' -> ' || coalesce(cast({5} as varchar), 'null') || '; ' else '' end",
                        missing(SHADOW),
                        missing(TARGET),
                        differ(column),
                        DSL.inline(column.name() + ": "),
                        in(TARGET, column),
                        in(SHADOW, column)))
                .toList();
        return each.isEmpty()
                ? DSL.inline("")
                : DSL.sql(
                        each.stream()
                                .map(field -> "{" + each.indexOf(field) + "}")
                                .collect(Collectors.joining(" || ")),
                        each.toArray(QueryPart[]::new));
    }

    /** What the backfill adds, nobody had before. */
    private Field<?> in(String side, Column column) {
        return side.equals(TARGET) && !live.contains(column.name())
                ? DSL.field("cast(null as " + column.type() + ")")
                : DSL.field(Names.in(side, column.name()));
    }
}
