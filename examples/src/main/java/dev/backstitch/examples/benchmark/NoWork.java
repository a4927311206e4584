package dev.backstitch.examples.benchmark;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Family;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.KeptRun;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.Measures;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Merges;
import dev.backstitch.spi.Offenders;
import dev.backstitch.spi.Publishes;
import dev.backstitch.spi.Reads;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.Shadows;
import dev.backstitch.spi.Space;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A connector whose tasks do nothing, so that what remains of a run is the engine's own cost. Thread-safe. */
final class NoWork implements Connector, Catalog, Ledger, Shadows, Merges, Measures, Publishes {
    private static final ResolvedTable TARGET = new ResolvedTable("", "bench", "nothing");

    private volatile List<Entry> entries = List.of();

    @Override
    public String name() {
        return "no work";
    }

    @Override
    public Catalog catalog() {
        return this;
    }

    @Override
    public Ledger ledger() {
        return this;
    }

    @Override
    public Shadows shadows() {
        return this;
    }

    @Override
    public Merges merges() {
        return this;
    }

    @Override
    public Measures measures() {
        return this;
    }

    @Override
    public Publishes publishes() {
        return this;
    }

    @Override
    public Optional<TableInfo> table(TableName name) {
        return Optional.of(new TableInfo(
                TARGET,
                "1",
                TableInfo.Kind.TABLE,
                List.of(column("id", Family.NUMBER), column("day", Family.DATE)),
                List.of(List.of("id")),
                0,
                ""));
    }

    private static Column column(String name, Family family) {
        return new Column(name, family.name(), family, Column.Nullability.NOT_NULL, Column.Origin.WRITTEN);
    }

    @Override
    public List<Dependent> dependents(ResolvedTable table) {
        return List.of();
    }

    @Override
    public List<Column> columnsOf(SqlTemplate query, Partition sample, List<Column> partitionColumns) {
        return List.of(column("id", Family.NUMBER), column("day", Family.DATE));
    }

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
        return List.of();
    }

    @Override
    public List<String> publishStatements(WorkOrder order) {
        return List.of();
    }

    @Override
    public void keep(KeptRun run) {}

    @Override
    public List<KeptRun> kept() {
        return List.of();
    }

    @Override
    public void prepare() {}

    @Override
    public Optional<Head> head(ResolvedTable target) {
        return Optional.empty();
    }

    @Override
    public void open(WorkOrder order) {
        entries = order.scope().stream()
                .map(partition -> new Entry(
                        order.run(),
                        partition.id(),
                        Entry.State.MERGED,
                        order.epoch(),
                        order.logic(),
                        MergeCounts.NONE,
                        Instant.EPOCH))
                .toList();
    }

    @Override
    public void takeOver(WorkOrder order) {}

    @Override
    public List<Entry> entries(WorkOrder order) {
        return entries;
    }

    @Override
    public Optional<Entry> entry(WorkOrder order, Partition partition) {
        return entries(order).stream()
                .filter(entry -> entry.partition().equals(partition.id()))
                .findFirst();
    }

    @Override
    public void audited(WorkOrder order) {}

    @Override
    public void abandon(WorkOrder order) {}

    @Override
    public List<Archive> archives(ResolvedTable target) {
        return List.of();
    }

    @Override
    public Optional<Archive> archiveThatIs(TableInfo table) {
        return Optional.empty();
    }

    @Override
    public List<Entry> latest(ResolvedTable target) {
        return List.of();
    }

    @Override
    public List<Entry> watermarks(ResolvedTable target) {
        return List.of();
    }

    @Override
    public void create(WorkOrder order, Interrupt interrupt) {}

    @Override
    public List<Partition> reseed(WorkOrder order, Collection<Partition> partitions, Interrupt interrupt) {
        return List.of();
    }

    @Override
    public void clear(WorkOrder order) {}

    @Override
    public MergeCounts merge(WorkOrder order, Partition partition, Interrupt interrupt) {
        return MergeCounts.NONE;
    }

    @Override
    public Evidence measure(WorkOrder order, Collection<Measure> measures, Interrupt interrupt) {
        return new Evidence(
                measures.stream().collect(Collectors.toMap(measure -> measure, measure -> 0L)),
                order.scope().stream()
                        .map(partition -> new Evidence.PartitionRows(partition.id(), 0, 0, 0))
                        .toList());
    }

    @Override
    public Evidence measureLive(WorkOrder order, Collection<Measure> measures, Interrupt interrupt) {
        return measure(order, measures, interrupt);
    }

    @Override
    public Evidence measurePartition(
            WorkOrder order, Partition partition, Collection<Measure> measures, Interrupt interrupt) {
        return measure(order.only(partition), measures, interrupt);
    }

    @Override
    public void note(WorkOrder order, List<AuditNote> notes) {}

    @Override
    public void note(WorkOrder order, String audit, Function<Optional<AuditNote>, AuditNote> revision) {}

    @Override
    public List<AuditNote> notes(WorkOrder order) {
        return List.of();
    }

    @Override
    public boolean accept(WorkOrder order, String audit, String who, String why) {
        return false;
    }

    @Override
    public Offenders offenders(WorkOrder order, Measure measure, int atMost, Interrupt interrupt) {
        return Offenders.NONE;
    }

    @Override
    public List<Archive> publish(List<WorkOrder> orders, Interrupt interrupt) {
        return orders.stream()
                .map(order -> new Archive(
                        order.archive(), order.run(), 0, 0, Instant.EPOCH, Instant.EPOCH, Archive.State.KEPT))
                .toList();
    }

    @Override
    public Purged purge(WorkOrder order, Interrupt interrupt) {
        return Purged.NONE;
    }

    @Override
    public List<RolledBack> rollback(List<Undo> undos, Interrupt interrupt) {
        return undos.stream().map(undo -> new RolledBack(0, 0)).toList();
    }

    @Override
    public void close() {}
}
