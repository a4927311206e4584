package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.CONFLICTING_SETTINGS;
import static dev.backstitch.error.ErrorCode.INVALID_VALUE;
import static dev.backstitch.error.ErrorCode.NO_COUNTERPART;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Edge;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Windows;
import dev.backstitch.spi.ResolvedTable;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether the backfills of a dag fit each other, as their targets and scopes were found. Pure. */
final class DagGate {
    private static final int EXAMPLES = 5;

    private DagGate() {}

    static List<Problem> check(Dag dag, List<PlannedBackfill> planned, Instant now) {
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
        problems.addAll(windows(dag, now));
        problems.addAll(added(dag, planned));
        return problems;
    }

    /** What waited for a window that never opens would wait for ever, and hold its target. */
    private static List<Problem> windows(Dag dag, Instant now) {
        List<Problem> problems = new ArrayList<>();
        for (Backfill backfill : dag.backfills()) {
            String where = "dag." + backfill.name();
            backfill.during()
                    .filter(windows -> windows.opensAt(now).isEmpty())
                    .ifPresent(windows -> problems.add(neverOpen(where + ".during", windows.toString())));
            backfill.publishDuring()
                    .filter(windows -> windows.opensAt(now).isEmpty())
                    .ifPresent(windows -> problems.add(neverOpen(where + ".publishDuring", windows.toString())));
        }
        for (List<String> group : dag.together()) {
            List<Windows> publish = dag.backfills().stream()
                    .filter(backfill -> group.contains(backfill.name()))
                    .flatMap(backfill -> backfill.windowsOfPublish().stream())
                    .toList();
            if (problems.isEmpty() && Windows.allOpenAt(publish, now).isEmpty()) {
                problems.add(neverOpen(
                        "dag.publishTogether(" + String.join(", ", group) + ")",
                        publish.stream().map(Windows::toString).collect(Collectors.joining(" and "))
                                + ", which are never open at once"));
            }
        }
        return problems;
    }

    private static Problem neverOpen(String where, String found) {
        return new Problem(
                INVALID_VALUE,
                where,
                "a window that opens again",
                found,
                "Correct its days or its times, or leave it out.");
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

    /**
     * The names that developers chose for what publishes add. One that is the backfill's own target by now, since a publish
     * behind a view made it so, is for the checklist: the same is published already.
     */
    private static List<Problem> added(Dag dag, List<PlannedBackfill> planned) {
        Map<String, String> seen = new HashMap<>();
        planned.forEach(backfill -> seen.put(folded(backfill.target().name()), backfill.name()));
        List<Problem> problems = new ArrayList<>();
        for (PlannedBackfill backfill : planned) {
            WorkOrders.named(dag.backfill(backfill.name()), backfill).ifPresent(name -> {
                String before = seen.putIfAbsent(folded(name), backfill.name());
                if (before != null && !before.equals(backfill.name())) {
                    problems.add(new Problem(
                            CONFLICTING_SETTINGS,
                            "dag",
                            "each name once for what the publishes add",
                            name + " of " + before + " and " + backfill.name(),
                            "Choose another name for one of them."));
                }
            });
        }
        return problems;
    }

    /** Some databases tell names apart that differ in case, and some don't. */
    private static String folded(ResolvedTable name) {
        return name.parts().map(part -> part.toLowerCase(Locale.ROOT)).toList().toString();
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
