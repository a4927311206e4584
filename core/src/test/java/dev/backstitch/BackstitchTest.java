package dev.backstitch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Limits.Retry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.Claiming;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.StateStores;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The engine on a real state store and a connector in memory: what it does when something around it fails. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BackstitchTest {
    private static final int DAYS = 8;

    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final Dag dag = Samples.flights(DAYS);
    private final List<Backstitch> open = new CopyOnWriteArrayList<>();

    @AfterEach
    void closeAll() {
        open.forEach(Backstitch::close);
    }

    @Test
    void aRun_mergesEachPartitionOnce_andPublishesOnce() {
        Backstitch backstitch = open(dag);

        RunResult result = backstitch.start(backstitch.plan(dag)).await();

        assertThat(result.state()).isEqualTo(RunState.PUBLISHED);
        assertEachPartitionMergedOnce();
        assertThat(connector.publishes).containsExactly(Map.entry(result.run(), 1));
        assertThat(backstitch.runs())
                .singleElement()
                .satisfies(run -> assertThat(run.state()).isEqualTo(RunState.PUBLISHED));
        assertThat(events)
                .filteredOn(RunEvent.PartitionMerged.class::isInstance)
                .hasSize(DAYS);
    }

    @Test
    void aPlanThatWasMadeElsewhere_isNotStarted() {
        Backstitch backstitch = open(dag);
        Plan here = backstitch.plan(dag);
        Plan elsewhere =
                new Plan(here.format(), here.dag(), here.plannedAt(), "duckdb", here.backfills(), here.tasks());

        assertThatThrownBy(() -> backstitch.start(elsewhere))
                .hasMessageStartingWith("BF-212 start of dag flights refused")
                .hasMessageContaining("made on memory, found one that was made on duckdb");
        assertThat(backstitch.runs()).isEmpty();
    }

    @Test
    void merges_runSideBySide_butNeverMoreThanDeclared() throws Exception {
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CyclicBarrier two = new CyclicBarrier(2);
        connector.inMerge = (partition, interrupt) -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            await(two);
            now.decrementAndGet();
        };
        // Each merge waits for another one beside it, to the last pair: a lane that ended early would be missed.
        Dag many = Samples.flights(60);
        Backstitch backstitch = open(many);

        assertThat(backstitch.start(backstitch.plan(many)).await().state()).isEqualTo(RunState.PUBLISHED);

        assertThat(most).hasValue(2);
    }

    @Test
    void aPassingFailure_isTriedAgain() {
        Set<String> failed = ConcurrentHashMap.newKeySet();
        connector.inMerge = (partition, interrupt) -> {
            if (failed.add(partition.id())) {
                throw new BackstitchException(ErrorCode.CONFLICT, "somebody else was faster");
            }
        };
        Backstitch backstitch = open(dag);

        assertThat(backstitch.start(backstitch.plan(dag)).await().state()).isEqualTo(RunState.PUBLISHED);

        assertEachPartitionMergedOnce();
        assertThat(events).filteredOn(RunEvent.TaskRetried.class::isInstance).hasSize(DAYS);
    }

    @Test
    void aPoisonPartition_failsAlone_isNamed_andIsAllThatAResumeMerges() {
        connector.inMerge = (partition, interrupt) -> {
            if (partition.id().equals("2001-01-03")) {
                throw new BackstitchException(ErrorCode.DUPLICATE_KEY, "key 7 twice in 2001-01-03");
            }
        };
        Backstitch backstitch = open(dag);
        RunResult failed = backstitch.start(backstitch.plan(dag)).await();

        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        assertThat(failed.failure()).contains("BF-302").contains("2001-01-03");
        assertThat(connector.mergesCommitted).hasSize(DAYS - 1);
        assertThat(connector.publishes).isEmpty();

        connector.inMerge = (partition, interrupt) -> {};
        assertThat(backstitch.resume(failed.run()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertEachPartitionMergedOnce();
    }

    @Test
    void attempts_areBounded() {
        AtomicInteger attempts = new AtomicInteger();
        connector.inMerge = (partition, interrupt) -> {
            attempts.incrementAndGet();
            throw new BackstitchException(ErrorCode.DATABASE_UNAVAILABLE, "not there");
        };
        Dag one = Samples.flights(1);
        Backstitch backstitch = open(one);

        assertThat(backstitch.start(backstitch.plan(one)).await().state()).isEqualTo(RunState.FAILED);
        assertThat(attempts).hasValue(3);
    }

    @Test
    void aMergeWhoseAcknowledgementIsLost_isNotDoneTwice() {
        connector.afterMerge = (partition, interrupt) -> {
            throw new BackstitchException(ErrorCode.CONNECTION_LOST, "the connection broke at COMMIT");
        };
        Backstitch backstitch = open(dag);

        assertThat(backstitch.start(backstitch.plan(dag)).await().state()).isEqualTo(RunState.PUBLISHED);
        assertEachPartitionMergedOnce();
    }

    @Test
    void aPublishWhoseAcknowledgementIsLost_isNotDoneTwice() {
        connector.afterPublish = () -> {
            throw new BackstitchException(ErrorCode.CONNECTION_LOST, "the connection broke at COMMIT");
        };
        Backstitch backstitch = open(dag);
        RunResult result = backstitch.start(backstitch.plan(dag)).await();

        assertThat(result.state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.publishes).containsExactly(Map.entry(result.run(), 1));
    }

    @Test
    void aLockThatDoesNotCome_leavesTheRunAudited_andAResumePublishes() {
        connector.inPublish = () -> {
            throw new BackstitchException(ErrorCode.LOCK_NOT_GRANTED, "not within PT0.3S");
        };
        Backstitch backstitch = open(dag);
        RunResult result = backstitch.start(backstitch.plan(dag)).await();
        assertThat(result.state()).isEqualTo(RunState.AUDITED);
        assertThat(connector.publishes).isEmpty();

        connector.inPublish = () -> {};
        assertThat(backstitch.resume(result.run()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertEachPartitionMergedOnce();
    }

    @Test
    void aLockThatDoesNotComeBeforeTheAudit_leavesTheRunFailed() {
        connector.inShadow = () -> {
            throw new BackstitchException(ErrorCode.LOCK_NOT_GRANTED, "not within PT0.3S");
        };
        Backstitch backstitch = open(dag);

        assertThat(backstitch.start(backstitch.plan(dag)).await().state()).isEqualTo(RunState.FAILED);
    }

    @Test
    void aStateStoreThatFailsNowAndThen_holdsNothingUp() {
        AtomicInteger reads = new AtomicInteger();
        connector.inMerge = (partition, interrupt) -> reads.compareAndSet(0, 1);
        StateStore failing = around(StateStores.h2(dir.resolve("state")), (method, call) -> {
            if (method.equals("runnable") && reads.get() > 0 && reads.incrementAndGet() < 5) {
                throw new BackstitchException(ErrorCode.DATABASE_UNAVAILABLE, "no answer");
            }
            return call.call();
        });
        Backstitch backstitch = open(BackstitchConfig.of(connector, failing).sweep(Duration.ofMillis(50)), dag);

        assertThat(backstitch.start(backstitch.plan(dag)).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(reads).hasValueGreaterThan(3);
        assertEachPartitionMergedOnce();
    }

    /** As a helper does that records the last merge, between the owner's count and its own look at what waits. */
    @Test
    void whatAnotherEngineHasJustOpened_isNoEnd() {
        StateStore opened = around(StateStores.h2(dir.resolve("state")), (method, call) -> {
            Object answer = call.call();
            return method.equals("open") ? Integer.valueOf(0) : answer;
        });
        Backstitch backstitch = open(BackstitchConfig.of(connector, opened).sweep(Duration.ofMillis(50)), dag);

        assertThat(backstitch.start(backstitch.plan(dag)).await().state()).isEqualTo(RunState.PUBLISHED);
    }

    @Test
    void anEngineWhoseClaimsAreRefused_looksWhetherItStillActs_andStandsDown() {
        AtomicBoolean taken = new AtomicBoolean();
        connector.inMerge = (partition, interrupt) -> taken.set(true);
        StateStore takenOver = around(StateStores.h2(dir.resolve("state")), (method, call) -> {
            Object answer = call.call();
            if (taken.get() && method.equals("claim")) {
                return new Claiming.NotReady();
            }
            if (taken.get() && method.equals("succeed")) {
                return Optional.empty();
            }
            return taken.get() && method.equals("run") ? Optional.empty() : answer;
        });
        Backstitch backstitch = open(BackstitchConfig.of(connector, takenOver), dag);
        Run run = backstitch.start(backstitch.plan(dag));

        assertThatThrownBy(run::await).hasMessageContaining("stands down").hasMessageContaining("another owner");
    }

    private interface Around {
        @Nullable
        Object call(String method, Callable<Object> call) throws Exception;
    }

    private static StateStore around(StateStore store, Around around) {
        return (StateStore) Proxy.newProxyInstance(
                StateStore.class.getClassLoader(),
                new Class<?>[] {StateStore.class},
                (proxy, method, arguments) -> around.call(method.getName(), () -> {
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw (Exception) e.getCause();
                    }
                }));
    }

    @Test
    void aFailedAudit_publishesNothing_andNamesItself() {
        connector.measured = 1;
        Backstitch backstitch = open(dag);
        RunResult result = backstitch.start(backstitch.plan(dag)).await();

        assertThat(result.state()).isEqualTo(RunState.FAILED);
        assertThat(result.failure())
                .contains("BF-321")
                .contains("unique(flight_id)")
                .contains("The target is untouched");
        assertThat(connector.publishes).isEmpty();
    }

    @Test
    void aResumeAfterAFailedAudit_mergesWhatItObjectedTo_andAReauditDoesNot() {
        connector.found = 1;
        Backstitch backstitch = open(dag);
        String run = backstitch.start(backstitch.plan(dag)).await().run();

        assertThat(backstitch.reaudit(run).await().failure()).startsWith("BF-320");
        assertEachPartitionMergedOnce();
        assertThat(backstitch.resume(run).await().failure()).startsWith("BF-320");
        assertThat(connector.mergesCommitted.values()).containsOnly(2);
        backstitch.accept(run, "odd", "ann", "it is even");

        assertThat(backstitch.resume(run).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.mergesCommitted).hasSize(DAYS);
        assertThat(connector.mergesCommitted.values()).containsOnly(2);
    }

    @Test
    void aResumeThatEndsBetweenLedgerAndStateStore_isGoneOnWithByTheNext() {
        connector.found = 1;
        AtomicBoolean lost = new AtomicBoolean(true);
        StateStore dying = around(StateStores.h2(dir.resolve("state")), (method, call) -> {
            if (method.equals("reopen") && lost.getAndSet(false)) {
                throw new BackstitchException(ErrorCode.DATABASE_UNAVAILABLE, "the process ends here");
            }
            return call.call();
        });
        Backstitch backstitch = open(BackstitchConfig.of(connector, dying), dag);
        String run = backstitch.start(backstitch.plan(dag)).await().run();

        assertThatThrownBy(() -> backstitch.resume(run)).hasMessageContaining("the process ends here");
        assertThat(backstitch.runs().get(0).state()).isEqualTo(RunState.FAILED);
        connector.found = 0;

        assertThat(backstitch.reaudit(run).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.mergesCommitted.values()).containsOnly(2);
    }

    @Test
    void aResumeAfterABrokenInvariant_mergesNothing() {
        connector.measured = 1;
        Backstitch backstitch = open(dag);
        String run = backstitch.start(backstitch.plan(dag)).await().run();

        assertThat(backstitch.resume(run).await().failure()).startsWith("BF-321");
        assertEachPartitionMergedOnce();
    }

    @Test
    void aResume_mergesWhatTheLedgerHasAsUnmerged_whateverTheStateStoreSays() {
        connector.found = 1;
        Backstitch backstitch = open(dag);
        String run = backstitch.start(backstitch.plan(dag)).await().run();
        WorkOrder order = backstitch.ordersOf(run).get(0);
        connector.reseed(order, order.scope().subList(1, 2), Interrupt.never());
        connector.found = 0;

        assertThat(backstitch.reaudit(run).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.mergesCommitted.values().stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .isEqualTo(DAYS + 1);
    }

    @Test
    void aTimeout_interruptsTheStatement_andIsTriedAgain() {
        Set<String> stuck = ConcurrentHashMap.newKeySet();
        connector.inMerge = (partition, interrupt) -> {
            if (stuck.add(partition.id())) {
                CountDownLatch stopped = new CountDownLatch(1);
                interrupt.register(stopped::countDown);
                await(stopped);
            }
        };
        Dag impatient =
                Samples.flights(2, new Limits(2, Duration.ofMillis(50), new Retry(3, Duration.ZERO, Duration.ZERO)));
        Backstitch backstitch = open(impatient);

        assertThat(backstitch.start(backstitch.plan(impatient)).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(events)
                .filteredOn(RunEvent.TaskRetried.class::isInstance)
                .isNotEmpty()
                .allSatisfy(event ->
                        assertThat(((RunEvent.TaskRetried) event).error()).startsWith("BF-314"));
    }

    @Test
    void aClosedEngine_interruptsWhatRuns_andAnotherOneGoesOnAtOnce() {
        CountDownLatch running = new CountDownLatch(2);
        connector.inMerge = (partition, interrupt) -> {
            CountDownLatch stopped = new CountDownLatch(1);
            interrupt.register(stopped::countDown);
            running.countDown();
            await(stopped);
        };
        Backstitch first = open(dag);
        Run run = first.start(first.plan(dag));
        await(running);
        first.close();

        assertThatThrownBy(run::await).isInstanceOf(BackstitchException.class).hasMessageContaining("can be resumed");
        connector.inMerge = (partition, interrupt) -> {};
        Backstitch second = open(dag);
        assertThat(second.unfinished(dag)).isPresent();
        assertThat(second.resume(run.id()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertEachPartitionMergedOnce();
    }

    @Test
    void aRunThatIsWorkedOn_isNotResumedASecondTime_andGoesOn() {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        connector.inMerge = (partition, interrupt) -> {
            running.countDown();
            await(goOn);
        };
        Backstitch backstitch = open(dag);
        Run run = backstitch.start(backstitch.plan(dag));
        await(running);

        assertThatThrownBy(() -> backstitch.resume(run.id())).hasMessageStartingWith("BF-501");
        goOn.countDown();
        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
        assertEachPartitionMergedOnce();
    }

    @Test
    void aCancelThatCrashedHalfway_isFinishedByWhoeverResumes() {
        connector.measured = 1;
        Backstitch first = open(dag);
        String run = first.start(first.plan(dag)).await().run();
        connector.abandon(first.ordersOf(run).get(0));

        assertThatThrownBy(() -> first.resume(run))
                .hasMessageStartingWith("BF-503")
                .hasMessageContaining("is cancelled now");
        assertThat(first.runs())
                .singleElement()
                .satisfies(record -> assertThat(record.state()).isEqualTo(RunState.CANCELLED));
        first.cancel(run);
    }

    @Test
    void aFullDisk_pausesTheRun_whichIsResumedWhenThereIsRoom() {
        connector.inMerge = (partition, interrupt) -> {
            throw new BackstitchException(ErrorCode.NO_SPACE, "no room");
        };
        Backstitch backstitch = open(dag);
        RunResult paused = backstitch.start(backstitch.plan(dag)).await();
        assertThat(paused.state()).isEqualTo(RunState.FAILED);
        assertThat(paused.failure()).startsWith("BF-316");

        connector.inMerge = (partition, interrupt) -> {};
        assertThat(backstitch.resume(paused.run()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertEachPartitionMergedOnce();
    }

    @Test
    void aListenerThatThrows_changesNothing() {
        Backstitch backstitch = Backstitch.open(config().listener(event -> {
                    throw new IllegalStateException("a listener's own trouble");
                }))
                .register(dag);
        open.add(backstitch);

        assertThat(backstitch.start(backstitch.plan(dag)).await().state()).isEqualTo(RunState.PUBLISHED);
    }

    @Test
    void anEditedDag_isNotResumed_andTheDifferenceIsNamed() {
        connector.measured = 1;
        Backstitch first = open(dag);
        String run = first.start(first.plan(dag)).await().run();
        first.close();
        Dag edited =
                Samples.flights(DAYS, new Limits(5, Duration.ofMinutes(1), new Retry(3, Duration.ZERO, Duration.ZERO)));

        assertThatThrownBy(() -> open(edited).resume(run))
                .hasMessageStartingWith("BF-505")
                .hasMessageContaining("flights_delay_class.limits.concurrency: planned 2, now 5");
    }

    @Test
    void anEndedRun_isNeitherResumedNorCancelled_andIsRolledBackOnce() {
        Backstitch backstitch = open(dag);
        String run = backstitch.start(backstitch.plan(dag)).await().run();

        assertThatThrownBy(() -> backstitch.resume(run)).hasMessageStartingWith("BF-503");
        assertThatThrownBy(() -> backstitch.cancel(run)).hasMessageStartingWith("BF-503");
        backstitch.rollback(run);
        assertThat(backstitch.runs())
                .singleElement()
                .satisfies(record -> assertThat(record.state()).isEqualTo(RunState.ROLLED_BACK));
        assertThatThrownBy(() -> backstitch.rollback(run)).hasMessageStartingWith("BF-503");
        assertThatThrownBy(() -> backstitch.resume("unknown")).hasMessageStartingWith("BF-502");
    }

    @Test
    void aCancelledRun_interruptsWhatRuns_andStaysCancelled() {
        CountDownLatch running = new CountDownLatch(1);
        connector.inMerge = (partition, interrupt) -> {
            CountDownLatch stopped = new CountDownLatch(1);
            interrupt.register(stopped::countDown);
            running.countDown();
            await(stopped);
        };
        Backstitch backstitch = open(dag);
        Run run = backstitch.start(backstitch.plan(dag));
        await(running);

        backstitch.cancel(run.id());

        assertThatThrownBy(run::await).hasMessageContaining("cancelled");
        assertThat(backstitch.runs())
                .singleElement()
                .satisfies(record -> assertThat(record.state()).isEqualTo(RunState.CANCELLED));
        assertThat(connector.publishes).isEmpty();
    }

    @Test
    void aRunThatCrashedAfterItsPublish_isNotCancelled_butSettledAsPublished() {
        CountDownLatch published = new CountDownLatch(1);
        CountDownLatch crash = new CountDownLatch(1);
        connector.afterPublish = () -> {
            published.countDown();
            await(crash);
            throw new BackstitchException(ErrorCode.CANCELLED, "the process ends here");
        };
        Backstitch backstitch = open(dag);
        Run run = backstitch.start(backstitch.plan(dag));
        await(published);

        assertThatThrownBy(() -> backstitch.cancel(run.id()))
                .hasMessageStartingWith("BF-503")
                .hasMessageContaining("published before it could be cancelled");
        crash.countDown();
        assertThat(backstitch.runs())
                .singleElement()
                .satisfies(record -> assertThat(record.state()).isEqualTo(RunState.PUBLISHED));
    }

    @Test
    void aPublishWhoseAnswerWasLost_isTold() {
        connector.afterPublish = () -> {
            throw new BackstitchException(ErrorCode.CONNECTION_LOST, "no answer to the commit");
        };
        Backstitch backstitch = open(dag);

        assertThat(backstitch.start(backstitch.plan(dag)).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.publishes.values()).containsExactly(1);
        assertPublishIsTold(1);
    }

    @Test
    void aRunThatCannotRemoveItsOwnTables_saysThatItIsPublished_andAResumeRemovesThem() {
        connector.inClear = () -> {
            throw new BackstitchException(ErrorCode.LOCK_NOT_GRANTED, "the table is locked.");
        };
        Backstitch backstitch = open(dag);
        RunResult ended = backstitch.start(backstitch.plan(dag)).await();

        assertThat(ended.state()).isEqualTo(RunState.FAILED);
        assertThat(ended.failure()).startsWith("BF-405").contains("is published", "the table is locked.", "Resume");
        assertPublishIsTold(1);

        connector.inClear = () -> {};
        assertThat(backstitch.resume(ended.run()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.publishes.values()).containsExactly(1);
        assertPublishIsTold(2);
    }

    @Test
    void aRunThatIsPublished_staysSo_whoeverHasTheHeadSince() {
        connector.inClear = () -> {
            throw new BackstitchException(ErrorCode.LOCK_NOT_GRANTED, "the table is locked.");
        };
        Backstitch backstitch = open(dag);
        Plan plan = backstitch.plan(dag);
        String resumed = backstitch.start(plan).await().run();
        WorkOrder later = WorkOrders.of(plan, "later", 1, "somebody").get(0);
        connector.head(later, Head.State.ABANDONED);
        connector.inClear = () -> connector.log.add("cleared");

        assertThat(backstitch.resume(resumed).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.publishes).containsExactly(Map.entry(resumed, 1));
        assertThat(connector.log).endsWith("cleared");
        backstitch.rollback(resumed);
        assertThat(connector.log).endsWith("rolled back flights_delay_class");
    }

    @Test
    void aRunThatIsPublished_isNotGivenUp_whoeverHasTheHeadSince() {
        connector.inClear = () -> {
            throw new BackstitchException(ErrorCode.LOCK_NOT_GRANTED, "the table is locked.");
        };
        Backstitch backstitch = open(dag);
        Plan plan = backstitch.plan(dag);
        String run = backstitch.start(plan).await().run();
        connector.head(WorkOrders.of(plan, "later", 1, "somebody").get(0), Head.State.BUILDING);
        connector.inClear = () -> connector.log.add("cleared");

        assertThatThrownBy(() -> backstitch.cancel(run)).hasMessageContaining("published before it could be cancelled");
        assertThat(connector.log).endsWith("cleared");
        assertThat(backstitch.runs().get(0).state()).isEqualTo(RunState.PUBLISHED);
    }

    @Test
    void aRunWhoseTargetAnotherOneHas_isCancelled_byWhoeverResumes() {
        connector.measured = 1;
        Backstitch backstitch = open(dag);
        Plan plan = backstitch.plan(dag);
        String run = backstitch.start(plan).await().run();
        connector.head(WorkOrders.of(plan, "later", 1, "somebody").get(0), Head.State.PUBLISHED);

        assertThatThrownBy(() -> backstitch.resume(run)).hasMessageContaining("is cancelled now");
        assertThat(backstitch.runs().get(0).state()).isEqualTo(RunState.CANCELLED);
    }

    private void assertPublishIsTold(int times) {
        assertThat(events.stream().filter(RunEvent.Published.class::isInstance).map(RunEvent.Published.class::cast))
                .hasSize(times)
                .allSatisfy(told -> assertThat(told.archive().rowsPublished()).isEqualTo(4));
    }

    @Test
    void aThousandPartitions_areMergedOnceEach() {
        Dag long_ = Samples.flights(1000, new Limits(4, Duration.ofMinutes(1), Retry.DEFAULT));
        Backstitch backstitch = open(long_);
        Plan plan = backstitch.plan(long_);

        assertThat(backstitch.start(plan).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.mergesCommitted)
                .hasSize(1000)
                .allSatisfy((id, count) -> assertThat(count).isEqualTo(1));
    }

    private void assertEachPartitionMergedOnce() {
        assertThat(connector.mergesCommitted)
                .hasSize(DAYS)
                .allSatisfy((id, count) -> assertThat(count).isEqualTo(1));
    }

    @Test
    void resume_isRefused_whenAViewWasRedefinedWithMergesLeft_andSaysWhich() {
        connector.inMerge = (partition, interrupt) -> {
            if (partition.id().equals("2001-01-03")) {
                throw new BackstitchException(ErrorCode.STATEMENT_REFUSED, "broken");
            }
        };
        Backstitch backstitch = open(dag);
        RunResult failed = backstitch.start(backstitch.plan(dag)).await();
        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        connector.inMerge = (partition, interrupt) -> {};
        connector.source = "second";

        assertThatThrownBy(() -> backstitch.resume(failed.run()))
                .hasMessageStartingWith("BF-505")
                .hasMessageContaining(
                        "flights_delay_class reads view staging.flights: planned with definition first, now"
                                + " with definition second")
                .hasMessageContaining("cancel(" + failed.run() + ")");

        connector.source = "first";
        assertThat(backstitch.resume(failed.run()).await().state()).isEqualTo(RunState.PUBLISHED);
    }

    @Test
    void resume_mindsNoView_whenAllIsMerged() {
        connector.inPublish = () -> {
            throw new BackstitchException(ErrorCode.DRIFT, "written meanwhile");
        };
        Backstitch backstitch = open(dag);
        RunResult failed = backstitch.start(backstitch.plan(dag)).await();
        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        connector.inPublish = () -> {};
        connector.source = "second";

        assertThat(backstitch.resume(failed.run()).await().state()).isEqualTo(RunState.PUBLISHED);
    }

    private Backstitch open(Dag registered) {
        return open(config(), registered);
    }

    private Backstitch open(BackstitchConfig config, Dag registered) {
        Backstitch backstitch = Backstitch.open(config.listener(events::add)).register(registered);
        open.add(backstitch);
        return backstitch;
    }

    private BackstitchConfig config() {
        return BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                .sweep(Duration.ofMillis(200));
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(20, SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
