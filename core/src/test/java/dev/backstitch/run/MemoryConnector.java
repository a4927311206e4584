package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.Problem;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Family;
import dev.backstitch.spi.Column.Nullability;
import dev.backstitch.spi.Column.Origin;
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
import dev.backstitch.spi.RunsStatements;
import dev.backstitch.spi.Shadows;
import dev.backstitch.spi.Space;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A connector whose tables are empty and whose ledger is in memory, with the ledger's rules kept: what the engine does
 * around a database, without one. A test says what happens inside a merge and at other steps.
 */
public final class MemoryConnector
        implements Connector, Catalog, Ledger, Shadows, Merges, Measures, Publishes, RunsStatements {
    public static final ResolvedTable TARGET = new ResolvedTable("", "analytics", "flights");

    /** Called inside each merge, before its ledger write; what it throws fails the merge. */
    public volatile BiConsumer<Partition, Interrupt> inMerge = (partition, interrupt) -> {};
    /** Called after each merge has committed; what it throws is an acknowledgement that got lost. */
    public volatile BiConsumer<Partition, Interrupt> afterMerge = (partition, interrupt) -> {};
    /** Called when a shadow is made. */
    public volatile Runnable inShadow = () -> {};
    /** Called inside the publish, before anything is visible. */
    public volatile Runnable inPublish = () -> {};
    /** Called after the publish has committed. */
    public volatile Runnable afterPublish = () -> {};
    /** Called after a statement beside backfills has committed. */
    public volatile Runnable afterStatement = () -> {};
    /** Called when a run's own tables are removed. */
    public volatile Runnable inClear = () -> {};
    /** The definition of what merges read. */
    public volatile String source = "first";
    /** How large each target is, and how much is free. */
    public volatile Space space = new Space(Optional.of(100L), Optional.of(1000L));
    /** What every measure answers. */
    public volatile long measured;

    /** What each merge counts. */
    public volatile MergeCounts counts = MergeCounts.NONE;

    /** What every figure of a partition is. */
    public volatile UnaryOperator<String> figure = partition -> "0";

    /** What audits by a query find. */
    public volatile long found;

    public volatile @Nullable BackstitchException failLooksAtLive;
    /** How often it was asked what is live. */
    public final AtomicInteger looksAtLive = new AtomicInteger();

    public final Map<String, Integer> mergesCommitted = new ConcurrentHashMap<>();
    public final Map<String, Integer> publishes = new ConcurrentHashMap<>();
    public final List<String> log = new CopyOnWriteArrayList<>();
    public final Set<String> statementsRun = ConcurrentHashMap.newKeySet();
    private final Map<List<Object>, Map<String, Entry>> entries = new ConcurrentHashMap<>();
    private final Map<String, KeptRun> kept = new ConcurrentSkipListMap<>();
    private volatile List<AuditNote> noted = List.of();
    private final Map<ResolvedTable, Deque<Archive>> archives = new ConcurrentHashMap<>();
    private final Map<ResolvedTable, Head> heads = new ConcurrentHashMap<>();

    @Override
    public String name() {
        return "memory";
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
    public void close() {}

    @Override
    public Optional<TableInfo> table(TableName name) {
        return Optional.of(new TableInfo(
                new ResolvedTable("", "analytics", name.table()),
                "1",
                TableInfo.Kind.TABLE,
                List.of(column("flight_id", Family.NUMBER), column("flight_date", Family.DATE)),
                List.of(),
                0,
                "structure"));
    }

    private static Column column(String name, Family family) {
        return new Column(name, family.name(), family, Nullability.NULLABLE, Origin.WRITTEN);
    }

    @Override
    public List<Dependent> dependents(ResolvedTable table) {
        return List.of();
    }

    @Override
    public List<Column> columnsOf(SqlTemplate query, Partition sample, List<Column> partitionColumns) {
        return table(TableName.parse("flights")).orElseThrow().columns();
    }

    @Override
    public Optional<Reads> reads(SqlTemplate query, Partition sample, List<Column> partitionColumns) {
        return Optional.of(new Reads(List.of(new Reads.Definition("view", "staging.flights", source)), List.of()));
    }

    @Override
    public Map<String, LiveRows> liveRows(
            TableInfo target, List<Column> partitionColumns, List<Partition> partitions, Duration within) {
        return Map.of();
    }

    @Override
    public Space space(ResolvedTable table) {
        return space;
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
        return List.of("merge");
    }

    @Override
    public List<String> publishStatements(WorkOrder order) {
        return List.of("publish");
    }

    @Override
    public void prepare() {}

    @Override
    public void keep(KeptRun run) {
        kept.putIfAbsent(run.run(), run);
    }

    @Override
    public List<KeptRun> kept() {
        return List.copyOf(kept.values());
    }

    @Override
    public synchronized Optional<Head> head(ResolvedTable target) {
        return Optional.ofNullable(heads.get(target));
    }

    @Override
    public synchronized void open(WorkOrder order) {
        if (head(order.target().name())
                .filter(head -> head.run().equals(order.run()))
                .isEmpty()) {
            head(order, Head.State.BUILDING);
        }
        for (Partition partition : order.scope()) {
            of(order).putIfAbsent(partition.id(), entry(order, partition.id(), Entry.State.CLAIMED, MergeCounts.NONE));
        }
    }

    private Map<String, Entry> of(WorkOrder order) {
        return entries.computeIfAbsent(List.of(order.run(), order.target().name()), key -> new TreeMap<>());
    }

    /** Gives the head of a target to an order's run. */
    public void head(WorkOrder order, Head.State state) {
        heads.put(order.target().name(), new Head(order.run(), order.epoch(), state, order.actor(), Instant.EPOCH));
    }

    @Override
    public synchronized void takeOver(WorkOrder order) {
        head(order.target().name())
                .filter(old -> old.run().equals(order.run()))
                .ifPresent(old -> head(order, old.state()));
        of(order).replaceAll((id, entry) -> entry(order, id, entry.state(), entry.rows()));
    }

    @Override
    public synchronized List<Entry> entries(WorkOrder order) {
        return List.copyOf(of(order).values());
    }

    @Override
    public synchronized Optional<Entry> entry(WorkOrder order, Partition partition) {
        return entries(order).stream()
                .filter(entry -> entry.partition().equals(partition.id()))
                .findFirst();
    }

    @Override
    public synchronized void audited(WorkOrder order) {
        move(order, Head.State.BUILDING, Head.State.AUDITED, Entry.State.AUDITED);
        log.add("audited " + order.backfill());
    }

    @Override
    public synchronized void abandon(WorkOrder order) {
        if (head(order.target().name())
                .filter(head -> head.run().equals(order.run()) && head.state().isActive())
                .isPresent()) {
            head(order, Head.State.ABANDONED);
        }
    }

    @Override
    public List<Archive> archives(ResolvedTable target) {
        return List.copyOf(archives.computeIfAbsent(target, key -> new ConcurrentLinkedDeque<>()));
    }

    @Override
    public Optional<Archive> archiveThatIs(TableInfo table) {
        return Optional.empty();
    }

    @Override
    public synchronized List<Entry> latest(ResolvedTable target) {
        return List.copyOf(entries.getOrDefault(target, Map.of()).values());
    }

    @Override
    public List<Entry> watermarks(ResolvedTable target) {
        return latest(target).stream()
                .filter(entry -> entry.state() == Entry.State.PUBLISHED)
                .toList();
    }

    @Override
    public void create(WorkOrder order, Interrupt interrupt) {
        interrupt.throwIfPulled();
        inShadow.run();
        log.add("shadow " + order.backfill());
    }

    @Override
    public synchronized List<Partition> reseed(WorkOrder order, Collection<Partition> partitions, Interrupt interrupt) {
        partitions.forEach(partition ->
                of(order).put(partition.id(), entry(order, partition.id(), Entry.State.CLAIMED, MergeCounts.NONE)));
        noted = noted.stream()
                .map(note ->
                        note.outcome().equals("FAILED") && note.acceptance().isEmpty()
                                ? new AuditNote(
                                        note.name(),
                                        note.kind(),
                                        "SUPERSEDED",
                                        note.expected(),
                                        note.observed(),
                                        note.evidence(),
                                        note.acceptance())
                                : note)
                .toList();
        log.add("seeded again " + partitions.stream().map(Partition::id).toList());
        return List.copyOf(partitions);
    }

    @Override
    public void clear(WorkOrder order) {
        inClear.run();
    }

    @Override
    public MergeCounts merge(WorkOrder order, Partition partition, Interrupt interrupt) {
        inMerge.accept(partition, interrupt);
        interrupt.throwIfPulled();
        synchronized (this) {
            Entry entry = of(order).get(partition.id());
            if (entry.epoch() != order.epoch() || entry.state() != Entry.State.CLAIMED) {
                throw new BackstitchException(ErrorCode.FENCED, "not mine: " + entry);
            }
            mergesCommitted.merge(key(order, partition), 1, Integer::sum);
            log.add("merged " + order.backfill() + " " + partition.id());
            of(order).put(partition.id(), entry(order, partition.id(), Entry.State.MERGED, counts));
        }
        afterMerge.accept(partition, interrupt);
        return counts;
    }

    @Override
    public Evidence measure(WorkOrder order, Collection<Measure> measures, Interrupt interrupt) {
        return new Evidence(
                measures.stream()
                        .collect(Collectors.toMap(
                                measure -> measure,
                                measure ->
                                        measure instanceof Measure.RowsFound ? Math.max(found, measured) : measured)),
                order.scope().stream()
                        .map(partition -> new Evidence.PartitionRows(partition.id(), 0, 0, 0))
                        .toList(),
                Map.of(),
                measures.stream()
                        .filter(Measure.Figure.class::isInstance)
                        .map(Measure.Figure.class::cast)
                        .collect(Collectors.toMap(measure -> measure, measure -> figures(order))));
    }

    private Evidence.Figures figures(WorkOrder order) {
        return new Evidence.Figures(
                Evidence.Amount.NONE,
                order.scope().stream()
                        .collect(Collectors.toMap(
                                Partition::id,
                                partition -> new Evidence.Amount(Optional.of(figure.apply(partition.id()))))));
    }

    @Override
    public Evidence measurePartition(
            WorkOrder order, Partition partition, Collection<Measure> measures, Interrupt interrupt) {
        return measure(order.only(partition), measures, interrupt);
    }

    @Override
    public Evidence measureLive(WorkOrder order, Collection<Measure> measures, Interrupt interrupt) {
        looksAtLive.incrementAndGet();
        if (failLooksAtLive != null) {
            throw failLooksAtLive;
        }
        return measure(order, measures, interrupt);
    }

    @Override
    public synchronized void note(WorkOrder order, String audit, Function<Optional<AuditNote>, AuditNote> revision) {
        Optional<AuditNote> before =
                noted.stream().filter(note -> note.name().equals(audit)).findFirst();
        noted = Stream.concat(
                        noted.stream().filter(note -> !note.name().equals(audit)), Stream.of(revision.apply(before)))
                .toList();
    }

    @Override
    public void note(WorkOrder order, List<AuditNote> notes) {
        noted = notes;
    }

    @Override
    public List<AuditNote> notes(WorkOrder order) {
        return noted;
    }

    @Override
    public boolean accept(WorkOrder order, String audit, String who, String why) {
        boolean found = noted.stream().anyMatch(note -> note.name().equals(audit));
        noted = noted.stream()
                .map(note -> note.name().equals(audit)
                        ? new AuditNote(
                                note.name(),
                                note.kind(),
                                note.outcome(),
                                note.expected(),
                                note.observed(),
                                note.evidence(),
                                Optional.of(new AuditNote.Acceptance(who, why, note.observed(), Instant.EPOCH)))
                        : note)
                .toList();
        return found;
    }

    @Override
    public Offenders offenders(WorkOrder order, Measure measure, int atMost, Interrupt interrupt) {
        return Offenders.NONE;
    }

    @Override
    public List<Archive> publish(List<WorkOrder> orders, Interrupt interrupt) {
        inPublish.run();
        synchronized (this) {
            orders.forEach(this::publish);
            log.add("published " + orders.stream().map(WorkOrder::backfill).collect(Collectors.joining(" and ")));
        }
        afterPublish.run();
        return orders.stream()
                .map(order -> archives(order.target().name()).get(0))
                .toList();
    }

    private void publish(WorkOrder order) {
        move(order, Head.State.AUDITED, Head.State.PUBLISHED, Entry.State.PUBLISHED);
        publishes.merge(order.run(), 1, Integer::sum);
        archives.computeIfAbsent(order.target().name(), key -> new ConcurrentLinkedDeque<>())
                .addFirst(archive(order, Archive.State.KEPT));
    }

    private static Archive archive(WorkOrder order, Archive.State state) {
        return new Archive(order.archive(), order.run(), 3, 4, Instant.EPOCH, Instant.EPOCH, state);
    }

    @Override
    public synchronized List<RolledBack> rollback(List<Undo> undos, Interrupt interrupt) {
        undos.forEach(undo -> takeBack(undo.order()));
        log.add("rolled back "
                + undos.stream().map(undo -> undo.order().backfill()).collect(Collectors.joining(" and ")));
        return undos.stream().map(undo -> new RolledBack(0, 0)).toList();
    }

    @Override
    public Purged purge(WorkOrder order, Interrupt interrupt) {
        return Purged.NONE;
    }

    private void takeBack(WorkOrder order) {
        Head now = head(order.target().name()).orElseThrow();
        if (!now.run().equals(order.run()) && now.state() == Head.State.ABANDONED) {
            head(order, Head.State.PUBLISHED);
        }
        move(order, Head.State.PUBLISHED, Head.State.ROLLED_BACK, Entry.State.ROLLED_BACK);
        Deque<Archive> kept = archives.getOrDefault(order.target().name(), new ConcurrentLinkedDeque<>());
        kept.removeIf(archive -> archive.run().equals(order.run()));
        kept.addFirst(archive(order, Archive.State.RESTORED));
    }

    private void move(WorkOrder order, Head.State from, Head.State to, Entry.State rows) {
        Head now = head(order.target().name()).orElseThrow();
        if (!now.run().equals(order.run()) || now.epoch() != order.epoch() || now.state() != from) {
            throw new BackstitchException(ErrorCode.FENCED, "not mine: " + now);
        }
        head(order, to);
        of(order).replaceAll((id, entry) -> entry(order, id, rows, entry.rows()));
    }

    /** The partition alone where the target is the usual one. */
    private static String key(WorkOrder order, Partition partition) {
        return order.target().name().equals(TARGET) ? partition.id() : order.backfill() + " " + partition.id();
    }

    @Override
    public boolean runOnce(String run, String task, SqlTemplate statement, Interrupt interrupt) {
        interrupt.throwIfPulled();
        boolean now = statementsRun.add(run + "/" + task);
        if (now) {
            log.add("sql " + task);
        }
        afterStatement.run();
        return now;
    }

    @Override
    public void run(SqlTemplate statement, Interrupt interrupt) {
        throw new UnsupportedOperationException("there is no database here");
    }

    @Override
    public Optional<String> ask(SqlTemplate query, Interrupt interrupt) {
        throw new UnsupportedOperationException("there is no database here");
    }

    private static Entry entry(WorkOrder order, String partition, Entry.State state, MergeCounts rows) {
        return new Entry(order.run(), partition, state, order.epoch(), order.logic(), rows, Instant.EPOCH);
    }
}
