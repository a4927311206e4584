package dev.backstitch.plan;

import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Member;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The plan of a rehearsal: another plan's work over copies of its targets. Pure. */
public final class RehearsedPlan {
    private RehearsedPlan() {}

    /**
     * Where a backfill is rehearsed.
     *
     * @param table the copy of its target
     * @param view that shows the copy, where the publish repoints one
     */
    public record Place(TableInfo table, Optional<ViewInfo> view) {}

    /** The partitions to rehearse: the first, the last, then those with the most rows; all of them where nothing is said. */
    public static List<Partition> choose(PlannedBackfill planned, OptionalInt count) {
        List<Partition> scope = planned.scope();
        if (count.isEmpty() || count.getAsInt() >= scope.size()) {
            return scope;
        }
        Set<Partition> chosen = new LinkedHashSet<>();
        chosen.add(scope.get(0));
        chosen.add(scope.get(scope.size() - 1));
        planned.partitions().stream()
                .filter(partition -> partition.decision() == Decision.RUN)
                .sorted(Comparator.comparingLong(RehearsedPlan::rows).reversed())
                .map(PlannedPartition::partition)
                .forEach(chosen::add);
        Set<Partition> some =
                new HashSet<>(chosen.stream().limit(count.getAsInt()).toList());
        return scope.stream().filter(some::contains).toList();
    }

    private static long rows(PlannedPartition partition) {
        return partition.rows().map(known -> known.count()).orElse(0L);
    }

    /**
     * The same work in other places: whoever is held, watched, asked or waited for is left alone, and single tasks are left
     * out.
     *
     * @param chosen by backfill, the partitions to rehearse
     * @param places by backfill, of each that has something to run
     */
    public static Plan of(Plan plan, Map<String, List<Partition>> chosen, Map<String, Place> places) {
        List<Member> members = new ArrayList<>();
        Set<String> leftOut = new HashSet<>();
        for (Member member : plan.dag().members()) {
            Optional<Place> place = Optional.ofNullable(places.get(member.name()));
            if (place.isEmpty()) {
                leftOut.add(member.name());
            }
            members.add(
                    place.isPresent() && member instanceof Backfill backfill ? moved(backfill, place.get()) : member);
        }
        Dag dag = new Dag(
                plan.dag().name(),
                members,
                plan.dag().edges(),
                plan.dag().together().stream()
                        .map(group -> group.stream().filter(places::containsKey).toList())
                        .filter(group -> group.size() > 1)
                        .toList(),
                plan.dag().limits());
        List<PlannedBackfill> backfills = plan.backfills().stream()
                .map(planned -> Optional.ofNullable(places.get(planned.name()))
                        .map(place -> moved(planned, chosen.getOrDefault(planned.name(), List.of()), place))
                        .orElse(planned))
                .toList();
        return new Plan(
                Plan.FORMAT,
                dag,
                plan.plannedAt(),
                plan.connector(),
                backfills,
                Tasks.of(
                        dag,
                        backfill -> chosen.getOrDefault(backfill.name(), List.of()).stream()
                                .map(Partition::id)
                                .toList(),
                        leftOut));
    }

    private static PlannedBackfill moved(PlannedBackfill planned, List<Partition> chosen, Place place) {
        Set<Partition> rehearsed = new HashSet<>(chosen);
        return new PlannedBackfill(
                planned.name(),
                place.table(),
                planned.partitionColumns(),
                planned.partitions().stream()
                        .map(partition -> rehearsed.contains(partition.partition())
                                ? partition
                                : new PlannedPartition(partition.partition(), Decision.SKIP, "not rehearsed"))
                        .toList(),
                List.of(),
                List.of(),
                List.of(),
                planned.reads(),
                planned.logic(),
                List.of(),
                place.view(),
                planned.spelt(),
                Optional.empty());
    }

    private static Backfill moved(Backfill backfill, Place place) {
        return new Backfill(
                backfill.name(),
                backfill.owner(),
                backfill.reason(),
                name(place.table().name()),
                backfill.scope(),
                backfill.reprocess(),
                backfill.shadow(),
                backfill.merge(),
                backfill.limits(),
                backfill.audits(),
                moved(backfill.publish(), place),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                backfill.compute());
    }

    private static Publish<?> moved(Publish<?> publish, Place place) {
        if (publish instanceof Publish.RepointView repoint) {
            return new Publish.RepointView(
                    place.view().map(view -> name(view.name())).orElse(repoint.view()),
                    repoint.retention(),
                    Publish.Approval.NOT_NEEDED,
                    repoint.lateWrites(),
                    repoint.name(),
                    Optional.empty());
        }
        if (publish instanceof Publish.SwapTable swap) {
            return new Publish.SwapTable(swap.retention(), Publish.Approval.NOT_NEEDED, swap.lateWrites(), swap.name());
        }
        Publish.ReplacePartitions replace = (Publish.ReplacePartitions) publish;
        return new Publish.ReplacePartitions(
                replace.retention(), Publish.Approval.NOT_NEEDED, replace.lateWrites(), replace.name());
    }

    private static TableName name(ResolvedTable table) {
        return new TableName(table.parts().toList());
    }
}
