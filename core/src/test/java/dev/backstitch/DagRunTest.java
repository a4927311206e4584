package dev.backstitch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.CallTask;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Limits.Retry;
import dev.backstitch.spec.SqlTask;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Dags of several members, on a real state store and a connector in memory. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DagRunTest {
    private static final Limits PATIENT =
            new Limits(2, Duration.ofMinutes(1), new Retry(3, Duration.ZERO, Duration.ZERO));

    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final Backfill costs = Samples.backfill("costs");
    private final Backfill orders = Samples.backfill("orders");
    private final SqlTask refresh = new SqlTask("refresh", "call refresh()", PATIENT);
    private final List<Backstitch> open = new CopyOnWriteArrayList<>();

    @AfterEach
    void closeAll() {
        open.forEach(Backstitch::close);
    }

    @Test
    void members_runInTheirOrder() {
        List<CallTask.Call> calls = new CopyOnWriteArrayList<>();
        CallTask notify = new CallTask("notify", 1, PATIENT, calls::add);
        Dag dag = new Dag("margin", costs).then(orders).then(refresh).then(notify);

        RunResult result = run(dag);

        assertThat(result.state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.log.indexOf("published costs"))
                .isPositive()
                .isLessThan(connector.log.indexOf("shadow orders"));
        assertThat(connector.log).endsWith("published orders", "sql refresh");
        assertThat(connector.mergesCommitted)
                .hasSize(6)
                .allSatisfy((key, times) -> assertThat(times).isEqualTo(1));
        assertThat(calls).singleElement().satisfies(call -> {
            assertThat(call.run()).isEqualTo(result.run());
            assertThat(call.attempt()).isEqualTo(1);
            assertThat(call.key()).isEqualTo(result.run() + "/notify");
            assertThat(call.isCancelled()).isFalse();
        });
    }

    @Test
    void independentMembers_runSideBySide() {
        CountDownLatch both = new CountDownLatch(2);
        connector.inMerge = (partition, interrupt) -> {
            if (partition.id().equals("2001-01-01")) {
                both.countDown();
                await(both);
            }
        };
        Dag dag = new Dag("margin", List.of(costs, orders), List.of(), List.of());

        assertThat(run(dag).state()).isEqualTo(RunState.PUBLISHED);
    }

    @Test
    void aMerge_waitsForTheSamePartition_andForNoOther() {
        CountDownLatch secondOfCostsMayGo = new CountDownLatch(1);
        connector.inMerge = (partition, interrupt) -> {
            // The first merge of a day is that of costs: the second day is held until orders has merged the first one.
            if (partition.id().equals("2001-01-02") && !connector.log.contains("merged orders 2001-01-01")) {
                await(secondOfCostsMayGo);
            }
        };
        connector.afterMerge = (partition, interrupt) -> {
            if (connector.log.contains("merged orders 2001-01-01")) {
                secondOfCostsMayGo.countDown();
            }
        };
        Dag dag = new Dag("margin", costs).task(orders).afterSamePartitionOf(costs);

        assertThat(run(dag).state()).isEqualTo(RunState.PUBLISHED);

        for (String day : List.of("2001-01-01", "2001-01-02", "2001-01-03")) {
            assertThat(connector.log.indexOf("merged costs " + day))
                    .isNotNegative()
                    .isLessThan(connector.log.indexOf("merged orders " + day));
        }
        assertThat(connector.log.indexOf("published costs")).isLessThan(connector.log.indexOf("published orders"));
    }

    @Test
    void aFailedMember_keepsWhatWaitsForIt_andAResumeGoesOn() {
        AtomicBoolean broken = new AtomicBoolean(true);
        CallTask notify = new CallTask("notify", 1, PATIENT, call -> {
            if (broken.get()) {
                throw new java.io.IOException("no route to host");
            }
        });
        Dag dag = new Dag("margin", costs).then(notify).then(orders);
        Backstitch backstitch = open(dag);

        RunResult failed = backstitch.start(backstitch.plan(dag)).await();

        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        assertThat(failed.failure())
                .contains("BF-330 call notify version 1")
                .contains("attempt 3")
                .contains("no route to host");
        assertThat(connector.log).contains("published costs").doesNotContain("shadow orders");

        broken.set(false);
        assertThat(backstitch.resume(failed.run()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.log).containsOnlyOnce("published costs").containsOnlyOnce("published orders");
    }

    @Test
    void theFirstPartition_goesAlone_andItsFailureStopsTheOthers() {
        Backfill careful = Samples.backfill("costs", PATIENT.firstPartitionAlone());
        connector.inMerge = (partition, interrupt) -> {
            if (partition.id().equals("2001-01-01")) {
                throw new BackstitchException(ErrorCode.NULL_KEY, "a null key");
            }
        };

        assertThat(run(new Dag("margin", careful)).state()).isEqualTo(RunState.FAILED);

        assertThat(connector.mergesCommitted).isEmpty();
    }

    @Test
    void aStatementBesideBackfills_runsOnce_alsoWhenItsAnswerIsLost() {
        AtomicInteger asked = new AtomicInteger();
        connector.afterStatement = () -> {
            if (asked.incrementAndGet() == 1) {
                throw new BackstitchException(ErrorCode.CONNECTION_LOST, "the connection broke at COMMIT");
            }
        };

        assertThat(run(new Dag("margin", costs).then(refresh)).state()).isEqualTo(RunState.PUBLISHED);

        assertThat(asked).hasValue(2);
        assertThat(connector.log).containsOnlyOnce("sql refresh");
    }

    @Test
    void together_isOnePublish_andOneRollback() {
        Dag dag = new Dag("margin", List.of(costs, orders), List.of(), List.of()).publishTogether(costs, orders);
        Backstitch backstitch = open(dag);

        String run = backstitch.start(backstitch.plan(dag)).await().run();
        backstitch.rollback(run);

        assertThat(connector.log)
                .containsOnlyOnce("published costs and orders", "rolled back orders and costs")
                .doesNotContain("published costs", "published orders");
        assertThat(connector.log.indexOf("published costs and orders"))
                .isGreaterThan(connector.log.indexOf("audited costs"))
                .isGreaterThan(connector.log.indexOf("audited orders"));
    }

    @Test
    void together_isPublishedOnce_whenTheAnswerIsLost() {
        Dag dag = new Dag("margin", List.of(costs, orders), List.of(), List.of()).publishTogether(costs, orders);
        AtomicInteger lost = new AtomicInteger();
        connector.afterPublish = () -> {
            if (lost.incrementAndGet() == 1) {
                throw new BackstitchException(ErrorCode.CONNECTION_LOST, "the connection broke at COMMIT");
            }
        };

        assertThat(run(dag).state()).isEqualTo(RunState.PUBLISHED);

        assertThat(connector.log).containsOnlyOnce("published costs and orders");
    }

    @Test
    void aPublish_waitsForAPerson_andIsGoneOnWith() {
        Backfill careful = approved(costs);
        Dag dag = new Dag("margin", careful).then(orders);
        Backstitch backstitch = open(dag);

        RunResult waiting = backstitch.start(backstitch.plan(dag)).await();

        assertThat(waiting.state()).isEqualTo(RunState.AUDITED);
        assertThat(waiting.failure())
                .startsWith("BF-413")
                .contains("analytics.costs")
                .contains("approve(" + waiting.run());
        assertThat(connector.log).contains("audited costs").doesNotContain("published costs", "shadow orders");
        assertThat(backstitch.resume(waiting.run()).await().state()).isEqualTo(RunState.AUDITED);

        backstitch.approve(waiting.run(), "ann", "looked at the report");
        assertThat(backstitch.resume(waiting.run()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.log).containsOnlyOnce("published costs", "published orders");
    }

    @Test
    void whatAnAuditRefuses_cannotBeApproved() {
        connector.measured = 1;
        Dag dag = new Dag("margin", approved(costs));
        Backstitch backstitch = open(dag);

        RunResult failed = backstitch.start(backstitch.plan(dag)).await();

        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        assertThatThrownBy(() -> backstitch.approve(failed.run(), "ann", "in a hurry"))
                .hasMessageContaining("BF-503");
    }

    @Test
    void anApproval_isRefused_whereNothingWaitsForIt() {
        Dag dag = new Dag("margin", costs);
        Backstitch backstitch = open(dag);
        String run = backstitch.start(backstitch.plan(dag)).await().run();

        assertThatThrownBy(() -> backstitch.approve(run, "ann", "looked at it"))
                .hasMessageContaining("BF-503")
                .hasMessageContaining("afterApproval()");
        assertThatThrownBy(() -> backstitch.approve(run, " ", "looked at it"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void oneApprovalMissing_keepsAllThatArePublishedTogether() {
        Backfill careful = approved(costs);
        Dag dag = new Dag("margin", List.of(careful, orders), List.of(), List.of()).publishTogether(careful, orders);

        RunResult waiting = run(dag);

        assertThat(waiting.state()).isEqualTo(RunState.AUDITED);
        assertThat(connector.log).doesNotContain("published costs and orders");
    }

    private static Backfill approved(Backfill backfill) {
        return new Backfill(
                backfill.name(),
                backfill.owner(),
                backfill.reason(),
                backfill.target(),
                backfill.scope(),
                backfill.shadow(),
                backfill.merge(),
                backfill.limits(),
                backfill.audits(),
                backfill.publish().afterApproval());
    }

    @Test
    void rollback_takesTheLastPublishBackFirst() {
        Dag dag = new Dag("margin", costs).then(orders);
        Backstitch backstitch = open(dag);
        String run = backstitch.start(backstitch.plan(dag)).await().run();

        backstitch.rollback(run);

        assertThat(connector.log).endsWith("rolled back orders", "rolled back costs");
        assertThat(backstitch.runs().get(0).state()).isEqualTo(RunState.ROLLED_BACK);
    }

    @Test
    void rollback_asksWhoseWritesAreGivenUp() {
        Dag dag = new Dag("margin", costs).then(orders);
        Backstitch backstitch = open(dag);
        String run = backstitch.start(backstitch.plan(dag)).await().run();

        assertThatThrownBy(() -> backstitch.rollback(run, 3)).hasMessageContaining("[costs, orders]");
        assertThatThrownBy(() -> backstitch.rollback(run, java.util.Map.of("order", 3L)))
                .hasMessageContaining("BF-121")
                .hasMessageContaining("order ");
        assertThat(connector.log).noneMatch(line -> line.startsWith("rolled back"));
    }

    @Test
    void cancel_leavesWhatIsPublished_saysSo_andItCanBeRolledBack() {
        connector.inMerge = (partition, interrupt) -> {
            if (connector.log.contains("published costs")) {
                throw new BackstitchException(ErrorCode.NULL_KEY, "a null key");
            }
        };
        Dag dag = new Dag("margin", costs).then(orders);
        Backstitch backstitch = open(dag);
        String run = backstitch.start(backstitch.plan(dag)).await().run();

        backstitch.cancel(run);

        assertThat(backstitch.runs().get(0).state()).isEqualTo(RunState.CANCELLED);
        assertThat(backstitch.runs().get(0).failure())
                .contains("analytics.costs")
                .contains("rollback(" + run + ")");
        backstitch.rollback(run);
        assertThat(connector.log).contains("rolled back costs").doesNotContain("rolled back orders");
        assertThat(backstitch.runs().get(0).state()).isEqualTo(RunState.ROLLED_BACK);
    }

    @Test
    void aResume_goesOnWithEveryMember_afterTheEngineEnded() throws Exception {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch ordersBegun = new CountDownLatch(1);
        connector.afterMerge = (partition, interrupt) -> {
            if (connector.log.contains("merged orders 2001-01-01")) {
                ordersBegun.countDown();
            }
        };
        connector.inMerge = (partition, interrupt) -> {
            if (partition.id().equals("2001-01-02")) {
                await(ordersBegun);
                reached.countDown();
                interrupt.register(never::countDown);
                await(never);
            }
        };
        Dag dag = new Dag("margin", costs).task(orders).afterSamePartitionOf(costs);
        Backstitch first = open(dag);
        String run = first.start(first.plan(dag)).id();
        reached.await();
        first.close();

        connector.inMerge = (partition, interrupt) -> {};
        assertThat(open(dag).resume(run).await().state()).isEqualTo(RunState.PUBLISHED);

        assertThat(connector.mergesCommitted)
                .hasSize(6)
                .allSatisfy((key, times) -> assertThat(times).isEqualTo(1));
    }

    private RunResult run(Dag dag) {
        Backstitch backstitch = open(dag);
        return backstitch.start(backstitch.plan(dag)).await();
    }

    private Backstitch open(Dag dag) {
        Backstitch backstitch = Backstitch.open(BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                        .sweep(Duration.ofMillis(200)))
                .register(dag);
        open.add(backstitch);
        return backstitch;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
