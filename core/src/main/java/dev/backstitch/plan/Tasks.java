package dev.backstitch.plan;

import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Edge;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Member;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTask;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The tasks of a dag and their order. A backfill is scope, shadow, merge for each partition, audit, publish: each waits
 * for all of the one before. Pure.
 */
public final class Tasks {
    /** A task before it has its number. */
    private static final class Vertex {
        private final String name;
        private final TaskKind kind;
        private final List<String> members;
        private final int concurrency;
        private final List<String> partitions;
        private final Set<Vertex> upstream = new LinkedHashSet<>();
        private final Set<Vertex> samePartition = new LinkedHashSet<>();

        Vertex(String name, TaskKind kind, List<String> members, int concurrency, List<String> partitions) {
            this.name = name;
            this.kind = kind;
            this.members = members;
            this.concurrency = concurrency;
            this.partitions = partitions;
        }

        Vertex after(Collection<Vertex> others) {
            upstream.addAll(others);
            return this;
        }

        Set<Vertex> before() {
            Set<Vertex> all = new LinkedHashSet<>(upstream);
            all.addAll(samePartition);
            return all;
        }
    }

    /** The vertices of one member: where it begins, where it has ended, and its merges. */
    private record Span(Vertex first, Vertex last, List<Vertex> merges) {}

    private final Dag dag;
    private final Function<Backfill, List<String>> partitions;
    private final Set<String> resting;
    private final List<Vertex> vertices = new ArrayList<>();
    private final Map<String, Span> spans = new LinkedHashMap<>();
    private final Map<String, Vertex> publishes = new HashMap<>();

    private Tasks(Dag dag, Function<Backfill, List<String>> partitions, Set<String> resting) {
        this.dag = dag;
        this.partitions = partitions;
        this.resting = resting;
        dag.members().stream()
                .filter(member -> !resting.contains(member.name()))
                .forEach(this::add);
        withoutResting(dag.edges(), resting).forEach(this::connect);
    }

    /** Who waits for a member that rests waits for what that would wait for, all of it. */
    static List<Edge> withoutResting(List<Edge> edges, Set<String> resting) {
        List<Edge> bridged = new ArrayList<>(edges);
        for (String member : resting) {
            List<Edge> before =
                    bridged.stream().filter(edge -> edge.to().equals(member)).toList();
            List<Edge> after =
                    bridged.stream().filter(edge -> edge.from().equals(member)).toList();
            bridged.removeAll(before);
            bridged.removeAll(after);
            for (Edge first : before) {
                for (Edge then : after) {
                    bridged.add(new Edge(first.from(), then.to(), Edge.Kind.BARRIER));
                }
            }
        }
        return bridged;
    }

    /**
     * The tasks in topological order, members in the order in which they were said.
     *
     * @param dag one that {@link BuildGate} lets pass
     * @param partitions the ids of the partitions that each backfill runs
     * @param resting names of backfills that have nothing to run this time: they have no tasks
     */
    static List<Task> of(Dag dag, Function<Backfill, List<String>> partitions, Set<String> resting) {
        return new Tasks(dag, partitions, resting).ordered();
    }

    /**
     * The tasks of a dag without a look at any database, with every partition of its scopes.
     *
     * @param dag one that {@link BuildGate} lets pass
     * @param clock resolves relative scopes
     */
    public static List<Task> of(Dag dag, Clock clock) {
        return of(
                dag,
                backfill -> ScopeResolver.resolve(backfill.scope(), clock).stream()
                        .map(Partition::id)
                        .toList(),
                Set.of());
    }

    /** The names of members that wait for each other in a circle, the first one again at the end; nothing if none do. */
    static Optional<List<String>> cycle(Dag dag) {
        return new Tasks(dag, backfill -> List.of("any"), Set.of()).cycle();
    }

    private void add(Member member) {
        spans.put(member.name(), member.match(new Member.Cases<Span>() {
            @Override
            public Span backfill(Backfill backfill) {
                return add(backfill);
            }

            @Override
            public Span sql(SqlTask task) {
                return single(task, TaskKind.SQL);
            }

            @Override
            public Span call(CallTask task) {
                return single(task, TaskKind.CALL);
            }
        }));
    }

    private Span single(Member member, TaskKind kind) {
        Vertex vertex = vertex(member.name(), kind, member.name(), 1, List.of());
        return new Span(vertex, vertex, List.of());
    }

    private Span add(Backfill backfill) {
        String prefix = dag.members().size() == 1 ? "" : backfill.name() + ".";
        Vertex scope = vertex(prefix + "scope", TaskKind.SCOPE, backfill.name(), 1, List.of());
        Vertex shadow = vertex(prefix + "shadow", TaskKind.SHADOW, backfill.name(), 1, List.of())
                .after(List.of(scope));
        List<Vertex> merges = merges(prefix, backfill);
        merges.forEach(merge -> merge.after(List.of(shadow)));
        Vertex audit = vertex(prefix + "audit", TaskKind.AUDIT, backfill.name(), 1, List.of())
                .after(merges);
        Vertex publish = publish(prefix, backfill).after(List.of(audit));
        return new Span(scope, publish, merges);
    }

