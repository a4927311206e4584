package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Rule;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.QueryPart;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** The statements that measure shadow and target. */
final class MeasureSql {
    private static final Field<Long> PLACE = DSL.field(DSL.name("bf_place"), Long.class);

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
     * One scan of the whole shadow, as {@link TableScan} reads it: by partition, with one group without a number for all
     * that lies outside the scope.
     */
    QueryPart scanShadow(List<? extends Measure> counted, List<Measure.Figure> figures) {
        return scan(
                DSL.sql("{0} t", shadow),
                Optional.of(
                        order.writtenColumns().stream().map(this::comparable).toList()),
                counted,
                figures);
    }

    /** The same of the shadow's rows in the scope; rows outside it are not read. */
    QueryPart scanScopeOfShadow(List<? extends Measure> counted, List<Measure.Figure> figures) {
        return scanScope(shadow, counted, figures);
    }

    /** The same of the whole target, as if it had the shadow's columns. */
    QueryPart scanTarget(List<Measure.Figure> figures) {
        return scan(DSL.sql("{0} t", target), Optional.of(asShadow()), List.of(), figures);
    }

    /** The same of the target's rows in the scope; rows outside it are not read. */
    QueryPart scanScopeOfTarget(List<Measure.Figure> figures) {
        return scanScope(target, List.of(), figures);
    }

    private QueryPart scanScope(Table<?> table, List<? extends Measure> counted, List<Measure.Figure> figures) {
        return scan(
                DSL.sql("{0} t where {1}", table, slices.rowsOf(Slices.Values.of("t"), order.scope())),
                Optional.empty(),
                counted,
                figures);
    }

    /** @param outside what is hashed of the rows outside the scope; none where there are none */
    private QueryPart scan(
            QueryPart from,
            Optional<List<Field<?>>> outside,
            List<? extends Measure> counted,
            List<Measure.Figure> figures) {
        List<QueryPart> columns = new ArrayList<>();
        columns.add(PLACE);
        columns.add(figures.isEmpty() ? DSL.inline(0) : DSL.sql("grouping({0})", PLACE));
        columns.add(DSL.sql("count(*)"));
        columns.add(outside.map(values -> (QueryPart) DSL.sql(
                        "cast(coalesce(sum(case when {0} is null then {1} end), 0) as varchar)",
                        PLACE, dialect.rowHash(values)))
                .orElse(DSL.inline("0")));
        counted.forEach(measure -> columns.add(DSL.sql("count(case when {0} then 1 end)", counts(measure))));
        figures.forEach(
                figure -> columns.add(FigureSql.of(dialect, figure.metric(), DSL.sql("{0} is not null", PLACE))));
        return DSL.resultQuery(
                "select {0} from (select t.*, {1} as {2} from {3}) s group by "
                        + (figures.isEmpty() ? "{2}" : "grouping sets (({2}), ())"),
                DSL.list(columns),
                located.number(Slices.Values.of("t")),
                PLACE,
                from);
    }

    /** The rows that a measure counts. */
    private Condition counts(Measure measure) {
        return measure instanceof Measure.RowsWithNull nulls
                ? anyNull(nulls.columns())
                : breaks(((Measure.RowsBreaking) measure).rule());
    }

    private Condition breaks(Rule rule) {
        return RuleSql.breaks(dialect, rule, this::column);
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
        BoundSql query = userQuery(session, sql);
        // The line break ends a comment on the last line of the user's query.
        return new BoundSql("select count(*) from (" + query.text() + "\n) found", query.binds());
    }

    /** A query of the user's in which {@code :shadow} and {@code :target} are these tables. */
    BoundSql userQuery(Session session, String sql) {
        return new UserSql(dialect)
                .over(
                        SqlTemplate.parse(sql),
                        Map.of(
                                "shadow", session.rendered(shadow).text(),
                                "target", session.rendered(target).text()));
    }

    /** Rows with a value in all of these columns that another table lacks. */
    QueryPart countOrphans(Measure.Orphans orphans, ResolvedTable table) {
        return DSL.resultQuery("select count(*) from {0} s where {1}", shadow, orphaned(orphans, table));
    }

    /** Values in another table that the shadow lacks. */
    QueryPart countUncovered(Measure.Uncovered uncovered, TableInfo source) {
        return DSL.resultQuery("select count(*) from ({0}) lacking", lacking(uncovered, source));
    }

