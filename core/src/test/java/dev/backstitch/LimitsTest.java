package dev.backstitch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Limits.Breaker;
import dev.backstitch.spec.Limits.Pool;
import dev.backstitch.spec.Limits.Retry;
import dev.backstitch.spec.Percent;
import dev.backstitch.spec.Window.Recurring;
import dev.backstitch.spec.Windows;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.MDC;

/** What keeps the engine from beginning, and what makes it end: pools, rates, breakers, budgets, windows. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LimitsTest {
    private static final Limits EAGER =
            new Limits(4, Duration.ofMinutes(1), new Retry(3, Duration.ZERO, Duration.ZERO));
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
    private static final Windows NIGHTS = new Windows(Recurring.daily(LocalTime.of(22, 0), LocalTime.of(6, 0), BERLIN));

    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final List<Backstitch> open = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    @AfterEach
    void closeAll() {
        open.forEach(Backstitch::close);
    }

    private Backstitch engine(Clock clock) {
        Backstitch engine = Backstitch.open(BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                .sweep(Duration.ofMillis(50))
                .clock(clock)
                .listener(events::add));
        open.add(engine);
        return engine;
    }

    private Backstitch engine() {
        return engine(Clock.systemUTC());
    }

    private RunResult run(Dag dag) {
        Backstitch engine = engine().register(dag);
        return engine.start(engine.plan(dag)).await();
    }

    private static Dag timed(Dag dag, Windows during) {
        return new Dag(dag.name(), dag.backfills().get(0).during(during));
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
        }
    }

    private void countWhileWorking() {
        connector.inMerge = (partition, interrupt) -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
            running.decrementAndGet();
        };
    }

    private List<InstanceRecord> instances(String run) {
        return open.get(0).config().state().instances(run);
    }

    private long merged() {
        return events.stream()
                .filter(RunEvent.PartitionMerged.class::isInstance)
                .count();
    }

    @Test
    void threeRunsOnTwoEngines_shareAPoolOfTwo() {
        countWhileWorking();
        Limits limits = EAGER.pool(new Pool("warehouse", 2));
        List<Dag> dags = List.of(
                new Dag("one", Samples.backfill("one", limits)),
                new Dag("two", Samples.backfill("two", limits)),
                new Dag("three", Samples.backfill("three", limits)));
        Backstitch first = engine();
        Backstitch second = engine();
        dags.forEach(dag -> List.of(first, second).forEach(engine -> engine.register(dag)));
        first.work();
        second.work();
        List<Run> runs = List.of(
                first.start(first.plan(dags.get(0))),
                second.start(second.plan(dags.get(1))),
                second.start(second.plan(dags.get(2))));

        assertThat(runs).allSatisfy(run -> assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED));

        assertThat(most).hasValueBetween(1, 2);
        assertThat(merged()).isEqualTo(9);
        assertThat(first.config().state().waitsFor(runs.get(0).id())).isEmpty();
    }

    @Test
    void aRun_hasItsOwnConcurrency_overAllOfItsMembers() {
        countWhileWorking();
        Dag dag = new Dag("many", Samples.backfill("one", EAGER))
                .task(Samples.backfill("two", EAGER))
                .after(Samples.backfill("one", EAGER));
        Dag sideBySide = new Dag(
                "many", List.of(Samples.backfill("one", EAGER), Samples.backfill("two", EAGER)), List.of(), List.of());
        assertThat(run(sideBySide).state()).isEqualTo(RunState.PUBLISHED);
        assertThat(most).hasValueGreaterThan(1);
        most.set(0);

        assertThat(run(new Dag(sideBySide.name() + "2", sideBySide.members(), List.of(), List.of()).concurrency(1))
                        .state())
                .isEqualTo(RunState.PUBLISHED);

        assertThat(most).hasValue(1);
        assertThat(dag.concurrency(1).limits().orElseThrow().concurrency()).hasValue(1);
    }

    @Test
    void partitions_beginNoFasterThanTheirRate() {
        RunResult result = run(Samples.flights(6, EAGER.rateLimit(20, Duration.ofSeconds(1))));

        assertThat(result.state()).isEqualTo(RunState.PUBLISHED);
        List<Instant> begun = instances(result.run()).stream()
                .filter(instance -> !instance.partition().isEmpty())
                .map(instance -> instance.startedAt().orElseThrow())
                .sorted()
                .toList();
        assertThat(Duration.between(begun.get(0), begun.get(5))).isGreaterThan(Duration.ofMillis(240));
    }

    @Test
    void failFast_finishesWhatRuns_andBeginsNothingMore() throws Exception {
        CyclicBarrier both = new CyclicBarrier(2);
        connector.inMerge = (partition, interrupt) -> {
            boolean first = partition.id().endsWith("-01");
            if (first || partition.id().endsWith("-02")) {
                meet(both);
            }
            if (first) {
                throw new BackstitchException(ErrorCode.DUPLICATE_KEY, "the first is wrong");
            }
            until(() -> open.get(0).runs().get(0).state() == RunState.FAILING);
        };

        Limits two = new Limits(2, Duration.ofMinutes(1), EAGER.retry()).failFast();
        RunResult result = run(Samples.flights(30, two));

        assertThat(result.state()).isEqualTo(RunState.FAILED);
        assertThat(result.failure()).contains("the first is wrong");
        assertThat(merged()).isEqualTo(1);
        assertThat(connector.publishes).isEmpty();
        connector.inMerge = (partition, interrupt) -> {};
        assertThat(open.get(0).resume(result.run()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(merged()).isEqualTo(30);
    }

    @Test
    void aPublishThatWaitsForAPerson_isNoFailure_howeverFastARunFails() {
        Backfill one = Samples.backfill("one", EAGER.failFast());
        Backfill waiting = new Backfill(
                one.name(),
                one.owner(),
                one.reason(),
                one.target(),
                one.scope(),
                one.shadow(),
                one.merge(),
                one.limits(),
                one.audits(),
                one.publish().afterApproval());

        assertThat(run(new Dag("waits", waiting)).state()).isEqualTo(RunState.AUDITED);
    }

    @Test
    void theBreaker_trips_andAResumeClosesIt() {
        AtomicInteger attempts = new AtomicInteger();
        connector.inMerge = (partition, interrupt) -> {
            if (attempts.incrementAndGet() > 10) {
                throw new BackstitchException(ErrorCode.CONFLICT, "the source is gone");
            }
        };
        Limits limits = new Limits(1, Duration.ofMinutes(1), new Retry(1000, Duration.ZERO, Duration.ZERO))
                .breaker(new Breaker(new Percent(BigDecimal.valueOf(20))).after(3));

        RunResult result = run(Samples.flights(40, limits));

        assertThat(result.state()).isEqualTo(RunState.FAILED);
        assertThat(result.failure())
                .startsWith("BF-340 the breaker of flights_delay_class has tripped: expected at most 20% of its merges'"
                        + " attempts to fail, found 3 of 13.")
                .endsWith("The first of them, 2001-01-11: BF-312 the source is gone");
        assertThat(attempts).hasValue(13);
        attempts.set(-100);
        assertThat(open.get(0).resume(result.run()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(merged()).isEqualTo(40);
    }

    @Test
    void eachKindOfFailure_hasItsOwnBudget() {
        AtomicInteger attempts = new AtomicInteger();
        connector.inMerge = (partition, interrupt) -> {
            switch (attempts.incrementAndGet()) {
                case 1, 3 -> throw new BackstitchException(ErrorCode.CONFLICT, "in the way");
                case 2, 5 -> throw new BackstitchException(ErrorCode.STATEMENT_REFUSED, "division by zero");
                case 4 -> throw new BackstitchException(ErrorCode.TIMED_OUT, "too slow");
                default -> {}
            }
        };
        Retry retry = new Retry(3, Duration.ZERO, Duration.ZERO).timeouts(2).errors(3);

        RunResult result = run(Samples.flights(1, new Limits(1, Duration.ofMinutes(1), retry)));

        assertThat(result.state()).isEqualTo(RunState.PUBLISHED);
        assertThat(attempts).hasValue(6);
    }

    @Test
    void aBudgetThatIsUsedUp_failsTheInstance_whateverTheOthersHold() {
        AtomicInteger attempts = new AtomicInteger();
        connector.inMerge = (partition, interrupt) -> {
            attempts.incrementAndGet();
            throw new BackstitchException(ErrorCode.TIMED_OUT, "too slow");
        };
        Retry retry = new Retry(9, Duration.ZERO, Duration.ZERO).timeouts(2);

        assertThat(run(Samples.flights(1, new Limits(1, Duration.ofMinutes(1), retry)))
                        .failure())
                .contains("too slow");

        assertThat(attempts).hasValue(2);
    }

    @Test
    void aRunThatTakesTooLong_isCancelledOnTheServer_andCanBeResumed() {
        MutableClock clock = new MutableClock("2026-06-01T00:00:00Z");
        connector.inMerge = (partition, interrupt) -> {
            clock.forward(Duration.ofHours(7));
            until(interrupt::isPulled);
            interrupt.throwIfPulled();
        };
        Dag dag = Samples.flights(3, EAGER).timeout(Duration.ofHours(6));
        Backstitch engine = engine(clock).register(dag);

        RunResult result = engine.start(engine.plan(dag)).await();

        assertThat(result.state()).isEqualTo(RunState.FAILED);
        assertThat(result.failure())
                .startsWith("BF-314 run " + result.run() + " took longer than 6 hours, the timeout of its dag.");
        connector.inMerge = (partition, interrupt) -> {};
        until(() -> engine.runs().get(0).state() == RunState.FAILED);
        assertThat(engine.resume(result.run()).await().state()).isEqualTo(RunState.PUBLISHED);
    }

    /** The clock goes forward in Berlin on 29 March 2026 at 01:00 UTC and back on 25 October. */
    @Test
    void aRetry_waitsByTheEnginesClock_whateverTheClocksOfThePlaceDo() {
        for (String night : List.of("2026-03-29T00:30:00Z", "2026-10-25T00:30:00Z")) {
            MutableClock clock = new MutableClock(night);
            Retry retry = new Retry(5, Duration.ofHours(2), Duration.ofHours(6));
            Dag dag = Samples.flights(1, new Limits(1, Duration.ofMinutes(1), retry));
            Dag named = new Dag("retried-" + night.substring(5, 7), dag.members(), List.of(), List.of());
            List<Instant> attempts = new CopyOnWriteArrayList<>();
            connector.inMerge = (partition, interrupt) -> {
                attempts.add(clock.instant());
                if (attempts.size() < 5) {
                    throw new BackstitchException(ErrorCode.CONFLICT, "in the way");
                }
            };
            events.clear();
            Backstitch engine = engine(clock).register(named);

            Run run = engine.start(engine.plan(named));
            until(() -> {
                clock.forward(Duration.ofMinutes(1));
                return attempts.size() == 5;
            });

            assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
            List<Duration> pauses = events.stream()
                    .filter(RunEvent.TaskRetried.class::isInstance)
                    .map(event -> ((RunEvent.TaskRetried) event).pause())
                    .toList();
            assertThat(pauses).hasSize(4).anyMatch(pause -> pause.compareTo(Duration.ofMinutes(10)) > 0);
            for (int i = 0; i < pauses.size(); i++) {
                assertThat(Duration.between(attempts.get(i), attempts.get(i + 1)))
                        .as("between attempts %d and %d", i + 1, i + 2)
                        .isGreaterThanOrEqualTo(pauses.get(i));
            }
        }
    }

    /** In Berlin the clocks jump on 29 March and 25 October 2026. */
    @Test
    void aRun_waitsForItsWindow_overTwoChangesOfTheClock() {
        for (String night :
                List.of("2026-03-28T20:59:59Z 2026-03-29T03:59:59Z", "2026-10-24T19:59:59Z 2026-10-25T04:59:59Z")) {
            MutableClock clock = new MutableClock(night.split(" ")[0]);
            Dag dag = timed(Samples.flights(3, new Limits(1, Duration.ofMinutes(1), EAGER.retry())), NIGHTS);
            Dag named = new Dag("night", dag.members(), List.of(), List.of());
            Backstitch engine = engine(clock).register(named);
            events.clear();
            connector.inMerge = (partition, interrupt) -> {
                if (partition.id().endsWith("-02")) {
                    // The window closes while the second one is merged: it is finished, and the third waits.
                    clock.set(night.split(" ")[1]);
                    clock.forward(Duration.ofSeconds(1));
                }
            };

            Run run = engine.start(engine.plan(named));
            until(() -> events.stream().anyMatch(RunEvent.TaskWaits.class::isInstance));
            assertThat(events)
                    .filteredOn(RunEvent.TaskSucceeded.class::isInstance)
                    .isEmpty();
            clock.forward(Duration.ofSeconds(1));
            until(() ->
                    events.stream().filter(RunEvent.TaskWaits.class::isInstance).count() == 2);
            assertThat(merged()).isEqualTo(2);
            assertThat(engine.config().state().run(run.id()).orElseThrow().state())
                    .isEqualTo(RunState.RUNNING);
            clock.forward(Duration.ofHours(20));

            assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
            assertThat(events)
                    .filteredOn(RunEvent.TaskWaits.class::isInstance)
                    .extracting(event -> ((RunEvent.TaskWaits) event).until().orElseThrow())
                    .first()
                    .isEqualTo(Instant.parse(night.split(" ")[0]).plusSeconds(1));
            connector.publishes.clear();
        }
    }

    @Test
    void whatIsDeclaredSo_isCancelledWhenItsWindowCloses_andBeginsAgainWhenItOpens() {
        MutableClock clock = new MutableClock("2026-06-01T23:00:00Z");
        AtomicInteger cancelled = new AtomicInteger();
        connector.inMerge = (partition, interrupt) -> {
            if (cancelled.get() == 0) {
                clock.set("2026-06-02T04:00:00Z");
                until(interrupt::isPulled);
                cancelled.incrementAndGet();
                interrupt.throwIfPulled();
            }
        };
        Dag dag = timed(
                Samples.flights(2, new Limits(1, Duration.ofMinutes(1), new Retry(1, Duration.ZERO, Duration.ZERO))),
                NIGHTS.cancellingAtClose());
        Backstitch engine = engine(clock).register(dag);

        Run run = engine.start(engine.plan(dag));
        until(() -> cancelled.get() == 1
                && instances(run.id()).stream().allMatch(each -> each.state() != InstanceState.RUNNING));
        assertThat(instances(run.id()))
                .filteredOn(each -> !each.error().isEmpty())
                .singleElement()
                .satisfies(each -> assertThat(each.error()).startsWith("BF-341 its window has closed"));
        clock.set("2026-06-02T20:00:00Z");

        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(cancelled).hasValue(1);
    }

    @Test
    void aPublish_waitsForAWindowOfItsOwn() {
        MutableClock clock = new MutableClock("2026-06-01T12:00:00Z");
        Backfill backfill = Samples.backfill("one", EAGER).publishDuring(NIGHTS);
        Dag dag = new Dag("quiet", backfill);
        Backstitch engine = engine(clock).register(dag);

        Run run = engine.start(engine.plan(dag));
        until(() -> events.stream().anyMatch(RunEvent.TaskWaits.class::isInstance));
        assertThat(connector.publishes).isEmpty();
        assertThat(instances(run.id()))
                .filteredOn(each -> each.state() != InstanceState.SUCCEEDED)
                .singleElement()
                .satisfies(each -> assertThat(each.state()).isEqualTo(InstanceState.READY));
        clock.set("2026-06-01T20:00:00Z");

        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
    }

    @Test
    void whatLogsWhileATaskRuns_knowsItsRunTaskAndPartition() {
        List<String> seen = new CopyOnWriteArrayList<>();
        connector.inMerge =
                (partition, interrupt) -> seen.add(MDC.get("run") + " " + MDC.get("task") + " " + MDC.get("partition"));

        RunResult result = run(Samples.flights(1, EAGER));

        assertThat(seen).containsExactly(result.run() + " merge 2001-01-01");
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