    /** The first partition may go ahead alone, as a task of its own for which the others wait. */
    private List<Vertex> merges(String prefix, Backfill backfill) {
        List<String> all = partitions.apply(backfill);
        Limits limits = backfill.limits();
        if (limits.start() == Limits.Start.FIRST_ALONE && all.size() > 1) {
            Vertex first = vertex(prefix + "merge_first", TaskKind.MERGE, backfill.name(), 1, List.of(all.get(0)));
            Vertex others = vertex(
                            prefix + "merge",
                            TaskKind.MERGE,
                            backfill.name(),
                            limits.concurrency(),
                            all.subList(1, all.size()))
                    .after(List.of(first));
            return List.of(first, others);
        }
        return List.of(vertex(prefix + "merge", TaskKind.MERGE, backfill.name(), limits.concurrency(), all));
    }

    private Vertex publish(String prefix, Backfill backfill) {
        Vertex made = publishes.get(backfill.name());
        if (made != null) {
            return made;
        }
        Optional<List<String>> group = dag.together().stream()
                .filter(names -> names.contains(backfill.name()))
                .findFirst();
        List<String> members = group.orElse(List.of(backfill.name())).stream()
                .filter(member -> !resting.contains(member))
                .toList();
        Vertex publish = new Vertex(
                group.map(names -> String.join("+", names) + ".").orElse(prefix) + "publish",
                TaskKind.PUBLISH,
                members,
                1,
                List.of());
        vertices.add(publish);
        members.forEach(member -> publishes.put(member, publish));
        return publish;
    }

    private Vertex vertex(String name, TaskKind kind, String member, int concurrency, List<String> of) {
        Vertex vertex = new Vertex(name, kind, List.of(member), concurrency, of);
        vertices.add(vertex);
        return vertex;
    }

    private void connect(Edge edge) {
        Span from = spans.get(edge.from());
        Span to = spans.get(edge.to());
        if (from == null || to == null) {
            return;
        }
        if (edge.kind() == Edge.Kind.BARRIER) {
            to.first().after(List.of(from.last()));
            return;
        }
        to.merges().forEach(merge -> merge.samePartition.addAll(from.merges()));
        if (from.last() != to.last()) {
            // The shadow that the merges read is gone once it is published.
            from.last().after(to.merges());
            to.last().after(List.of(from.last()));
        }
    }

    private List<Task> ordered() {
        List<Vertex> order = new ArrayList<>();
        List<Vertex> left = new ArrayList<>(vertices);
        while (!left.isEmpty()) {
            Vertex next = left.stream()
                    .filter(vertex -> order.containsAll(vertex.before()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("dag " + dag.name() + " has a cycle"));
            left.remove(next);
            order.add(next);
        }
        return order.stream()
                .map(vertex -> new Task(
                        order.indexOf(vertex),
                        vertex.name,
                        vertex.kind,
                        vertex.members,
                        numbers(vertex.upstream, order),
                        numbers(vertex.samePartition, order),
                        vertex.concurrency,
                        vertex.partitions))
                .toList();
    }

    private static List<Integer> numbers(Collection<Vertex> some, List<Vertex> order) {
        return some.stream().map(order::indexOf).sorted().toList();
    }

    private Optional<List<String>> cycle() {
        Set<Vertex> done = new HashSet<>();
        for (Vertex vertex : vertices) {
            Deque<Vertex> path = new ArrayDeque<>();
            if (leadsBack(vertex, path, done)) {
                return Optional.of(membersOf(path));
            }
        }
        return Optional.empty();
    }

    /** Follows what a vertex waits for; on a way back to the path, the path ends with the vertex where it began. */
    private static boolean leadsBack(Vertex vertex, Deque<Vertex> path, Set<Vertex> done) {
        if (done.contains(vertex)) {
            return false;
        }
        if (path.contains(vertex)) {
            while (path.getFirst() != vertex) {
                path.removeFirst();
            }
            path.addLast(vertex);
            return true;
        }
        path.addLast(vertex);
        for (Vertex before : vertex.before()) {
            if (leadsBack(before, path, done)) {
                return true;
            }
        }
        path.removeLast();
        done.add(vertex);
        return false;
    }

    /** The path turned around, so that each leads to the one that waits for it; neighbours of one member are told once. */
    private static List<String> membersOf(Deque<Vertex> path) {
        List<String> names = new ArrayList<>();
        path.descendingIterator().forEachRemaining(vertex -> {
            String name = vertex.members.stream().collect(Collectors.joining(" with "));
            if (names.isEmpty() || !names.get(names.size() - 1).equals(name)) {
                names.add(name);
            }
        });
        if (names.size() == 1) {
            names.add(names.get(0));
        }
        return names;
    }
}
