package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.event.RunListener;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Task;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.Claim;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.TaskCount;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acts for runs in this process: begins them, works off their lanes, settles how they end, and stands down when another
 * engine took over. Thread-safe.
 */
public final class Engine implements Lanes.Work, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private static final String ANOTHER_OWNER = "the run has another owner or state";
    private static final Set<RunState> ACTED_FOR =
            Stream.of(RunState.values()).filter(RunState::isActedFor).collect(Collectors.toUnmodifiableSet());
    private static final Duration CANCELS = Duration.ofSeconds(5);
    private static final Duration PATIENCE_WITH_LANES = Duration.ofSeconds(10);

    private final StateStore state;
    private final Connector connector;
    private final Lanes lanes;
    private final Clock clock;
    private final Duration slice;
    private final List<RunListener> listeners;
    private final Consumer<String> canceller;
    private final TaskRunner tasks;
    private final Readiness readiness;
    private final Heartbeat heartbeat;
    private final ScheduledFuture<?> cancels;
    private final ScheduledThreadPoolExecutor timer;
    private final ScheduledThreadPoolExecutor beats;
    private final Map<String, ActiveRun> runs = new ConcurrentHashMap<>();

    /**
     * @param lanes makes the lanes that call this engine's work
     * @param lease how long this engine may act for a run without renewing
     * @param slice how long a lane works before it lets others have its thread
     * @param canceller gives a run up, by its id, that somebody elsewhere wants cancelled
     */
    public Engine(
            StateStore state,
            Connector connector,
            Function<Lanes.Work, Lanes> lanes,
            Clock clock,
            Duration lease,
            Duration slice,
            List<RunListener> listeners,
            Consumer<String> canceller) {
        this.canceller = canceller;
        this.state = state;
        this.connector = connector;
        this.clock = clock;
        this.slice = slice;
        this.listeners = List.copyOf(listeners);
        this.tasks = new TaskRunner(connector, this::tell);
        this.readiness = new Readiness(state);
        this.timer = daemonTimer();
        this.beats = daemonTimer();
        this.heartbeat = new Heartbeat(state, lease, beats, this::standDown);
        // Not by the sweep alone, whose thread may be one of those that merge.
        this.cancels = beats.scheduleWithFixedDelay(
                () -> runs.values().forEach(this::interruptIfCancelled),
                CANCELS.toMillis(),
                CANCELS.toMillis(),
                TimeUnit.MILLISECONDS);
        this.lanes = lanes.apply(this);
    }

    private static ScheduledThreadPoolExecutor daemonTimer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(2, task -> {
            Thread thread = new Thread(task, "backstitch-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return timer;
    }

    /**
     * Begins to act for a run that the state store has given to this engine.
     *
     * @param orders the work of each backfill, under the epoch that was given
     */
    public CompletableFuture<RunResult> begin(Plan plan, List<WorkOrder> orders) {
        ActiveRun active = new ActiveRun(plan, orders, state);
        String run = active.id();
        int merged = active.epoch() == 1
                ? 0
                : orders.stream().mapToInt(this::mergedSoFar).sum();
        if (runs.putIfAbsent(run, active) != null) {
            throw new IllegalStateException("run " + run + " is active in this engine");
        }
        try {
            heartbeat.add(active);
            lanes.add(run, plan.tasks());
            LOG.info(
                    "run={} begins at epoch {}: {} partitions, {} merged already",
                    run,
                    active.epoch(),
                    plan.partitions(),
                    merged);
            tell(new RunEvent.RunStarted(
                    run,
                    plan.dag().name(),
                    active.epoch(),
                    orders.stream().map(WorkOrder::backfill).toList(),
                    plan.partitions(),
                    merged));
            // The sweep may look at the run from now on, and must not take a fresh claim for an orphan.
            synchronized (active) {
                resumeWork(active);
            }
            return active.result();
        } catch (RuntimeException e) {
            active.stop(ErrorCode.CANCELLED, "the run could not be begun here");
            forget(active);
            heartbeat.release(active);
            throw e;
        }
    }

    /** Whether this engine acts for a run. */
    public boolean actsFor(String run) {
        return runs.containsKey(run);
    }

    private int mergedSoFar(WorkOrder order) {
        return (int) connector.ledger().entries(order).stream()
                .filter(entry -> entry.state() != Entry.State.CLAIMED)
                .count();
    }

    @Override
    public void work(String run, String task) {
        ActiveRun active = runs.get(run);
        if (active == null || !active.enter()) {
            return;
        }
        try {
            new Lane(this, active).work();
        } catch (BackstitchException e) {
            if (e.code() == ErrorCode.CONCURRENT_TRANSITION) {
                standDown(active, String.valueOf(e.getMessage()));
            } else {
                LOG.warn("run={} a lane ended early, the sweep will go on: {}", run, e.getMessage());
            }
        } finally {
            if (active.leave()) {
                settleOrLeaveToSweep(active);
            }
        }
    }

    @Override
    public void sweep() {
        for (ActiveRun active : runs.values()) {
            if (active.isIdle()) {
                settleOrLeaveToSweep(active);
            } else {
                interruptIfCancelled(active);
            }
        }
    }

    /** What works doesn't look: a merge may take hours. */
    private void interruptIfCancelled(ActiveRun active) {
        try {
            if (state.run(active.id())
                    .filter(run -> run.epoch() == active.epoch() && run.state() == RunState.CANCELLING)
                    .isPresent()) {
                giveUp(active);
            }
        } catch (RuntimeException e) {
            LOG.warn("run={} could not be looked at, the sweep will try again: {}", active.id(), e.getMessage());
        }
    }

    private void settleOrLeaveToSweep(ActiveRun active) {
        try {
            if (!active.isStopped()) {
                settle(active);
            }
        } catch (BackstitchException e) {
            LOG.warn("run={} could not be settled now, the sweep will try again: {}", active.id(), e.getMessage());
        }
    }

    /** When no lane works: ends the run, or wakes what can go on. */
    private void settle(ActiveRun active) {
        synchronized (active) {
            if (!active.isIdle()) {
                return;
            }
            List<TaskCount> counts = state.counts(active.id());
            if (counts.stream().allMatch(count -> count.state() == InstanceState.SUCCEEDED)) {
                end(active, RunState.PUBLISHED, "");
            } else if (heedsRequest(active)) {
                LOG.info("run={} does what it was asked for", active.id());
            } else if (has(counts, InstanceState.RUNNING) || has(counts, InstanceState.READY)) {
                resumeWork(active);
            } else if (!openWhatWaits(active)) {
                end(active, active.onlyWaits() ? RunState.AUDITED : RunState.FAILED, failureOf(active));
            }
        }
    }

    /** Ends a run that a person has paused, or has one that is cancelled given up. */
    private boolean heedsRequest(ActiveRun active) {
        Optional<RunRecord> record = state.run(active.id()).filter(run -> run.epoch() == active.epoch());
        RunState asked = record.map(RunRecord::state).orElse(RunState.RUNNING);
        if (asked == RunState.PAUSING) {
            String why =
                    active.failure().isEmpty() ? record.map(RunRecord::failure).orElse("") : active.failure();
            end(active, RunState.PAUSED, why);
            return true;
        }
        return asked == RunState.CANCELLING && giveUp(active);
    }

    /** Apart from the lanes and from the run's lock, since it waits for both. */
    private boolean giveUp(ActiveRun active) {
        if (active.isFirstCancel()) {
            timer.execute(() -> {
                try {
                    canceller.accept(active.id());
                } finally {
                    active.cancelEnded();
                }
            });
        }
        return true;
    }

    private static boolean has(List<TaskCount> counts, InstanceState wanted) {
        return counts.stream().anyMatch(count -> count.state() == wanted && count.count() > 0);
    }

    private boolean openWhatWaits(ActiveRun active) {
        boolean opened = false;
        for (Task task : active.plan().tasks()) {
            int ready = readiness.open(active, task);
            if (ready > 0) {
                lanes.wake(active.id(), task, active.wanted(task, ready));
                opened = true;
            }
        }
        return opened;
    }

    /**
     * Wakes lanes for all that is ready. An instance that is {@code RUNNING} while no lane works was claimed or finished
     * in a transaction whose outcome this engine did not hear of: it is tried again, and asks the ledger first.
     */
    private void resumeWork(ActiveRun active) {
        if (active.isIdle()) {
            Instant now = clock.instant();
            state.instances(active.id()).stream()
                    .filter(instance -> instance.state() == InstanceState.RUNNING)
                    .forEach(orphan -> state.retry(claimOf(orphan, active), now, "outcome unknown", now));
        }
        openWhatWaits(active);
        Instant now = clock.instant();
        boolean woken = false;
        for (Task task : active.plan().tasks()) {
            int ready = state.runnable(active.id(), List.of(task.number()), now, task.concurrency())
                    .size();
            if (ready > 0) {
                lanes.wake(active.id(), task, active.wanted(task, ready));
                woken = true;
            }
        }
        if (woken) {
            return;
        }
        state.nextRunnableAt(active.id())
                .ifPresent(
                        time -> lanes.wakeAt(active.id(), active.plan().tasks().get(0), time));
    }

    private static Claim claimOf(InstanceRecord orphan, ActiveRun active) {
        return new Claim(orphan.key(), orphan.partition(), orphan.attempt(), active.epoch());
    }

    private String failureOf(ActiveRun active) {
        if (!active.failure().isEmpty()) {
            return active.failure();
        }
        return state.instances(active.id()).stream()
                .filter(instance -> instance.state() == InstanceState.FAILED)
                .map(InstanceRecord::error)
                .findFirst()
                .orElse("");
    }

    private void end(ActiveRun active, RunState outcome, String failure) {
        if (!state.transition(active.id(), active.epoch(), endsFrom(outcome), outcome, failure, clock.instant())
                && !hasEnded(active, outcome)) {
            if (!isOurs(active)) {
                standDown(active, ANOTHER_OWNER);
            }
            // Else somebody wants something else of it since it was looked at; the sweep settles it again.
            return;
        }
        active.stop(ErrorCode.CANCELLED, "the run has ended");
        forget(active);
        LOG.info("run={} ended: {} {}", active.id(), outcome, failure);
        if (outcome == RunState.PAUSED) {
            tell(new RunEvent.RunPaused(active.id(), failure));
        } else if (outcome != RunState.PUBLISHED) {
            tell(new RunEvent.RunFailed(active.id(), failure));
        }
        active.result().complete(new RunResult(active.id(), outcome, failure));
    }

    /** A wish must not be lost to what the run came to by itself, but for its publish. */
    private static Set<RunState> endsFrom(RunState outcome) {
        return switch (outcome) {
            case PUBLISHED -> ACTED_FOR;
            case PAUSED -> Set.of(RunState.PAUSING);
            default -> Set.of(RunState.RUNNING);
        };
    }

    private boolean isOurs(ActiveRun active) {
        return state.run(active.id())
                .filter(run -> run.epoch() == active.epoch() && run.state().isActedFor())
                .isPresent();
    }

    /** An earlier try may have been stored although its answer was lost. */
    private boolean hasEnded(ActiveRun active, RunState outcome) {
        return state.run(active.id())
                .filter(record -> record.epoch() == active.epoch() && record.state() == outcome)
                .isPresent();
    }

    private void forget(ActiveRun active) {
        heartbeat.remove(active);
        runs.remove(active.id(), active);
        lanes.remove(active.id());
    }

    /**
     * Whether a lane may look for more. False also when the state store has given the run to somebody else, or ended it;
     * this engine then stands down.
     */
    boolean goesOnWith(ActiveRun active) {
        Optional<RunState> now = state.run(active.id())
                .filter(record -> record.epoch() == active.epoch())
                .map(RunRecord::state);
        if (now.filter(RunState::isActedFor).isEmpty()) {
            standDown(active, ANOTHER_OWNER);
        }
        return now.equals(Optional.of(RunState.RUNNING));
    }

    /** Stops acting for a run that somebody else took over, and says so. Nothing is written. */
    void standDown(ActiveRun active, String reason) {
        if (active.stop(ErrorCode.FENCED, reason)) {
            forget(active);
            String message = "this engine stands down from run " + active.id() + " at epoch " + active.epoch()
                    + " and writes nothing more: " + reason;
            LOG.warn("run={} {}", active.id(), message);
            tell(new RunEvent.StoodDown(active.id(), message));
            active.result().completeExceptionally(new BackstitchException(ErrorCode.FENCED, message));
        }
    }

    /** Ends a run that can't go on for a reason outside of it; it is resumed when the reason is gone. */
    void pause(ActiveRun active, BackstitchException reason) {
        active.paused(String.valueOf(reason.getMessage()));
        if (!active.stop(ErrorCode.CANCELLED, "the run pauses: " + reason.getMessage())) {
            return;
        }
        RunState outcome = RunState.FAILED;
        try {
            if (!store(active, RunState.FAILED) && store(active, RunState.PAUSED)) {
                outcome = RunState.PAUSED;
            }
            interruptIfCancelled(active);
        } catch (BackstitchException e) {
            // What is missing in the warehouse may be missing here too, such as room on a disk that both share. The
            // lease
            // then ends by itself, and the run can be resumed.
            LOG.warn("run={} pauses, which could not be stored: {}", active.id(), e.getMessage());
        } finally {
            forget(active);
            tell(new RunEvent.RunFailed(active.id(), active.failure()));
            active.result().complete(new RunResult(active.id(), outcome, active.failure()));
        }
    }

    private boolean store(ActiveRun active, RunState outcome) {
        return state.transition(
                active.id(), active.epoch(), endsFrom(outcome), outcome, active.failure(), clock.instant());
    }

    /** Returns an instance whose attempt was interrupted, as far as the state store still takes it from this engine. */
    void giveBack(ActiveRun active, Claim claim, BackstitchException reason) {
        try {
            Instant now = clock.instant();
            state.retry(claim, now, String.valueOf(reason.getMessage()), now);
        } catch (BackstitchException e) {
            LOG.info("run={} an interrupted instance was left to the next owner: {}", active.id(), e.getMessage());
        }
    }

    /** Tells every listener; what one of them throws is logged and changes nothing. */
    public void tell(RunEvent event) {
        for (RunListener listener : listeners) {
            try {
                listener.on(event);
            } catch (RuntimeException e) {
                LOG.warn(
                        "run={} a listener failed on {}; the run goes on",
                        event.run(),
                        event.getClass().getSimpleName(),
                        e);
            }
        }
    }

    /**
     * Stops a run here and waits a while for its lanes, so that what they still commit is known to the work that then gives
     * the run up. Its result comes after that. Where this engine doesn't act for the run, there is only the work.
     */
    public void stopFor(String run, String reason, Runnable work) {
        ActiveRun active = runs.get(run);
        if (active == null || !active.stop(ErrorCode.CANCELLED, reason)) {
            work.run();
            return;
        }
        forget(active);
        BackstitchException why = new BackstitchException(ErrorCode.CANCELLED, reason);
        try {
            awaitLanes(active);
            work.run();
        } catch (BackstitchException e) {
            why = e;
            throw e;
        } finally {
            active.result().completeExceptionally(why);
        }
    }

    private static void awaitLanes(ActiveRun active) {
        try {
            active.awaitLanes(PATIENCE_WITH_LANES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Stops acting for every run: what runs is interrupted and rolled back, leases end, all of it can be resumed. */
    @Override
    public void close() {
        List<ActiveRun> ended = List.copyOf(runs.values());
        for (ActiveRun active : ended) {
            String reason = "the engine closes; run " + active.id() + " can be resumed";
            if (active.stop(ErrorCode.CANCELLED, reason)) {
                forget(active);
                active.result().completeExceptionally(new BackstitchException(ErrorCode.CANCELLED, reason));
            }
        }
        lanes.close();
        heartbeat.stop();
        cancels.cancel(false);
        ended.forEach(heartbeat::release);
        // Not by interrupts: one that meets a thread inside H2 closes the file for every thread.
        timer.shutdown();
        beats.shutdown();
    }

    StateStore state() {
        return state;
    }

    Readiness readiness() {
        return readiness;
    }

    Lanes lanes() {
        return lanes;
    }

    Clock clock() {
        return clock;
    }

    Duration slice() {
        return slice;
    }

    TaskRunner tasks() {
        return tasks;
    }

    ScheduledThreadPoolExecutor timer() {
        return timer;
    }
}
