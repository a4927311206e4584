package dev.backstitch.assertj;

import static dev.backstitch.assertj.BackstitchAssertions.assertThat;
import static dev.backstitch.dsl.Dsl.*;
import static java.time.Duration.ofDays;

import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunState;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

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

    @ParameterizedTest
    @MethodSource
    void whatIsNot_fails_andShowsWhatIsAroundIt(ThrowingCallable assertion, String message) {
        Assertions.assertThatThrownBy(assertion)
                .isInstanceOf(AssertionError.class)
                .hasMessage(message);
    }

    static Stream<Arguments> whatIsNot_fails_andShowsWhatIsAroundIt() {
        return Stream.of(
                failing(
                        () -> assertThat(dag("x").run(COSTS).task(COSTS).after(COSTS))
                                .isSound(),
                        """
                        expected dag x to be sound, and it is not:
                          - BF-120 dag: expected an order in which each member has its turn, found a circle: costs -> costs. Take one of these edges away."""),
                failing(() -> assertThat(ONE).hasMembers("a", "b"), """
                        expected dag one to have the members [a, b], found [costs]"""),
                failing(() -> assertThat(ONE, FIFTH).hasTask("swap"), """
                        expected dag one to have a task swap, found none. the dag's tasks:
                          scope
                          shadow after scope
                          merge (3 partitions, 3 at a time) after shadow
                          audit after merge
                          publish after audit"""),
                failing(() -> assertThat(ONE, FIFTH).hasTask("merge").atMost(2), """
                        expected task merge to run at most 2 at a time, found 3; around it:
                          shadow after scope
                          merge (3 partitions, 3 at a time) after shadow
                          audit after merge"""),
                failing(() -> assertThat(ONE, FIFTH).hasTask("merge").forPartitions(31), """
                        expected task merge to run for 31 partitions, found 3: [2001-01-02, 2001-01-03, 2001-01-04]"""),
                failing(() -> assertThat(ONE, FIFTH).hasTask("audit").forEachPartition(), """
                        expected task audit to run for each partition, and it runs once; around it:
                          merge (3 partitions, 3 at a time) after shadow
                          audit after merge
                          publish after audit"""),
                failing(() -> assertThat(ONE, FIFTH).hasTask("merge").once(), """
                        expected task merge to run once, and it runs for 3 partitions; around it:
                          shadow after scope
                          merge (3 partitions, 3 at a time) after shadow
                          audit after merge"""),
                failing(() -> assertThat(ONE, FIFTH).hasTask("shadow").after("publish"), """
                        expected task shadow to run after publish, and it does not wait for it; around it:
                          scope
                          shadow after scope
                          merge (3 partitions, 3 at a time) after shadow"""),
                failing(
                        () -> assertThat(MARGIN, FIFTH).hasTask("costs.merge").afterSamePartitionOf("orders.merge"),
                        """
                        expected each partition of task costs.merge to wait for the same one of orders.merge, and it does not; around it:
                          costs.shadow after costs.scope
                          costs.merge (3 partitions, 3 at a time) after costs.shadow
                          costs.audit after costs.merge
                          orders.merge (3 partitions, 2 at a time) after orders.shadow, each after the same one of costs.merge"""),
                failing(() -> assertThat(MARGIN, FIFTH).runs("costs", "orders"), """
                        expected all of costs to run before orders in dag margin, and orders.scope does not wait for costs.scope; around it:
                          orders.scope
                          orders.shadow after orders.scope"""),
                failing(
                        () -> assertThat(dag("m").run(COSTS, sql("fix", "delete from app.costs")), FIFTH)
                                .neverTouchesTargetsBeforePublish(),
                        """
                        expected statement fix of dag m to wait for costs.publish, since it may write its target, and it does not; around it:
                          fix"""),
                failing(() -> assertThat(MARGIN, FIFTH).publishesTogether("costs", "orders"), """
                        expected dag margin to publish [costs, orders] in one transaction, and it does not. the dag's tasks:
                          costs.scope
                          costs.shadow after costs.scope
                          costs.merge (3 partitions, 3 at a time) after costs.shadow
                          costs.audit after costs.merge
                          orders.scope
                          orders.shadow after orders.scope
                          orders.merge (3 partitions, 2 at a time) after orders.shadow, each after the same one of costs.merge
                          costs.publish after costs.audit, orders.merge
                          orders.audit after orders.merge
                          orders.publish after costs.publish, orders.audit
                          refresh after orders.publish"""),
                failing(() -> assertThat(onlyWarned()).publishesOnlyAfterAudits(), """
                        expected backfill costs of dag warned to have a blocking audit, found only warnings: [unique(id)]"""),
                failing(
                        () -> assertThat(new RunResult("r1", RunState.FAILED, "BF-302 key 7 twice"))
                                .reached(RunState.PUBLISHED),
                        """
                        expected run r1 to have reached PUBLISHED, found FAILED: BF-302 key 7 twice"""));
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

    private static Arguments failing(ThrowingCallable assertion, String message) {
        return Arguments.of(assertion, message);
    }
}
