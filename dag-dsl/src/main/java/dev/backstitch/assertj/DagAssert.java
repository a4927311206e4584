package dev.backstitch.assertj;

import dev.backstitch.error.Problem;
import dev.backstitch.plan.BuildGate;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.plan.Tasks;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Member;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractAssert;

/** Assertions on a dag's structure, which need no database. Those on tasks ask for a dag that {@link #isSound}. */
public final class DagAssert extends AbstractAssert<DagAssert, Dag> {
    private final Function<Dag, List<Task>> tasks;

    DagAssert(Dag actual, Clock clock) {
        this(actual, dag -> Tasks.of(dag, clock));
    }

    /** @param tasks how a dag that is sound becomes tasks */
    DagAssert(Dag actual, Function<Dag, List<Task>> tasks) {
        super(actual, DagAssert.class);
        this.tasks = tasks;
    }

    /** Nothing is wrong with it, so far as can be told without its database. */
    public DagAssert isSound() {
        isNotNull();
        List<Problem> problems = BuildGate.check(actual);
        if (!problems.isEmpty()) {
            failWithMessage(
                    "expected dag %s to be sound, and it is not:%n%s",
                    actual.name(),
                    problems.stream().map(problem -> "  - " + problem).collect(Collectors.joining("\n")));
        }
        return this;
    }

    /** Just these members, in the order in which they were said. */
    public DagAssert hasMembers(String... names) {
        isNotNull();
        List<String> found = actual.members().stream().map(Member::name).toList();
        if (!found.equals(List.of(names))) {
            failWithMessage("expected dag %s to have the members %s, found %s", actual.name(), List.of(names), found);
        }
        return this;
    }

    /** Begins an assertion on one of its tasks: {@code merge}, or {@code orders.merge} where there are several members. */
    public TaskAssert hasTask(String name) {
        TaskGraph graph = graph();
        return new TaskAssert(this, graph, graph.named(name).orElseGet(() -> {
            failWithMessage("expected dag %s to have a task %s, found none. %s", actual.name(), name, graph.all());
            throw new IllegalStateException("failed before");
        }));
    }

    /** Each backfill has a blocking audit, and its publish waits for its audits. */
    public DagAssert publishesOnlyAfterAudits() {
        TaskGraph graph = graph();
        for (Backfill backfill : actual.backfills()) {
            if (backfill.audits().stream().noneMatch(audit -> audit.severity() == Audit.Severity.BLOCKING)) {
                failWithMessage(
                        "expected backfill %s of dag %s to have a blocking audit, found only warnings: %s",
                        backfill.name(),
                        actual.name(),
                        backfill.audits().stream().map(Audit::name).toList());
            }
        }
        for (Task publish : of(graph, TaskKind.PUBLISH)) {
            Set<Task> before = graph.before(publish);
            for (String member : publish.members()) {
                Optional<Task> audit = of(graph, TaskKind.AUDIT).stream()
                        .filter(task -> task.member().equals(member))
                        .findFirst();
                if (audit.filter(before::contains).isEmpty()) {
                    failWithMessage(
                            "expected %s of dag %s to wait for the audit of %s, and it does not; %s",
                            publish.name(),
                            actual.name(),
                            member,
                            audit.map(found -> graph.around(publish, found)).orElseGet(() -> graph.around(publish)));
                }
            }
        }
        return this;
    }

    /** No statement of the dag's own runs before all is published; backfills touch their targets by their publish alone. */
    public DagAssert neverTouchesTargetsBeforePublish() {
        TaskGraph graph = graph();
        List<Task> publishes = of(graph, TaskKind.PUBLISH);
        for (Task sql : of(graph, TaskKind.SQL)) {
            Set<Task> before = graph.before(sql);
            publishes.stream()
                    .filter(publish -> !before.contains(publish))
                    .findFirst()
                    .ifPresent(publish -> failWithMessage(
                            "expected statement %s of dag %s to wait for %s, since it may write its target, and it does not;"
                                    + " %s",
                            sql.name(), actual.name(), publish.name(), graph.around(sql, publish)));
        }
        return this;
    }

    /** All of one member has ended before anything of another begins. */
    public DagAssert runs(String first, String second) {
        TaskGraph graph = graph();
        for (Task task : graph.tasks()) {
            if (!task.members().contains(second)) {
                continue;
            }
            Set<Task> before = graph.before(task);
            graph.tasks().stream()
                    .filter(other -> other.members().contains(first) && !before.contains(other))
                    .findFirst()
                    .ifPresent(other -> failWithMessage(
                            "expected all of %s to run before %s in dag %s, and %s does not wait for %s; %s",
                            first, second, actual.name(), task.name(), other.name(), graph.around(task, other)));
        }
        requireMember(first, graph);
        requireMember(second, graph);
        return this;
    }

    /** These backfills are published in one transaction. */
    public DagAssert publishesTogether(String... backfills) {
        TaskGraph graph = graph();
        if (of(graph, TaskKind.PUBLISH).stream()
                .noneMatch(publish -> Set.copyOf(publish.members()).equals(Set.of(backfills)))) {
            failWithMessage(
                    "expected dag %s to publish %s in one transaction, and it does not. %s",
                    actual.name(), List.of(backfills), graph.all());
        }
        return this;
    }

    private void requireMember(String name, TaskGraph graph) {
        if (actual.member(name).isEmpty()) {
            failWithMessage("expected dag %s to have a member %s, found none. %s", actual.name(), name, graph.all());
        }
    }

    private static List<Task> of(TaskGraph graph, TaskKind kind) {
        return graph.tasks().stream().filter(task -> task.kind() == kind).toList();
    }

    private TaskGraph graph() {
        isSound();
        return new TaskGraph(tasks.apply(actual));
    }
}
