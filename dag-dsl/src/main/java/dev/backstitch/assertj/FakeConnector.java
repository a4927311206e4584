package dev.backstitch.assertj;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Family;
import dev.backstitch.spi.Column.Nullability;
import dev.backstitch.spi.Column.Origin;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Dependent.Fate;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.Measures;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Merges;
import dev.backstitch.spi.Publishes;
import dev.backstitch.spi.Reads;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.Shadows;
import dev.backstitch.spi.SizesCompute;
import dev.backstitch.spi.Space;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** As much of a connector as planning needs, over a {@link FakeCatalog} and for one dag. */
final class FakeConnector implements Connector, Catalog, SizesCompute {
    private static final String NAME = "a fake catalogue";

    private final FakeCatalog tables;
    private final Dag dag;

    FakeConnector(FakeCatalog tables, Dag dag) {
        this.tables = tables;
        this.dag = dag;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Catalog catalog() {
        return this;
    }

    @Override
    public Ledger ledger() {
        return new FakeLedger(tables);
    }

    @Override
    public Optional<TableInfo> table(TableName name) {
        return tables.table(name).map(FakeTable::info);
    }

    @Override
    public List<Dependent> dependents(ResolvedTable table) {
        Stream<Dependent> views = tables.tables().stream()
                .filter(view -> view.reads().stream()
                        .anyMatch(read -> FakeTable.of(read).isCalled(nameOf(table))))
                .map(view -> new Dependent(
                        "view",
                        view.resolved().toString(),
                        Fate.PRESERVED,
                        Fate.PRESERVED,
                        "the test says nothing else"));
        return Stream.concat(views, tables.table(nameOf(table)).stream().flatMap(found -> found.dependents().stream()))
                .toList();
    }

    private static TableName nameOf(ResolvedTable table) {
        return new TableName(table.parts().toList());
    }

    /** Those of a merge's query; expressions of audits are taken as they are. */
    @Override
    public List<Column> columnsOf(SqlTemplate query, Partition sample, List<Column> partitionColumns) {
        List<Backfill> asking = dag.backfills().stream()
                .filter(backfill -> isQueryOf(backfill, query))
                .toList();
        List<List<Column>> declared = asking.stream()
                .map(tables::query)
                .flatMap(Optional::stream)
                .map(FakeQuery::columns)
                .distinct()
                .toList();
        List<List<Column>> said = declared.isEmpty()
                ? asking.stream().map(this::neededBy).distinct().toList()
                : declared;
        if (said.size() > 1) {
            throw new IllegalArgumentException("backfills "
                    + asking.stream().map(Backfill::name).toList()
                    + (declared.isEmpty()
                            ? " have the same query, and targets with different columns: declare for one of them, with"
                                    + " FakeQuery.of(..), what it brings"
                            : " have the same query, and different columns are declared of it"));
        }
        return said.stream().flatMap(List::stream).toList();
    }

    private static boolean isQueryOf(Backfill backfill, SqlTemplate query) {
        return SqlTemplate.parse(backfill.merge().sql()).equals(query);
    }

    /** What the target of a backfill needs: the columns that are written, the added ones, and the one to dedupe by. */
    private List<Column> neededBy(Backfill backfill) {
        List<String> needed = backfill.merge().sourceColumns(backfill.scope().columns());
        List<Column> written = Stream.concat(
                        table(backfill.target()).stream()
                                .flatMap(target -> target.columns().stream())
                                .filter(column -> column.origin() == Origin.WRITTEN),
                        backfill.shadow().added().stream()
                                .filter(added -> table(backfill.target()).stream()
                                        .flatMap(target -> target.columns().stream())
                                        .noneMatch(column -> column.name().equalsIgnoreCase(added.name())))
                                .map(added -> ofAnyType(added.name())))
                .filter(column -> needed.isEmpty() || needed.stream().anyMatch(column.name()::equalsIgnoreCase))
                .filter(column -> backfill.merge().stampedColumns().stream().noneMatch(column.name()::equalsIgnoreCase))
                .toList();
        return Stream.concat(
                        written.stream(),
                        backfill.merge().dedupe().stream()
                                .map(Merge.Dedupe::by)
                                .flatMap(List::stream)
                                .filter(name ->
                                        written.stream().map(Column::name).noneMatch(name::equalsIgnoreCase))
                                .map(FakeConnector::ofAnyType))
                .toList();
    }

    private static Column ofAnyType(String name) {
        return new Column(name, "", Family.OTHER, Nullability.NULLABLE, Origin.WRITTEN);
    }

    /** What its SQL reads through only a database can tell. */
    @Override
    public Optional<Reads> reads(SqlTemplate query, Partition sample, List<Column> partitionColumns) {
        return Optional.empty();
    }

    @Override
    public Map<String, LiveRows> liveRows(
            TableInfo target, List<Column> partitionColumns, List<Partition> partitions, Duration within) {
        return Map.of();
    }

    @Override
    public Space space(ResolvedTable table) {
        return new Space(Optional.empty(), Optional.empty());
    }

    @Override
    public List<Problem> missingPrivileges(WorkOrder order) {
        return List.of();
    }

    @Override
    public String normalType(String type) {
        return type;
    }

    @Override
    public List<String> mergeStatements(WorkOrder order, Partition partition) {
        boolean declared = tables.query(dag.backfill(order.backfill())).isPresent();
        return List.of("-- planned without a database: no SQL was checked, that of audits included.\n"
                + (declared
                        ? "-- the columns of the merge's query are those that the test declares"
                        : "-- the columns of the merge's query are taken to be those that "
                                + order.target().name() + " needs"));
    }

    @Override
    public List<String> publishStatements(WorkOrder order) {
        return List.of("-- planned without a database: privileges and space were not checked");
    }

    @Override
    public Shadows shadows() {
        throw onlyPlans();
    }

    @Override
    public Merges merges() {
        throw onlyPlans();
    }

    @Override
    public MergeCounts merge(WorkOrder order, Partition partition, Compute compute, Interrupt interrupt) {
        throw onlyPlans();
    }

    @Override
    public Measures measures() {
        throw onlyPlans();
    }

    @Override
    public Publishes publishes() {
        throw onlyPlans();
    }

    static UnsupportedOperationException onlyPlans() {
        return new UnsupportedOperationException("a fake catalogue plans, and runs nothing");
    }

    @Override
    public void close() {}
}
