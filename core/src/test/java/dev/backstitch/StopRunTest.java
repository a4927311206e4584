package dev.backstitch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Limits.Retry;
import dev.backstitch.state.Owner;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A run that a person pauses or cancels, in its own process and from another engine that shares the state store. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StopRunTest {
    private static final int DAYS = 8;

    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final List<Backstitch> open = new CopyOnWriteArrayList<>();
    private final CountDownLatch merging = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final Dag dag = Samples.flights(DAYS);
    private Backstitch acting;
    private Backstitch other;

    @BeforeEach
    void openTwo() {
        acting = engine();
        other = engine();
    }

    private Backstitch engine() {
        Backstitch engine = Backstitch.open(BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                        .actor("ann")
                        .sweep(Duration.ofMillis(100))
                        .listener(events::add))
                .register(dag);
        open.add(engine);
        return engine;
    }

    @AfterEach
    void closeAll() {
        goOn.countDown();
        open.forEach(Backstitch::close);
    }

    private Run startAndStopInAMerge() {
        connector.inMerge = (partition, interrupt) -> {
            CountDownLatch stopped = new CountDownLatch(1);
            interrupt.register(stopped::countDown);
            merging.countDown();
            while (goOn.getCount() > 0 && stopped.getCount() > 0) {
                Thread.onSpinWait();
            }
        };
        Run run = acting.start(acting.plan(dag));
        await(merging);
        return run;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private RunRecord only() {
        return other.runs().get(0);
    }

    @Test
    void aPause_letsWhatRunsFinish_andNothingMoreBegins() {
        Run run = startAndStopInAMerge();

        other.pause(run.id());
        other.pause(run.id());
        assertThat(only().state()).isEqualTo(RunState.PAUSING);
        goOn.countDown();
        RunResult paused = run.await();

        assertThat(paused.state()).isEqualTo(RunState.PAUSED);
        assertThat(paused.failure()).isEqualTo("paused by ann");
        assertThat(connector.mergesCommitted).hasSizeBetween(1, 2);
        assertThat(only().state()).isEqualTo(RunState.PAUSED);
        assertThat(only().endedAt()).isPresent();
        assertThat(events).anyMatch(RunEvent.RunPaused.class::isInstance);
        assertThat(events).noneMatch(RunEvent.RunFailed.class::isInstance);

        connector.inMerge = (partition, interrupt) -> {};
        assertThat(other.resume(run.id()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.mergesCommitted).hasSize(DAYS);
        assertThat(connector.mergesCommitted.values()).containsOnly(1);
    }

    @Test
    void aPause_isHeeded_alsoByARunThatOnlyWaitsToTryAgain() {
        connector.inMerge = (partition, interrupt) -> {
            merging.countDown();
            throw new BackstitchException(ErrorCode.CONFLICT, "somebody else was faster");
        };
        Backstitch slow = Backstitch.open(BackstitchConfig.of(connector, StateStores.h2(dir.resolve("slow")))
                .sweep(Duration.ofMinutes(5)));
        open.add(slow);
        Dag patient = Samples.flights(
                1, new Limits(1, Duration.ofMinutes(1), new Retry(3, Duration.ofMinutes(5), Duration.ofMinutes(5))));
        slow.register(patient);
        Run run = slow.start(slow.plan(patient));
        await(merging);

        // The lane may be at its last steps by now, or gone: whichever comes later notices the other.
        slow.pause(run.id());

        assertThat(run.await().state()).isEqualTo(RunState.PAUSED);
    }

    @Test
    void aCancel_fromAnotherEngine_isDoneByTheOneThatActs() {
        Run run = startAndStopInAMerge();

        other.cancel(run.id());

        assertThat(only().state()).isEqualTo(RunState.CANCELLED);
        assertThatThrownBy(run::await).hasMessageContaining("cancelled");
        assertThat(connector.publishes).isEmpty();
        assertThat(connector.head(MemoryConnector.TARGET).orElseThrow().state().isActive())
                .isFalse();
        // The target is free.
        connector.inMerge = (partition, interrupt) -> {};
        assertThat(other.start(other.plan(dag)).await().state()).isEqualTo(RunState.PUBLISHED);
    }

    @Test
    void aCancel_afterAPause_isDone() {
        Run run = startAndStopInAMerge();
        other.pause(run.id());

        other.cancel(run.id());

        assertThat(only().state()).isEqualTo(RunState.CANCELLED);
        assertThatThrownBy(run::await).hasMessageContaining("cancelled");
    }

    @Test
    void aRunThatIsBeingCancelled_isNotPaused() {
        Run run = startAndStopInAMerge();
        RunRecord record = only();
        try (StateStore state = StateStores.h2(dir.resolve("state"))) {
            assertThat(state.transition(
                            run.id(),
                            record.epoch(),
                            EnumSet.of(RunState.RUNNING),
                            RunState.CANCELLING,
                            "",
                            Instant.now()))
                    .isTrue();
        }

        assertThatThrownBy(() -> other.pause(run.id()))
                .hasMessageStartingWith("BF-503 pause of run " + run.id())
                .hasMessageContaining("found it CANCELL");
    }

    @Test
    void aRunThatNobodyWorksOn_isNotPaused() {
        connector.found = 1;
        String failed = acting.start(acting.plan(dag)).await().run();

        assertThatThrownBy(() -> other.pause(failed))
                .hasMessageStartingWith("BF-503")
                .hasMessageContaining("found it FAILED")
                .hasMessageContaining("Nothing was changed");
        assertThatThrownBy(() -> other.pause("unknown")).hasMessageStartingWith("BF-502");
        assertThat(only().state()).isEqualTo(RunState.FAILED);
    }

    @Test
    void aCancelWhoseProcessDied_isFinishedByWhoeverResumes() {
        connector.found = 1;
        String run = acting.start(acting.plan(dag)).await().run();
        try (StateStore state = StateStores.h2(dir.resolve("state"))) {
            Owner dead = new Owner("gone", "elsewhere", 1, Instant.EPOCH);
            long epoch = state.takeOver(run, only().epoch(), dead, Duration.ofMillis(1), dead)
                    .orElseThrow();
            assertThat(state.transition(
                            run, epoch, EnumSet.of(RunState.RUNNING), RunState.CANCELLING, "", Instant.now()))
                    .isTrue();
        }

        assertThatThrownBy(() -> other.resume(run))
                .hasMessageStartingWith("BF-503")
                .hasMessageContaining("it is cancelled now");
        assertThat(only().state()).isEqualTo(RunState.CANCELLED);
        assertThat(connector.publishes).isEmpty();
    }

    @Test
    void aDiskThatIsFull_endsARunThatIsToBePaused_asPaused() {
        connector.inMerge = (partition, interrupt) -> {
            merging.countDown();
            await(goOn);
            throw new BackstitchException(ErrorCode.NO_SPACE, "the disk is full");
        };
        Run run = acting.start(acting.plan(dag));
        await(merging);
        other.pause(run.id());
        goOn.countDown();

        RunResult ended = run.await();

        assertThat(ended.state()).isEqualTo(RunState.PAUSED);
        assertThat(only().state()).isEqualTo(RunState.PAUSED);
        assertThat(ended.failure()).contains("the disk is full");
    }

    @Test
    void aRunThatFails_whenItIsToBeCancelled_isCancelled() {
        connector.inMerge = (partition, interrupt) -> {
            merging.countDown();
            await(goOn);
            throw new BackstitchException(ErrorCode.NO_SPACE, "the disk is full");
        };
        Run run = acting.start(acting.plan(dag));
        await(merging);
        Thread release = new Thread(() -> {
            while (only().state() != RunState.CANCELLING) {
                Thread.onSpinWait();
            }
            goOn.countDown();
        });
        release.start();

        other.cancel(run.id());

        assertThat(only().state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void aCancel_ofARunWhoseProcessHangs_isDoneHere_whenItsLeaseIsOver() {
        connector.found = 1;
        String run = acting.start(acting.plan(dag)).await().run();
        try (StateStore state = StateStores.h2(dir.resolve("state"))) {
            Owner hangs = new Owner("hangs", "elsewhere", 1, Instant.EPOCH);
            state.takeOver(run, only().epoch(), hangs, Duration.ofSeconds(1), hangs)
                    .orElseThrow();
        }

        other.cancel(run);

        assertThat(only().state()).isEqualTo(RunState.CANCELLED);
    }

    @Test
    void aPausedRun_isCancelled() {
        Run run = startAndStopInAMerge();
        other.pause(run.id());
        goOn.countDown();
        run.await();

        other.cancel(run.id());

        assertThat(only().state()).isEqualTo(RunState.CANCELLED);
    }
}
