package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.CONFLICTING_SETTINGS;
import static dev.backstitch.error.ErrorCode.CYCLE;
import static dev.backstitch.error.ErrorCode.UNKNOWN_MEMBER;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Edge;
import dev.backstitch.spec.Member;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether the order of a dag's members is one: who waits for whom, and what is published together. Pure. */
final class OrderGate {
    private final Dag dag;
    private final List<Problem> problems = new ArrayList<>();

    private OrderGate(Dag dag) {
        this.dag = dag;
    }

    static List<Problem> check(Dag dag) {
        OrderGate gate = new OrderGate(dag);
        dag.edges().forEach(gate::known);
        dag.edges().stream()
                .filter(edge -> edge.kind() == Edge.Kind.SAME_PARTITION)
                .forEach(gate::betweenBackfills);
        gate.groups();
        gate.targets();
        List<String> names = dag.members().stream().map(Member::name).toList();
        if (gate.problems.isEmpty() && Findings.repeated(names).isEmpty()) {
            Tasks.cycle(dag).ifPresent(gate::cycle);
        }
        return gate.problems;
    }

    private void known(Edge edge) {
        Stream.of(edge.from(), edge.to())
                .filter(name -> dag.member(name).isEmpty())
                .forEach(name -> problems.add(unknown("dag." + edge.to() + ".after", name)));
    }

    private Problem unknown(String where, String name) {
        return new Problem(
                UNKNOWN_MEMBER,
                where,
                "one of the dag's members "
                        + dag.members().stream().map(Member::name).toList(),
                "\"" + name + "\", which is none of them",
                "Correct the name, or add it to the dag first, with run(..), then(..) or task(..).");
    }

    private void betweenBackfills(Edge edge) {
        Stream.of(edge.from(), edge.to())
                .map(dag::member)
                .flatMap(Optional::stream)
                .filter(member -> !(member instanceof Backfill))
                .forEach(member -> problems.add(new Problem(
                        CONFLICTING_SETTINGS,
                        "dag." + edge.to() + ".afterSamePartitionOf",
                        "two backfills, which have partitions",
                        "\"" + member.name() + "\", a single task",
                        "Use after(..), which waits for all of it.")));
    }

    private void groups() {
        Set<String> grouped = new HashSet<>();
        for (List<String> group : dag.together()) {
            for (String name : group) {
                Optional<Member> member = dag.member(name);
                if (member.isEmpty()) {
                    problems.add(unknown("dag.publishTogether", name));
                } else if (!(member.get() instanceof Backfill)) {
                    problems.add(together("backfills", "\"" + name + "\", a single task", "Leave it out."));
                }
                if (!grouped.add(name)) {
                    problems.add(together(
                            "each backfill in one group, once", "\"" + name + "\" twice", "Name it in one group."));
                }
            }
        }
    }

    private static Problem together(String expected, String found, String fix) {
        return new Problem(CONFLICTING_SETTINGS, "dag.publishTogether", expected, found, fix);
    }

    /** Two backfills of one target would each lose what the other publishes. */
    private void targets() {
        dag.backfills().stream()
                .collect(Collectors.groupingBy(Backfill::target))
                .forEach((target, backfills) -> {
                    if (backfills.size() > 1) {
                        problems.add(new Problem(
                                CONFLICTING_SETTINGS,
                                "dag",
                                "one backfill a target",
                                target + " as the target of "
                                        + backfills.stream().map(Backfill::name).collect(Collectors.joining(" and ")),
                                "Make one backfill of them, or two dags."));
                    }
                });
    }

    private void cycle(List<String> members) {
        problems.add(new Problem(
                CYCLE,
                "dag",
                "an order in which each member has its turn",
                "a circle: " + String.join(" -> ", members),
                "Take one of these edges away."
                        + (members.stream().anyMatch(name -> name.contains(" with "))
                                ? " What is published together must not wait for each other's publish."
                                : "")));
    }
}