    /** What makes a measure more than zero, by key; its first columns tell which. Nothing where that is not known. */
    Optional<QueryPart> offenders(Measure measure, Optional<TableInfo> other) {
        QueryPart key = columns("s", order.merge().key());
        if (measure instanceof Measure.DuplicateGroups groups) {
            return Optional.of(DSL.resultQuery(
                    "select {0}, count(*) as rows_found from {1} s where {2} group by {0} having count(*) > 1 order by {0}",
                    columns("s", groups.columns()), shadow, DSL.not(anyNull(groups.columns()))));
        }
        if (measure instanceof Measure.RowsChanged changed) {
            return Optional.of(new ChangedRowsSql(dialect, order).query(changed));
        }
        if (measure instanceof Measure.RowsWithNull) {
            return Optional.of(
                    DSL.resultQuery("select s.* from {0} s where {1} order by {2}", shadow, counts(measure), key));
        }
        if (measure instanceof Measure.RowsBreaking) {
            return Optional.of(DSL.resultQuery(
                    "select s.* from {0} s where {1} and {2} order by {3}",
                    shadow, slices.rowsOf(Slices.Values.of("s"), order.scope()), counts(measure), key));
        }
        if (measure instanceof Measure.Orphans orphans) {
            return Optional.of(DSL.resultQuery(
                    "select {0}, {1} from {2} s where {3} order by {0}",
                    key,
                    columns("s", orphans.columns()),
                    shadow,
                    orphaned(orphans, other.orElseThrow().name())));
        }
        if (measure instanceof Measure.Uncovered uncovered) {
            return Optional.of(DSL.resultQuery(
                    "select * from ({0}) lacking order by {1}",
                    lacking(uncovered, other.orElseThrow()),
                    DSL.list(IntStream.rangeClosed(1, uncovered.columns().size())
                            .mapToObj(DSL::inline)
                            .toList())));
        }
        if (measure instanceof Measure.KeysOutsideScope) {
            return Optional.of(DSL.resultQuery(
                    "select {0} from {1} t where {2} and exists (select 1 from {3} s where {4} and {5}) order by {0}",
                    columns("t", order.merge().key()),
                    target,
                    DSL.not(slices.within(Slices.Values.of("t"), order.scope())),
                    shadow,
                    slices.rowsOf(Slices.Values.of("s"), order.scope()),
                    sameKey()));
        }
        return Optional.empty();
    }

    private Condition orphaned(Measure.Orphans orphans, ResolvedTable table) {
        return DSL.condition(
                "{0} and not exists (select 1 from {1} r where {2})",
                DSL.not(anyNull(orphans.columns())),
                LedgerTables.table(table),
                equal("s", orphans.columns(), "r", orphans.referenced()));
    }

    private QueryPart lacking(Measure.Uncovered uncovered, TableInfo source) {
        QueryPart values = DSL.list(uncovered.columns().stream()
                .map(name -> DSL.field(Names.in("r", in(source, name))))
                .toList());
        Condition none = DSL.or(uncovered.columns().stream()
                .map(name -> DSL.field(Names.in("r", in(source, name))).isNull())
                .toList());
        boolean divided = order.partitionColumns().stream()
                .allMatch(column ->
                        SourceColumns.named(source.columns(), column.name()).isPresent());
        Condition inScope = divided
                ? slices.rowsOf(column -> DSL.field(Names.in("r", in(source, column.name()))), order.scope())
                : DSL.noCondition();
        return DSL.resultQuery(
                "select distinct {0} from {1} r where {2} and {3} and not exists (select 1 from {4} s where {5})",
                values,
                LedgerTables.table(source.name()),
                DSL.not(none),
                inScope,
                shadow,
                equal(
                        "s",
                        uncovered.columns(),
                        "r",
                        uncovered.columns().stream()
                                .map(name -> in(source, name))
                                .toList()));
    }

    /** The name as the catalogue spells it. */
    private static String in(TableInfo table, String name) {
        return SourceColumns.named(table.columns(), name).map(Column::name).orElse(name);
    }

    private Condition equal(String shadowAlias, List<String> columns, String otherAlias, List<String> others) {
        return DSL.and(IntStream.range(0, columns.size())
                .mapToObj(i -> DSL.condition(
                        "{0} = {1}",
                        Names.in(shadowAlias, column(columns.get(i)).name()), Names.in(otherAlias, others.get(i))))
                .toList());
    }

    private QueryPart columns(String alias, List<String> names) {
        return DSL.list(names.stream()
                .map(name -> DSL.field(Names.in(alias, column(name).name())))
                .toList());
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
        return DSL.field(DSL.name(column(name).name()));
    }

    private Column column(String name) {
        return SourceColumns.named(order.writtenColumns(), name)
                .orElseThrow(() -> new IllegalArgumentException("the shadow has no column " + name));
    }

    private Condition sameKey() {
        return DSL.and(Keys.of(order).stream()
                .map(column -> DSL.condition("{0} = {1}", Names.in("t", column.name()), Names.in("s", column.name())))
                .toList());
    }

    private Condition anyNull(List<String> columns) {
        return DSL.or(columns.stream().map(column -> named(column).isNull()).toList());
    }
}
