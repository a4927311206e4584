package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Merge.Dedupe;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.Stamping;
import dev.backstitch.spec.Write;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.WorkOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.Query;
import org.jooq.QueryPart;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** The statements of one partition's merge, in the order in which they run. */
final class MergeSql {
    /** Source columns that the target lacks and that only tell which row counts, with their number behind it. */
    private static final String STAGED_NAME_OF_EXTRA = "bf_latest_by_";

    private static final Name SOURCE = DSL.name("source");

    private final Dialect dialect;
    private final WorkOrder order;
    private final Partition partition;
    private final Slices slices;
    private final Name stage;
    private final Table<?> shadow;
    private final Table<?> target;
    private final List<Column> written;
    private final List<Column> key;
    private final List<Column> updated;
    private final List<Column> compared;
    private final List<Stamp> stamps;

    MergeSql(Dialect dialect, WorkOrder order, Partition partition) {
        this.dialect = dialect;
        this.order = order;
        this.partition = partition;
        this.slices = new Slices(dialect, order.partitionColumns());
        this.stage = dialect.ofSession(order, "bf_stage_" + Names.hash(order.run() + "/" + order.backfill()));
        this.shadow = LedgerTables.table(order.shadow());
        this.target = LedgerTables.table(order.target().name());
        this.written = order.sourceColumns();
        this.key = Keys.of(order);
        Write write = order.merge().write();
        List<Column> values =
                written.stream().filter(column -> !key.contains(column)).toList();
        this.updated = named(values, write.updating()).orElse(values);
        this.compared = named(values, write.comparing()).orElse(updated);
        this.stamps = order.merge().stamping().map(Stamping::stamps).orElse(List.of());
    }

    private static Optional<List<Column>> named(List<Column> columns, List<String> names) {
        return names.isEmpty()
                ? Optional.empty()
                : Optional.of(columns.stream()
                        .filter(column -> names.contains(column.name()))
                        .toList());
    }

    Name stage() {
        return stage;
    }

    /** The user's query with the partition's values. */
    BoundSql source() {
        return new UserSql(dialect).bound(SqlTemplate.parse(order.merge().sql()), partition, order.partitionColumns());
    }

    /** What the statements below bind for the partition, each time that they limit rows to it. */
    List<Object> partitionValues() {
        return slices.values(partition);
    }

    /** Tells partitions apart for which the statements have other texts. */
    String partitionTypes() {
        return slices.types(partition);
    }

    /** A stage of exactly the shadow's types, so that what is staged is what would be stored. */
    Query createStage(SourceColumns source) {
        List<QueryPart> columns = new ArrayList<>();
        written.forEach(column -> columns.add(DSL.name(column.name())));
        for (int i = 0; i < source.extra().size(); i++) {
            columns.add(DSL.sql("cast(null as " + source.extra().get(i).type() + ") as {0}", extra(i)));
        }
        numbered().ifPresent(number -> columns.add(DSL.sql("cast(null as bigint) as {0}", dialect.rowId())));
        return DSL.query(
                dialect.createOfSession() + " {0} as select {1} from {2} where 1 = 0", stage, list(columns), shadow);
    }

    /** What stands before the user's query where the stage is filled with its rows. */
    Query fillHead(SourceColumns source) {
        List<Name> into = new ArrayList<>();
        List<Field<?>> from = new ArrayList<>();
        for (Column column : written) {
            into.add(DSL.name(column.name()));
            from.add(DSL.field(SOURCE.append(source.labelOf(column))));
        }
        for (int i = 0; i < source.extra().size(); i++) {
            into.add(extra(i));
            from.add(DSL.field(SOURCE.append(source.extra().get(i).name())));
        }
        List<QueryPart> names = new ArrayList<>(into);
        numbered().ifPresent(number -> {
            names.add(dialect.rowId());
            from.add(number);
        });
        return DSL.query("insert into {0} ({1}) select {2} from (", stage, list(names), list(from));
    }

    /** What tells staged rows apart that are equal, where the database itself doesn't. */
    private Optional<Field<?>> numbered() {
        return order.merge().dedupe().isPresent() ? dialect.numberOfRow() : Optional.empty();
    }

    /** What stands after it. */
    Query fillTail() {
        return DSL.query(") {0}", SOURCE);
    }

    private static Name extra(int number) {
        return DSL.name(STAGED_NAME_OF_EXTRA + number);
    }

    /** The order of rows with one key, of which the first counts. */
    private QueryPart firstToCount(Dedupe rule) {
        String direction = rule.end() == Dedupe.End.FIRST ? "asc" : "desc";
        List<QueryPart> order = new ArrayList<>();
        int extras = 0;
        for (String declared : rule.by()) {
            Optional<Column> column = SourceColumns.named(written, declared);
            Name name = column.isPresent() ? DSL.name(column.get().name()) : extra(extras++);
            order.add(DSL.sql("{0} " + direction + " nulls last", name));
        }
        return list(order);
    }

