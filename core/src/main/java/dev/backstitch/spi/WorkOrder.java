package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Shadow;
import java.util.List;
import java.util.Optional;

/**
 * All that a connector has to know of one backfill of one run. It comes from the frozen plan, but for the epoch, which
 * grows with each take-over.
 *
 * @param run the run's id
 * @param epoch the fencing number under which the caller acts
 * @param dag the dag's name
 * @param backfill the backfill's name
 * @param actor who started it, for the ledger
 * @param logic the fingerprint of what the merge computes, for the watermark
 * @param target the target as it was planned
 * @param shadow the shadow's name, derived from the run so that nothing else has it
 * @param archive the archive's name, derived likewise; the target's own behind a view
 * @param partitionColumns the columns of the target by which the scope is divided
 * @param scope the partitions to run, in order
 * @param seed how the shadow begins
 * @param merge how a partition's rows come into it
 * @param publish how it becomes live
 * @param repoint the view, where one is repointed
 */
public record WorkOrder(
        String run,
        long epoch,
        String dag,
        String backfill,
        String actor,
        String logic,
        TableInfo target,
        ResolvedTable shadow,
        ResolvedTable archive,
        List<Column> partitionColumns,
        List<Partition> scope,
        Shadow<?> seed,
        Merge merge,
        Publish<?> publish,
        Optional<Repoint> repoint) {
    public WorkOrder {
        requireNonNull(run, "run");
        requireNonNull(dag, "dag");
        requireNonNull(backfill, "backfill");
        requireNonNull(actor, "actor");
        requireNonNull(logic, "logic");
        requireNonNull(target, "target");
        requireNonNull(shadow, "shadow");
        requireNonNull(archive, "archive");
        partitionColumns = List.copyOf(partitionColumns);
        scope = List.copyOf(scope);
        requireNonNull(seed, "seed");
        requireNonNull(merge, "merge");
        requireNonNull(publish, "publish");
        requireNonNull(repoint, "repoint");
    }

    /** An order whose publish repoints no view. */
    public WorkOrder(
            String run,
            long epoch,
            String dag,
            String backfill,
            String actor,
            String logic,
            TableInfo target,
            ResolvedTable shadow,
            ResolvedTable archive,
            List<Column> partitionColumns,
            List<Partition> scope,
            Shadow<?> seed,
            Merge merge,
            Publish<?> publish) {
        this(
                run,
                epoch,
                dag,
                backfill,
                actor,
                logic,
                target,
                shadow,
                archive,
                partitionColumns,
                scope,
                seed,
                merge,
                publish,
                Optional.empty());
    }

    /** The name by which readers know the target, and under which the ledger keeps it: its own, or its view's. */
    public ResolvedTable live() {
        return repoint.map(each -> each.view().name()).orElse(target.name());
    }

    /** The table that holds the rows once they are published: the target, or the version of it that is new then. */
    public ResolvedTable published() {
        return repoint.map(Repoint::version).orElse(target.name());
    }

    /** The same work, as if what is published were its shadow. */
    public WorkOrder ofPublished() {
        return with(epoch, published(), scope);
    }

    /** The same work under another epoch. */
    public WorkOrder at(long newEpoch) {
        return with(newEpoch, shadow, scope);
    }

    /** The same work as if this partition were all of its scope. */
    public WorkOrder only(Partition partition) {
        return with(epoch, shadow, List.of(partition));
    }

    /** The same work as if these partitions were all of its scope. */
    public WorkOrder only(List<Partition> partitions) {
        return with(epoch, shadow, partitions);
    }

    private WorkOrder with(long actingUnder, ResolvedTable built, List<Partition> partitions) {
        return new WorkOrder(
                run,
                actingUnder,
                dag,
                backfill,
                actor,
                logic,
                target,
                built,
                archive,
                partitionColumns,
                partitions,
                seed,
                merge,
                publish,
                repoint);
    }

    /** What the source has to bring: all columns that are written and not stamped, or those of {@link Merge#sourceColumns}. */
    public List<Column> sourceColumns() {
        List<String> needed =
                merge.sourceColumns(partitionColumns.stream().map(Column::name).toList());
        return writtenColumns().stream()
                .filter(column -> needed.isEmpty() || needed.contains(column.name()))
                .filter(column -> !merge.stampedColumns().contains(column.name()))
                .toList();
    }

    /** The columns of the shadow that are written: the target's, then the added ones. */
    public List<Column> writtenColumns() {
        return java.util.stream.Stream.concat(
                        target.columns().stream().filter(column -> column.origin() == Column.Origin.WRITTEN),
                        seed.added().stream()
                                .map(added -> new Column(
                                        added.name(),
                                        added.type(),
                                        Column.Family.OTHER,
                                        Column.Nullability.NULLABLE,
                                        Column.Origin.WRITTEN)))
                .toList();
    }
}
