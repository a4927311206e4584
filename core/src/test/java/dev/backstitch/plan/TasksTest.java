package dev.backstitch.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Samples;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Edge;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Member;
import dev.backstitch.spec.SqlTask;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TasksTest {
    private final Backfill costs = Samples.backfill("costs");
    private final Backfill orders = Samples.backfill("orders");
    private final Backfill returns = Samples.backfill("returns");
    private final SqlTask refresh = new SqlTask("refresh", "refresh materialized view m", Limits.DEFAULT);
    private final CallTask notify = new CallTask("notify", 1, Limits.DEFAULT, call -> {});

    @Test
    void aBackfill_isFiveTasks_ofPlainNames() {
        assertThat(edges(dag(costs)))
                .containsExactly(
                        "scope <- []",
                        "shadow <- [scope]",
                        "merge <- [shadow]",
                        "audit <- [merge]",
                        "publish <- [audit]");
    }

    @Test
    void members_waitForAllThatWasSaidBefore_andNotForEachOther() {
        assertThat(edges(dag(costs).then(orders, returns).then(refresh).then(notify)))
                .containsExactly(
                        "costs.scope <- []",
                        "costs.shadow <- [costs.scope]",
                        "costs.merge <- [costs.shadow]",
                        "costs.audit <- [costs.merge]",
                        "costs.publish <- [costs.audit]",
                        "orders.scope <- [costs.publish]",
                        "orders.shadow <- [orders.scope]",
                        "orders.merge <- [orders.shadow]",
                        "orders.audit <- [orders.merge]",
                        "orders.publish <- [orders.audit]",
                        "returns.scope <- [costs.publish]",
                        "returns.shadow <- [returns.scope]",
                        "returns.merge <- [returns.shadow]",
                        "returns.audit <- [returns.merge]",
                        "returns.publish <- [returns.audit]",
                        "refresh <- [orders.publish, returns.publish]",
                        "notify <- [refresh]");
    }

    @Test
    void aTaskAfterOne_doesNotWaitForOthers() {
        Dag dag = dag(costs).task(orders).after(costs).task(notify).after(costs);

        assertThat(edges(dag)).contains("orders.scope <- [costs.publish]", "notify <- [costs.publish]");
    }

    @Test
    void samePartition_isAnEdgeBetweenMerges_andThePublishesKeepTheirOrder() {
        assertThat(edges(dag(costs).task(orders).afterSamePartitionOf(costs)))
                .contains(
                        "orders.scope <- []",
                        "orders.merge <- [orders.shadow] each [costs.merge]",
                        "costs.publish <- [costs.audit, orders.merge]",
                        "orders.publish <- [costs.publish, orders.audit]");
    }

    @Test
    void together_isOnePublish_thatWaitsForEveryAudit() {
        Dag dag = dag(costs)
                .task(orders)
                .afterSamePartitionOf(costs)
                .publishTogether(costs, orders)
                .then(notify);

        assertThat(edges(dag))
                .contains("costs+orders.publish <- [costs.audit, orders.audit]", "notify <- [costs+orders.publish]")
                .noneMatch(line -> line.startsWith("costs.publish") || line.startsWith("orders.publish"));
    }

    @Test
    void theFirstPartition_isATaskOfItsOwn_whenItGoesAlone() {
        Backfill alone = Samples.backfill("costs", Limits.DEFAULT.concurrency(3).firstPartitionAlone());

        List<Task> tasks = Tasks.of(new Dag("d", alone), backfill -> List.of("a", "b", "c"), Set.of());

        assertThat(tasks)
                .filteredOn(task -> task.kind() == TaskKind.MERGE)
                .satisfiesExactly(
                        first -> {
                            assertThat(first.name()).isEqualTo("merge_first");
                            assertThat(first.partitions()).containsExactly("a");
                        },
                        others -> {
                            assertThat(others.name()).isEqualTo("merge");
                            assertThat(others.partitions()).containsExactly("b", "c");
                            assertThat(others.concurrency()).isEqualTo(3);
                            assertThat(others.upstream()).containsExactly(1, 2);
                        });
        assertThat(tasks.get(4).upstream()).containsExactly(2, 3);
    }

    @Test
    void aCircle_isRefused_andShown() {
        Dag dag = dag(costs).then(orders).then(returns);
        Dag circle = dag.task(costs).after(returns);

        assertThat(BuildGate.check(circle))
                .singleElement()
                .hasToString("BF-120 dag: expected an order in which each member has its turn, found a circle: costs ->"
                        + " orders -> returns -> costs. Take one of these edges away.");
    }

    @Test
    void whoWaitsForItself_isACircle() {
        assertThat(BuildGate.check(dag(costs).task(costs).after(costs)))
                .singleElement()
                .asString()
                .contains("costs -> costs");
    }

    @Test
    void together_isACircle_whenOneWaitsForTheOthersPublish() {
        assertThat(BuildGate.check(dag(costs).then(orders).publishTogether(costs, orders)))
                .singleElement()
                .asString()
                .contains("BF-120")
                .contains("costs with orders -> orders -> costs with orders")
                .contains("published together");
    }

    @Test
    void wrongOrders_areRefused_allAtOnce() {
        Dag dag = new Dag(
                "d",
                List.of(costs, orders, Samples.backfill("costs"), refresh),
                List.of(
                        new dev.backstitch.spec.Edge("nobody", "orders", dev.backstitch.spec.Edge.Kind.BARRIER),
                        new dev.backstitch.spec.Edge(
                                "refresh", "orders", dev.backstitch.spec.Edge.Kind.SAME_PARTITION)),
                List.of(List.of("costs", "refresh"), List.of("costs", "gone")));

        assertThat(BuildGate.check(dag))
                .extracting(problem -> problem.code().code() + " " + problem.where() + ": " + problem.found())
                .containsExactly(
                        "BF-106 dag: several members that are called \"costs\"",
                        "BF-121 dag.orders.after: \"nobody\", which is none of them",
                        "BF-106 dag.orders.afterSamePartitionOf: \"refresh\", a single task",
                        "BF-106 dag.publishTogether: \"refresh\", a single task",
                        "BF-106 dag.publishTogether: \"costs\" twice",
                        "BF-121 dag.publishTogether: \"gone\", which is none of them",
                        "BF-106 dag: app.costs as the target of costs and costs");
    }

    @Test
    void aDagWithoutABackfill_isRefused() {
        assertThat(BuildGate.check(new Dag("d", List.of(refresh), List.of(), List.of())))
                .singleElement()
                .asString()
                .contains("at least one backfill");
    }

    @Test
    void aStatement_isOneStatementWithoutBinds() {
        SqlTask wrong = new SqlTask("refresh", "update t set a = :partition_start", Limits.DEFAULT);

        assertThat(BuildGate.check(dag(costs).then(wrong)))
                .singleElement()
                .hasToString(
                        "BF-102 refresh.sql: expected no binds, since it is not run for partitions, found"
                                + " :partition_start. Write the value itself; only the query of a merge is run for partitions.");
    }

    @Test
    void aStatement_leavesTheTransactionAlone() {
        assertThat(BuildGate.check(dag(costs).then(new SqlTask("refresh", "/* x */ commit", Limits.DEFAULT))))
                .singleElement()
                .asString()
                .startsWith("BF-107 refresh.sql: expected a statement within the transaction")
                .contains("found COMMIT");
    }

    @Test
    void whoWaitsForABackfillThatRests_waitsForWhatThatWouldWaitFor() {
        List<Edge> edges = List.of(
                new Edge("a", "b", Edge.Kind.BARRIER),
                new Edge("z", "b", Edge.Kind.BARRIER),
                new Edge("b", "c", Edge.Kind.SAME_PARTITION),
                new Edge("c", "d", Edge.Kind.BARRIER),
                new Edge("a", "e", Edge.Kind.SAME_PARTITION));

        assertThat(Tasks.withoutResting(edges, Set.of("b")))
                .containsExactlyInAnyOrder(
                        new Edge("a", "c", Edge.Kind.BARRIER),
                        new Edge("z", "c", Edge.Kind.BARRIER),
                        new Edge("c", "d", Edge.Kind.BARRIER),
                        new Edge("a", "e", Edge.Kind.SAME_PARTITION));
        assertThat(Tasks.withoutResting(edges, Set.of("b", "c")))
                .containsExactlyInAnyOrder(
                        new Edge("a", "d", Edge.Kind.BARRIER),
                        new Edge("z", "d", Edge.Kind.BARRIER),
                        new Edge("a", "e", Edge.Kind.SAME_PARTITION));
        assertThat(Tasks.withoutResting(edges, Set.of("a", "z")))
                .containsExactlyInAnyOrder(
                        new Edge("b", "c", Edge.Kind.SAME_PARTITION), new Edge("c", "d", Edge.Kind.BARRIER));
    }

    private static Dag dag(Member first) {
        return new Dag("margin", List.of(first), List.of(), List.of());
    }

    /** A line a task: its name, what it waits for, and what each of its partitions waits for. */
    private static List<String> edges(Dag dag) {
        assertThat(BuildGate.check(dag)).isEmpty();
        List<Task> tasks = Tasks.of(dag, backfill -> List.of("2001-01-01"), Set.of());
        Map<Integer, String> names = tasks.stream().collect(Collectors.toMap(Task::number, Task::name));
        return tasks.stream()
                .map(task -> task.name() + " <- "
                        + task.upstream().stream().map(names::get).sorted().toList()
                        + (task.samePartition().isEmpty()
                                ? ""
                                : " each "
                                        + task.samePartition().stream()
                                                .map(names::get)
                                                .toList()))
                .toList();
    }
}