    /** Rows, rows with a null in the key, rows outside the partition, the least and greatest of these, distinct keys. */
    QueryPart checkStage() {
        Condition outside = DSL.not(slices.within(Slices.Values.of("s"), List.of(partition)));
        return DSL.resultQuery(
                "select count(*), count(case when {0} then 1 end), count(case when {1} then 1 end),"
                        + " cast(min(case when {1} then {2} end) as varchar), cast(max(case when {1} then {2} end) as varchar),"
                        + " (select count(*) from (select 1 as one from {3} group by {4}) k)"
                        + " from {3} s",
                DSL.or(key.stream().map(column -> in("s", column).isNull()).toList()),
                outside,
                place("s"),
                stage,
                names(key));
    }

    /** Up to five keys that several staged rows have. */
    QueryPart duplicateKeys() {
        return DSL.resultQuery(
                "select {0} from {1} group by {2} having count(*) > 1 order by {2} limit 5",
                keysAsText(), stage, names(key));
    }

    private QueryPart keysAsText() {
        return list(key.stream()
                .map(column -> DSL.field("cast({0} as varchar)", DSL.name(column.name())))
                .toList());
    }

    /** Keys with several rows that are equally late, or early. */
    QueryPart countTies(Dedupe rule) {
        return DSL.resultQuery(
                "select count(*) from (select {0} from (select {0},"
                        + " rank() over (partition by {0} order by {1}) as place from {2}) ranked"
                        + " where place = 1 group by {0} having count(*) > 1) tied",
                names(key), firstToCount(rule), stage);
    }

    /** Removes all rows of a key but the first that counts. */
    Query keepOne(Dedupe rule) {
        return keepFirstBy(firstToCount(rule));
    }

    /** Removes all rows of a key but one, whichever that is. */
    Query keepAny() {
        return keepFirstBy(dialect.rowId());
    }

    private Query keepFirstBy(QueryPart order) {
        return DSL.query(
                "delete from {0} where {1} in (select {1} from (select {1},"
                        + " row_number() over (partition by {2} order by {3}) as place from {0}) ranked"
                        + " where place > 1)",
                stage, dialect.rowId(), names(key), order);
    }

    /** Up to five keys whose staged rows are not equal in every column. */
    QueryPart keysOfOtherContents() {
        Field<?> row = dialect.rowHash(written.stream()
                .map(column -> dialect.comparable(column, DSL.field(DSL.name(column.name()))))
                .toList());
        return DSL.resultQuery(
                "select {0} from {1} group by {2} having count(distinct {3}) > 1 order by {2} limit 5",
                keysAsText(), stage, names(key), row);
    }

    /**
     * Rows to insert, to update, unchanged, and of the matched ones those that lie in another partition now; then of those
     * to update, in how many each of the {@linkplain #countedColumns counted columns} differs.
     */
    QueryPart classify() {
        Condition matched = in("t", key.get(0)).isNotNull();
        List<QueryPart> byColumn = countedColumns().stream()
                .map(column ->
                        (QueryPart) DSL.sql(", count(case when {0} and {1} then 1 end)", matched, differs(column)))
                .toList();
        return DSL.resultQuery(
                "select count(case when not ({0}) then 1 end), count(case when {0} and ({1}) then 1 end),"
                        + " count(case when {0} and not ({1}) then 1 end), count(case when {0} and {2} then 1 end){6}"
                        + " from {3} s left join {4} t on {5}",
                matched,
                differs(),
                moves(List.of(partition)),
                stage,
                shadow,
                sameKey(),
                byColumn.stream().reduce(DSL.sql(""), (all, next) -> DSL.sql("{0}{1}", all, next)));
    }

    /**
     * The columns whose differences are counted one by one: those that are overwritten, where just they are compared. Else
     * each of them would cost the comparison of all.
     */
    List<Column> countedColumns() {
        boolean counts = compared.equals(updated) && order.merge().write().rows() != Write.Rows.INSERT_ONLY_MISSING;
        return counts ? updated : List.of();
    }

    /** Of the rows that would move, those that do not come out of one of these partitions. */
    QueryPart countMoversNotFrom(Collection<Partition> allowed) {
        List<Partition> all = new ArrayList<>(allowed);
        all.add(partition);
        return DSL.resultQuery(
                "select count(*) from {0} s join {1} t on {2} where {3}", stage, shadow, sameKey(), moves(all));
    }

    /** Deletes the shadow's rows that lie in another partition and whose key this one brings. */
    Query deleteMovers() {
        return DSL.query(
                "delete from {0} t where exists (select 1 from {1} s where {2} and {3})",
                shadow, stage, sameKey(), moves(List.of(partition)));
    }

