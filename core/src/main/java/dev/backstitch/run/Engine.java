package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.event.RunListener;
import dev.backstitch.notice.Notifier;
import dev.backstitch.plan.Plan;
import dev.backstitch.run.ActiveRun.Role;
import dev.backstitch.spec.Dag;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.Claim;
import dev.backstitch.state.Owner;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.StateStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Acts for runs in this process: begins them, works off their lanes, settles how they end, and stands down when another
 * engine took over. Thread-safe.
 */
public final class Engine implements Lanes.Work, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    /** A person who cancels waits for the statement to be gone from the server. */
    private static final Duration CANCELS = Duration.ofMillis(500);

    private static final Duration SHARES = Duration.ofMillis(500);

    private final StateStore state;
    private final Connector connector;
    private final Lanes lanes;
    private final Clock clock;
    private final Duration lease;
    private final List<RunListener> listeners;
    private final Owner self;
    private final TaskRunner tasks;
    private final Readiness readiness;
    private final Cancels cancels;
    private final Endings endings;
    private final Settlement settlement;
    private final Timing timing;
    private final Probing probing;
    private final Tripping tripping;
    private final Helping helping;
    private final Holding holding;
    private final Watching watching;
    private final Telling telling;
    private final NewEpochs newEpochs;
    private final Heartbeat heartbeat;
    private final ScheduledThreadPoolExecutor timer = daemonTimer();
    private final ScheduledThreadPoolExecutor beats = daemonTimer();
    private final ScheduledThreadPoolExecutor looks = daemonTimer();
    private final Map<String, ActiveRun> runs = new ConcurrentHashMap<>();

    /** Runs that are not worked on here any more but for lanes on their way out. */
    private final Set<ActiveRun> leaving = ConcurrentHashMap.newKeySet();

    private boolean closed;

    /**
     * @param lanes makes the lanes that call this engine's work
     * @param lease how long this engine may act for a run without renewing
     * @param sweep how often lost wake-ups are looked for
     * @param channels tell people what happened
     * @param takeover takes a run over from this very engine, as which it knows itself
     * @param canceller gives a run up, by its id, that somebody elsewhere wants cancelled
     * @param rollback takes the publish of a run back, by its id
     * @param registered the dag of a name, with the code that frozen plans lack
     */
    public Engine(
            StateStore state,
            Connector connector,
            Function<Lanes.Work, Lanes> lanes,
            Clock clock,
            Duration lease,
            Duration sweep,
            List<RunListener> listeners,
            List<Notifier> channels,
            Takeover takeover,
            Consumer<String> canceller,
            Consumer<String> rollback,
            Function<String, Optional<Dag>> registered) {
        this.state = state;
        this.connector = connector;
        this.clock = clock;
        this.lease = lease;
        this.listeners = List.copyOf(listeners);
        this.self = takeover.self();
        this.readiness = new Readiness(state);
        this.cancels = new Cancels(state, timer, canceller);
        this.lanes = lanes.apply(this);
        this.holding = new Holding(state, new HoldPorts(this.lanes, connector), clock, this::tell, registered);
        this.telling = new Telling(state, connector, clock, channels, sweep);
        this.watching = new Watching(state, connector, clock, this::tell, rollback);
        this.tasks = new TaskRunner(connector, this::tell, holding, watching, clock);
        this.endings = new Endings(state, clock, this::forget, this::release, this::tell, cancels, holding);
        this.heartbeat = new Heartbeat(state, lease, beats, endings::standDown);
        this.timing = new Timing(this.lanes, clock, endings, this::tell, runs::values);
        this.probing = new Probing(clock, connector);
        this.tripping = new Tripping(state, endings);
        this.settlement = new Settlement(state, this.lanes, clock, readiness, cancels, endings, timing);
        this.helping = new Helping(state, this.lanes, endings, settlement);
        this.newEpochs = new NewEpochs(state, takeover, timer, this::acting, this::forget, this::begin);
        // Not by the sweep alone, whose thread may be one of those that merge.
        every(CANCELS, cancels::lookAt);
        every(SHARES, this::share);
        every(SHARES, timing::look);
        lookEvery(sweep, this::sweep);
        lookEvery(sweep, holding::sweep);
        lookEvery(sweep, watching::look);
    }

    private void every(Duration period, Consumer<ActiveRun> look) {
        lookEvery(period, () -> runs.values().forEach(look));
    }

    /** Does something again and again until the engine closes; what it throws is logged. */
    public void lookEvery(Duration period, Runnable look) {
        Future<?> unused = looks.scheduleWithFixedDelay(
                () -> {
                    try {
                        look.run();
                    } catch (RuntimeException e) {
                        LOG.warn("a look at what goes on failed and is repeated: {}", e.getMessage());
                    }
                },
                period.toMillis(),
                period.toMillis(),
                TimeUnit.MILLISECONDS);
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
        CompletableFuture<RunResult> result = new CompletableFuture<>();
        begin(plan, orders, result);
        return result;
    }

    private void begin(Plan plan, List<WorkOrder> orders, CompletableFuture<RunResult> result) {
        ActiveRun active = new ActiveRun(
                plan, orders, state, self, Role.OWNER, clock.instant(), StoreTime.of(state, clock), result);
        String run = active.id();
        int merged = active.epoch() == 1
                ? 0
                : orders.stream().mapToInt(this::mergedSoFar).sum();
        Optional.ofNullable(runs.get(run))
                .filter(ActiveRun::isHelping)
                .ifPresent(before -> standDown(before, "this engine acts for the run now"));
        enlist(active);
        try {
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
            // Others may look at the run from now on, and must not take a fresh claim for an orphan.
            synchronized (active) {
                helping.begin(active);
                settlement.resumeWork(active);
            }
        } catch (RuntimeException e) {
            active.stop(ErrorCode.CANCELLED, "the run could not be begun here");
            forget(active);
            heartbeat.release(active);
            throw e;
        }
    }

    /**
     * Begins to help with a run for which another engine acts: runs some of its merges.
     *
     * @param orders its work under that engine's epoch
     * @return false when it can't be helped any more
     */
    public boolean help(Plan plan, List<WorkOrder> orders) {
        ActiveRun active = new ActiveRun(
                plan,
                orders,
                state,
                self,
                Role.HELPER,
                clock.instant(),
                StoreTime.of(state, clock),
                new CompletableFuture<>());
        synchronized (runs) {
            if (active.sharedTasks().isEmpty()
                    || runs.containsKey(active.id())
                    || leaving.stream().anyMatch(before -> before.id().equals(active.id()))
                    || !state.join(active.id(), active.epoch(), self.engine(), lease)) {
                return false;
            }
            enlist(active);
        }
        LOG.info("run={} this engine helps at epoch {}", active.id(), active.epoch());
        return true;
    }

    private void enlist(ActiveRun active) {
        synchronized (runs) {
            if (closed) {
                throw new BackstitchException(
                        ErrorCode.CANCELLED, "the engine closes; run " + active.id() + " can be resumed");
            }
            if (runs.putIfAbsent(active.id(), active) != null) {
                throw new IllegalStateException("run " + active.id() + " is active in this engine");
            }
            heartbeat.add(active);
            lanes.add(active.id(), active.plan().tasks());
        }
    }

    private void share(ActiveRun active) {
        if (!helping.look(active)) {
            newEpochs.beginAnew(active);
        }
    }

    /** Called by a thread that waits until this is done: lanes without threads of their own work in it meanwhile. */
    public void workUntil(CompletableFuture<?> done) {
        lanes.workUntil(done);
    }

    /** Whether this engine acts for a run. */
    public boolean actsFor(String run) {
        return acting(run).isPresent();
    }

    private Optional<ActiveRun> acting(String run) {
        return Optional.ofNullable(runs.get(run)).filter(active -> !active.isHelping());
    }

    /** Whether the state store has this engine as the one that acts for a run: it may be about to begin. */
    public boolean owns(RunRecord run) {
        return run.owner().equals(self);
    }

    /** Whether this engine acts for a run or helps with it. */
    public boolean worksOn(String run) {
        return runs.containsKey(run);
    }

    private int mergedSoFar(WorkOrder order) {
        return connector.ledger().states(order).entrySet().stream()
                .filter(each -> each.getKey() != Entry.State.CLAIMED)
                .mapToInt(each -> Math.toIntExact(each.getValue()))
                .sum();
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
                if (active.isStopped()) {
                    endings.leaveIfEmpty(active);
                    leaving.remove(active);
                }
                settleOrLeaveToSweep(active);
            }
        }
    }

    /** Finds what was lost: runs without a lane, retries that are due, and that nothing will ever wake a lane again. */
    public void sweep() {
        for (ActiveRun active : runs.values()) {
            if (lanes.isGone()) {
                endings.pause(
                        active,
                        new BackstitchException(
                                ErrorCode.CANCELLED,
                                "the scheduler that run " + active.id()
                                        + " works on was shut down. What ran is rolled back or in the ledger. Resume the"
                                        + " run where there is one."));
            } else if (active.isIdle()) {
                settleOrLeaveToSweep(active);
            } else {
                cancels.lookAt(active);
                wakeOneMore(active);
            }
        }
    }

    /** A wake-up may have been lost although a lane works, and that one may work for hours. */
    private void wakeOneMore(ActiveRun active) {
        try {
            settlement.wakeOneMore(active);
        } catch (BackstitchException e) {
            LOG.warn("run={} could not be looked at, the sweep will try again: {}", active.id(), e.getMessage());
        }
    }

    private void settleOrLeaveToSweep(ActiveRun active) {
        try {
            if (!active.isStopped()) {
                settlement.settle(active);
            }
        } catch (BackstitchException e) {
            LOG.warn("run={} could not be settled now, the sweep will try again: {}", active.id(), e.getMessage());
        }
    }

    private void release(ActiveRun active) {
        heartbeat.release(active);
    }

    private void forget(ActiveRun active) {
        synchronized (runs) {
            heartbeat.remove(active);
            if (runs.remove(active.id(), active)) {
                lanes.remove(active.id());
            }
            leaving.add(active);
        }
        if (active.isEmpty()) {
            leaving.remove(active);
        }
    }

    boolean goesOnWith(ActiveRun active) {
        return endings.goesOnWith(active);
    }

    void standDown(ActiveRun active, String reason) {
        endings.standDown(active, reason);
    }

    void pause(ActiveRun active, BackstitchException reason) {
        endings.pause(active, reason);
    }

    /** Returns an instance whose attempt was interrupted, as far as the state store still takes it from this engine. */
    void giveBack(ActiveRun active, Claim claim, BackstitchException reason) {
        try {
            Instant now = active.storeTime().stored(clock.instant());
            state.retry(claim, Instant.EPOCH, String.valueOf(reason.getMessage()), now);
        } catch (BackstitchException e) {
            LOG.info("run={} an interrupted instance was left to the next owner: {}", active.id(), e.getMessage());
        }
    }

    /**
     * Looks at what is watched and due.
     *
     * @return how many watches were looked at
     */
    public int lookAtWatches() {
        return watching.look();
    }

    /**
     * Releases what is held downstream for runs that have ended, or whose process has.
     *
     * @return how many holds there were
     */
    public int releaseLeftHolds() {
        return holding.sweep();
    }

    /** Tells every listener; what one of them throws is logged and changes nothing. */
    public void tell(RunEvent event) {
        telling.on(event);
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
        if (active == null || active.isHelping() || !active.stop(ErrorCode.CANCELLED, reason)) {
            work.run();
            holding.release(run, Holding.NOBODYS);
            return;
        }
        forget(active);
        BackstitchException why = new BackstitchException(ErrorCode.CANCELLED, reason);
        try {
            active.awaitLanes();
            work.run();
        } catch (BackstitchException e) {
            why = e;
            throw e;
        } finally {
            holding.release(run, active.epoch());
            active.result().completeExceptionally(why);
        }
    }

    /** Stops acting for every run: what runs is interrupted and rolled back, leases end, all of it can be resumed. */
    @Override
    public void close() {
        List<ActiveRun> ended;
        synchronized (runs) {
            closed = true;
            ended = List.copyOf(runs.values());
        }
        for (ActiveRun active : ended) {
            String reason = "the engine closes; run " + active.id() + " can be resumed";
            if (active.stop(ErrorCode.CANCELLED, reason)) {
                forget(active);
                active.result().completeExceptionally(new BackstitchException(ErrorCode.CANCELLED, reason));
            }
        }
        newEpochs.close();
        lanes.close();
        heartbeat.stop();
        looks.shutdown();
        ended.stream()
                .filter(active -> !active.isHelping())
                .forEach(active -> holding.release(active.id(), active.epoch()));
        ended.forEach(heartbeat::release);
        telling.close();
        // Not by interrupts: one that meets a thread inside H2 closes the file for every thread.
        timer.shutdown();
        beats.shutdown();
    }

    StateStore state() {
        return state;
    }

    Probing probing() {
        return probing;
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
        return lanes.slice();
    }

    Timing timing() {
        return timing;
    }

    Tripping tripping() {
        return tripping;
    }

    TaskRunner tasks() {
        return tasks;
    }

    ScheduledThreadPoolExecutor timer() {
        return timer;
    }
}
