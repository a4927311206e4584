package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Reads;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run will do for one backfill of its dag.
 *
 * @param name the backfill's
 * @param target the target as it was found
 * @param partitionColumns its columns by which the scope is divided
 * @param partitions every partition of the scope with its decision
 * @param dependents what hangs on the target
 * @param mergeStatements the merge of the first partition, as SQL
 * @param publishStatements the publish, as SQL
 * @param reads what the merge's query reads through; nothing where the catalogue cannot tell, or a release that did not ask
 *     has planned it
 * @param logic the fingerprint of what the merge computes, with what it reads through
 * @param checklist what was gone through before the run; empty where an earlier release planned it
 * @param view the view that the publish points at what becomes of the target, where it does that
 * @param spelt the columns that the shadow adds as the database spells them, by their declared names; nothing where it
 *     spells all of them so
 * @param pinned the views that stay with the target through the publish; nothing for none
 */
public record PlannedBackfill(
        String name,
        TableInfo target,
        List<Column> partitionColumns,
        List<PlannedPartition> partitions,
        List<Dependent> dependents,
        List<String> mergeStatements,
        List<String> publishStatements,
        Optional<Reads> reads,
        String logic,
        List<CheckItem> checklist,
        Optional<ViewInfo> view,
        Optional<Map<String, String>> spelt,
        Optional<List<ResolvedTable>> pinned) {
    public PlannedBackfill {
        requireNonNull(name, "name");
        requireNonNull(target, "target");
        partitionColumns = List.copyOf(partitionColumns);
        partitions = List.copyOf(partitions);
        dependents = List.copyOf(dependents);
        mergeStatements = List.copyOf(mergeStatements);
        publishStatements = List.copyOf(publishStatements);
        requireNonNull(reads, "reads");
        requireNonNull(logic, "logic");
        checklist = List.copyOf(checklist);
        requireNonNull(view, "view");
        spelt = spelt.map(Map::copyOf);
        pinned = pinned.map(List::copyOf);
    }

    /** What the shadow adds, as the database spells it. */
    public List<AddedColumn> added(Shadow<?> shadow) {
        return shadow.added().stream()
                .map(added -> spelt.map(names -> names.get(added.name()))
                        .map(name -> new AddedColumn(name, added.type()))
                        .orElse(added))
                .toList();
    }

    /** The name by which readers know the target: its own, or its view's. */
    public ResolvedTable live() {
        return view.map(ViewInfo::name).orElse(target.name());
    }

    /** Whether none of its partitions is recomputed this time, as its policy and the ledger have it. */
    public boolean rests() {
        return scope().isEmpty();
    }

    /** The partitions to recompute, in order. */
    public List<Partition> scope() {
        return partitions.stream()
                .filter(planned -> planned.decision() == Decision.RUN)
                .map(PlannedPartition::partition)
                .toList();
    }
}
