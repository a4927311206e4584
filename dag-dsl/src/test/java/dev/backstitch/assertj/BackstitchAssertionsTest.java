package dev.backstitch.assertj;

import static dev.backstitch.assertj.BackstitchAssertions.assertThat;
import static dev.backstitch.dsl.Dsl.*;
import static java.time.Duration.ofDays;

import dev.backstitch.golden.GoldenFile;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.Tasks;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Scope;
import dev.backstitch.state.RunState;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class BackstitchAssertionsTest {
    private static final Clock FIFTH = Clock.fixed(Instant.parse("2001-01-05T12:00:00Z"), ZoneOffset.UTC);
    private static final Backfill COSTS = backfill("costs", 3);
    private static final Backfill ORDERS = backfill("orders", 2);
    private static final Dag ONE = dag("one").run(COSTS);
    private static final Dag MARGIN =
            dag("margin").run(COSTS).task(ORDERS).afterSamePartitionOf(COSTS).then(sql("refresh", "call refresh()"));

    private static Backfill backfill(String name, int concurrency) {
        return dev.backstitch.dsl.Dsl.backfill(name)
                .owner("me")
                .because("test")
                .target(table("app." + name))
                .scope(days("day").lastDays(3))
                .shadow(scopeOfTarget())
                .merge("select * from staging." + name + " where day = :day")
                .keyedBy("id")
                .limits(concurrency(concurrency))
                .audit(unique("id"))
                .publish(replacePartitions().keepingArchiveFor(ofDays(30)));
    }

    @Test
    void whatIsTrue_passes() {
        assertThat(ONE, FIFTH)
                .isSound()
                .hasMembers("costs")
                .publishesOnlyAfterAudits()
                .neverTouchesTargetsBeforePublish()
                .hasTask("merge")
                .forEachPartition()
                .forPartitions(3)
                .forPartitions("2001-01-02", "2001-01-03", "2001-01-04")
                .atMost(3)
                .after("scope")
                .and()
                .hasTask("publish")
                .once()
                .after("merge");
        assertThat(MARGIN, FIFTH)
                .hasMembers("costs", "orders", "refresh")
                .publishesOnlyAfterAudits()
                .neverTouchesTargetsBeforePublish()
                .runs("costs", "refresh")
                .hasTask("orders.merge")
                .afterSamePartitionOf("costs.merge")
                .after("costs.merge");
        assertThat(dag("both").run(COSTS, ORDERS).publishTogether(COSTS, ORDERS), FIFTH)
                .publishesTogether("orders", "costs");
        assertThat(new RunResult("r", RunState.PUBLISHED, "")).reached(RunState.PUBLISHED);
    }

    private static final Plan PLAN = FakeCatalog.of(
                    FakeTable.of("app.costs").column("id", "bigint").column("day", "date"),
                    FakeTable.of("app.orders").column("id", "bigint").column("day", "date"))
            .clock(FIFTH)
            .plan(dag("month").run(over(COSTS, days("day").from("2000-12-01").to("2001-01-07")), ORDERS));

    /** Each assertion that can fail does, and says what is there instead. */
    @Test
    void whatIsNot_fails_andShowsWhatIsThere() {
        GoldenFile golden = GoldenFile.beside(BackstitchAssertionsTest.class, "assertions.txt");
        Map<String, ThrowingCallable> failing = new LinkedHashMap<>();
        failing.put(
                "isSound, on a circle",
                () -> assertThat(dag("x").run(COSTS).task(COSTS).after(COSTS)).isSound());
        failing.put("hasMembers", () -> assertThat(ONE).hasMembers("a", "b"));
        failing.put("hasTask", () -> assertThat(ONE, FIFTH).hasTask("swap"));
        failing.put(
                "hasTask, on a circle",
                () -> assertThat(dag("x").run(COSTS).task(COSTS).after(COSTS)).hasTask("merge"));
        failing.put("atMost", () -> merge().atMost(2));
        failing.put("forPartitions, a number", () -> merge().forPartitions(31));
        failing.put("forPartitions, by name", () -> merge().forPartitions("2001-01-01"));
        failing.put(
                "forEachPartition",
                () -> assertThat(ONE, FIFTH).hasTask("audit").forEachPartition());
        failing.put("once", () -> merge().once());
        failing.put("after", () -> assertThat(ONE, FIFTH).hasTask("shadow").after("publish"));
        failing.put("after, of a task that is not there", () -> merge().after("stage"));
        failing.put(
                "afterSamePartitionOf",
                () -> assertThat(MARGIN, FIFTH).hasTask("costs.merge").afterSamePartitionOf("orders.merge"));
        failing.put(
                "afterSamePartitionOf, of a task that is not there",
                () -> assertThat(MARGIN, FIFTH).hasTask("costs.merge").afterSamePartitionOf("merge"));
        failing.put(
                "runs one member before another",
                () -> assertThat(MARGIN, FIFTH).runs("costs", "orders"));
        failing.put(
                "runs a member that is not there",
                () -> assertThat(MARGIN, FIFTH).runs("returns", "orders"));
        failing.put(
                "neverTouchesTargetsBeforePublish",
                () -> assertThat(dag("m").run(COSTS, sql("fix", "delete from app.costs")), FIFTH)
                        .neverTouchesTargetsBeforePublish());
        failing.put("publishesTogether", () -> assertThat(MARGIN, FIFTH).publishesTogether("costs", "orders"));
        failing.put(
                "publishesOnlyAfterAudits, where they only warn",
                () -> assertThat(onlyWarned()).publishesOnlyAfterAudits());
        failing.put("a plan runs so many", () -> assertThat(PLAN).runs(31));
        failing.put("a plan skips so many", () -> assertThat(PLAN).skips(1));
        failing.put("a plan runs a partition", () -> assertThat(PLAN).runs("2001-01-05"));
        failing.put("a plan skips a partition", () -> assertThat(PLAN).skips("2001-01-06", "published before"));
        failing.put("a plan has a partition", () -> assertThat(PLAN).runs("2001-02-01"));
        failing.put(
                "a run has reached",
                () -> assertThat(new RunResult("r1", RunState.FAILED, "BF-302 key 7 twice"))
                        .reached(RunState.PUBLISHED));
        failing.forEach((title, assertion) -> golden.add(title, failure(title, assertion)));
        golden.check();
    }

    private static TaskAssert merge() {
        return assertThat(ONE, FIFTH).hasTask("merge");
    }

    private static String failure(String title, ThrowingCallable assertion) {
        Throwable failure = Assertions.catchThrowable(assertion);
        Assertions.assertThat(failure).as(title).isInstanceOf(AssertionError.class);
        return String.valueOf(failure.getMessage());
    }

    /** Every assertion that speaks of edges sees one that is missing, and shows the tasks around it. */
    @Test
    void aMissingEdge_failsWhatSpeaksOfIt_andShowsTheNeighbourhood() {
        GoldenFile golden = GoldenFile.beside(BackstitchAssertionsTest.class, "missing-edges.txt");
        Map<String, ThrowingCallable> failing = new LinkedHashMap<>();
        failing.put(
                "publishesOnlyAfterAudits",
                () -> without(MARGIN, "orders.publish", "orders.audit").publishesOnlyAfterAudits());
        failing.put(
                "publishesOnlyAfterAudits, of two that are published together",
                () -> without(
                                dag("both").run(COSTS, ORDERS).publishTogether(COSTS, ORDERS),
                                "costs+orders.publish",
                                "costs.audit")
                        .publishesOnlyAfterAudits());
        failing.put(
                "neverTouchesTargetsBeforePublish",
                () -> without(MARGIN, "refresh", "orders.publish").neverTouchesTargetsBeforePublish());
        failing.put(
                "runs one member before another",
                () -> without(MARGIN, "refresh", "orders.publish").runs("orders", "refresh"));
        failing.put(
                "after",
                () -> without(MARGIN, "orders.audit", "orders.merge")
                        .hasTask("orders.audit")
                        .after("orders.scope"));
        failing.put(
                "afterSamePartitionOf",
                () -> without(MARGIN, "orders.merge", "costs.merge")
                        .hasTask("orders.merge")
                        .afterSamePartitionOf("costs.merge"));
        failing.forEach((title, assertion) -> golden.add(title, failure(title, assertion)));
        golden.check();
    }

    /** A dag whose task of this name does not wait for another, by a mistake of the compiler's. */
    private static DagAssert without(Dag dag, String task, String upstream) {
        return new DagAssert(dag, sound -> {
            List<Task> tasks = Tasks.of(sound, FIFTH);
            int missing = tasks.stream()
                    .filter(other -> other.name().equals(upstream))
                    .findFirst()
                    .orElseThrow()
                    .number();
            return tasks.stream()
                    .map(each -> each.name().equals(task) ? without(each, missing) : each)
                    .toList();
        });
    }

    private static Task without(Task task, int missing) {
        Task cut = new Task(
                task.number(),
                task.name(),
                task.kind(),
                task.members(),
                task.upstream().stream().filter(number -> number != missing).toList(),
                task.samePartition().stream()
                        .filter(number -> number != missing)
                        .toList(),
                task.concurrency(),
                task.partitions());
        Assertions.assertThat(cut).as("it has lost an edge").isNotEqualTo(task);
        return cut;
    }

    private static Backfill over(Backfill backfill, Scope scope) {
        return new Backfill(
                backfill.name(),
                backfill.owner(),
                backfill.reason(),
                backfill.target(),
                scope,
                backfill.shadow(),
                backfill.merge(),
                backfill.limits(),
                backfill.audits(),
                backfill.publish());
    }

    private static Dag onlyWarned() {
        Backfill warned = new Backfill(
                COSTS.name(),
                COSTS.owner(),
                COSTS.reason(),
                COSTS.target(),
                COSTS.scope(),
                COSTS.shadow(),
                COSTS.merge(),
                COSTS.limits(),
                List.of(unique("id").warning()),
                COSTS.publish());
        return dag("warned").run(warned);
    }
}