    /** Whether a matched row lies outside these partitions and is going to be written. */
    private Condition moves(Collection<Partition> from) {
        Condition outside = DSL.not(slices.within(Slices.Values.of("t"), from));
        // A row that lies elsewhere differs in a column of the partition, so that this says nothing where all are
        // compared.
        return order.merge().write().equals(Write.EVERYTHING) ? outside : outside.and(differs());
    }

    /** Writes what differs, and what the shadow lacks, as far as the merge may. */
    Query merge() {
        Write.Rows rows = order.merge().write().rows();
        QueryPart update = rows == Write.Rows.INSERT_ONLY_MISSING || updated.isEmpty()
                ? DSL.sql("")
                : DSL.sql(
                        " when matched and ({0}) then update set {1}",
                        differs(),
                        list(Stream.concat(
                                        updated.stream().map(column -> assigned(column.name(), in("s", column))),
                                        stamps.stream().map(stamp -> assigned(stamp.column(), stamped(stamp))))
                                .toList()));
        QueryPart insert = rows == Write.Rows.UPDATE_ONLY
                ? DSL.sql("")
                : DSL.sql(
                        " when not matched then insert ({0}){2} values ({1})",
                        list(Stream.concat(
                                        written.stream().map(Column::name),
                                        stamps.stream().map(Stamp::column))
                                .map(DSL::name)
                                .toList()),
                        list(Stream.concat(
                                        written.stream().map(column -> in("s", column)),
                                        stamps.stream().map(this::stamped))
                                .toList()),
                        DSL.sql(dialect.overriding().isEmpty() ? "" : " " + dialect.overriding()));
        return DSL.query("merge into {0} t using {1} s on {2}{3}{4}", shadow, stage, sameKey(), update, insert);
    }

    private static QueryPart assigned(String column, Field<?> value) {
        return DSL.field("{0} = {1}", DSL.name(column), value);
    }

    private Field<?> stamped(Stamp stamp) {
        Column column = order.writtenColumns().stream()
                .filter(each -> each.name().equals(stamp.column()))
                .findFirst()
                .orElseThrow();
        return switch (stamp.value()) {
            case UPDATED_AT -> DSL.field("cast(current_timestamp as " + column.type() + ")");
            case RUN_ID -> DSL.inline(order.run());
        };
    }

    /** Deletes the partition's rows that the source lacks. */
    Query deleteMissing() {
        return DSL.query("delete from {0} t where {1}", shadow, missingInStage());
    }

    /** Rows of the live partition that the source lacks. */
    QueryPart countMissing() {
        return DSL.resultQuery("select count(*) from {0} t where {1}", target, missingInStage());
    }

    QueryPart countShadow() {
        return count(shadow);
    }

    QueryPart countTarget() {
        return count(target);
    }

    Query dropStage() {
        return DSL.query("drop table {0}", stage);
    }

    /** Where a row lies, in a form of which there is a least and a greatest. */
    private Field<?> place(String alias) {
        List<Column> columns = order.partitionColumns();
        if (columns.size() == 1 && columns.get(0).family() != Column.Family.OTHER) {
            return in(alias, columns.get(0));
        }
        return columns.stream()
                .<Field<?>>map(column -> DSL.field("cast({0} as varchar)", in(alias, column)))
                .reduce((left, right) -> DSL.field("{0} || '/' || {1}", left, right))
                .orElseThrow();
    }

    private QueryPart count(Table<?> table) {
        return DSL.resultQuery(
                "select count(*) from {0} t where {1}",
                table, slices.rowsOf(Slices.Values.of("t"), List.of(partition)));
    }

    private Condition missingInStage() {
        return DSL.condition(
                "{0} and not exists (select 1 from {1} s where {2})",
                slices.rowsOf(Slices.Values.of("t"), List.of(partition)), stage, sameKey());
    }

    private Condition sameKey() {
        return DSL.and(key.stream()
                .map(column -> DSL.condition("{0} = {1}", in("t", column), in("s", column)))
                .toList());
    }

    private Condition differs() {
        if (compared.isEmpty() || order.merge().write().rows() == Write.Rows.INSERT_ONLY_MISSING) {
            return DSL.falseCondition();
        }
        return DSL.or(compared.stream().map(this::differs).toList());
    }

    private Condition differs(Column column) {
        return DSL.condition(
                "{0} is distinct from {1}",
                dialect.comparable(column, in("t", column)), dialect.comparable(column, in("s", column)));
    }

    private static Field<?> in(String alias, Column column) {
        return DSL.field(Names.in(alias, column.name()));
    }

    private static QueryPart names(List<Column> columns) {
        return list(columns.stream().map(column -> DSL.name(column.name())).toList());
    }

    private static QueryPart list(List<? extends QueryPart> parts) {
        return DSL.list(parts);
    }
}
