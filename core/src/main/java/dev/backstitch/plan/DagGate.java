package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.CONFLICTING_SETTINGS;
import static dev.backstitch.error.ErrorCode.NO_COUNTERPART;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Edge;
import dev.backstitch.spec.Partition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether the backfills of a dag fit each other, as their targets and scopes were found. Pure. */
final class DagGate {
    private static final int EXAMPLES = 5;

    private DagGate() {}

    static List<Problem> check(Dag dag, List<PlannedBackfill> planned) {
        Map<String, PlannedBackfill> byName =
                planned.stream().collect(Collectors.toMap(PlannedBackfill::name, backfill -> backfill));
        List<Problem> problems = new ArrayList<>(targets(planned));
        for (Edge edge : dag.edges()) {
            PlannedBackfill from = byName.get(edge.from());
            PlannedBackfill to = byName.get(edge.to());
            if (edge.kind() == Edge.Kind.SAME_PARTITION && from != null && to != null) {
                counterparts(from, to).ifPresent(problems::add);
            }
        }
        return problems;
    }

    /** Two spellings may name one table. */
    private static List<Problem> targets(List<PlannedBackfill> planned) {
        Map<Object, String> seen = new HashMap<>();
        List<Problem> problems = new ArrayList<>();
        for (PlannedBackfill backfill : planned) {
            String before = seen.putIfAbsent(backfill.target().name(), backfill.name());
            if (before != null) {
                problems.add(new Problem(
                        CONFLICTING_SETTINGS,
                        "dag",
                        "one backfill a target",
                        backfill.target().name() + " as the target of " + before + " and " + backfill.name(),
                        "Make one backfill of them, or two dags."));
            }
        }
        return problems;
    }

    private static Optional<Problem> counterparts(PlannedBackfill from, PlannedBackfill to) {
        Set<String> there = from.scope().stream().map(Partition::id).collect(Collectors.toSet());
        List<String> alone = to.scope().stream()
                .map(Partition::id)
                .filter(id -> !there.contains(id))
                .toList();
        if (alone.isEmpty() || from.rests()) {
            return Optional.empty();
        }
        return Optional.of(new Problem(
                NO_COUNTERPART,
                "dag." + to.name() + ".afterSamePartitionOf",
                "for each of its partitions one of " + from.name(),
                alone.size() + " without, such as "
                        + alone.stream().limit(EXAMPLES).collect(Collectors.joining(", ")),
                "Give both the same scope, or use after(..), which waits for all of " + from.name() + "."));
    }
}
