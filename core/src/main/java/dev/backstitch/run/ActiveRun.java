package dev.backstitch.run;

import static java.util.Objects.requireNonNull;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Windows;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.KeptRun;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.Claiming;
import dev.backstitch.state.Gate;
import dev.backstitch.state.InstanceKey;
import dev.backstitch.state.Owner;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.StateStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A run for which this engine acts: what its lanes share in memory. All of it is a hint that saves reads of the state
 * store, which decides; the memory is lost in a crash without harm. Thread-safe.
 */
final class ActiveRun {
    private static final int CANDIDATES_A_READ = 256;
    private static final Duration PATIENCE_WITH_LANES = Duration.ofSeconds(10);

    /** What keeps a publish waiting with nothing wrong. */
    private static final Set<ErrorCode> KEEPS_WAITING = Set.of(ErrorCode.LOCK_NOT_GRANTED, ErrorCode.NOT_APPROVED);

    private final Plan plan;
    private final String id;
    private final long epoch;
    private final Map<String, WorkOrder> orders;
    private final StateStore state;
    private final Owner self;
    private final Role role;
    private final Instant begun;
    private final StoreTime storeTime;
    private final Map<String, Map<String, Partition>> partitions = new HashMap<>();
    private final Map<Integer, Map<String, Integer>> positions = new HashMap<>();
    private final List<Deque<InstanceKey>> candidates;
    private final HeldBack heldBack;
    private final Set<InstanceKey> reserved = new HashSet<>();
    private final Set<InstanceKey> recording = new HashSet<>();
    private final int[] busy;
    private final int[] places;
    private final int[] held;
    private final Map<Interrupt, Task> interrupts = new HashMap<>();
    private final CompletableFuture<RunResult> result;
    private final Set<String> publishesTold = new HashSet<>();
    private final AtomicBoolean holding = new AtomicBoolean();
    private int lanes;
    private boolean stopped;
    private boolean cancelled;
    private ErrorCode stopCode = ErrorCode.CANCELLED;
    private String stopReason = "";
    private boolean onlyWaits;
    private String failure = "";

    /** What an engine is to a run. */
    enum Role {
        /** It acts for the run: all of its tasks are its own, and how it ends. */
        OWNER,
        /** It runs some of the instances that may be shared, and nothing else. */
        HELPER
    }

    /**
     * @param orders the work of each backfill, all of one run and epoch
     * @param begun when this engine began with it
     * @param storeTime what the store's clock shows
     * @param result completed when the run has ended here
     */
    ActiveRun(
            Plan plan,
            List<WorkOrder> orders,
            StateStore state,
            Owner self,
            Role role,
            Instant begun,
            StoreTime storeTime,
            CompletableFuture<RunResult> result) {
        this.plan = plan;
        this.begun = begun;
        this.storeTime = storeTime;
        this.self = self;
        this.role = role;
        this.result = result;
        this.id = orders.get(0).run();
        this.epoch = orders.get(0).epoch();
        this.orders = orders.stream()
                .collect(Collectors.toMap(
                        WorkOrder::backfill, Function.identity(), (one, other) -> one, LinkedHashMap::new));
        this.state = state;
        this.busy = new int[plan.tasks().size()];
        this.held = new int[plan.tasks().size()];
        this.places = plan.tasks().stream()
                .mapToInt(task -> role == Role.OWNER && !isShared(task) ? task.concurrency() : 0)
                .toArray();
        this.candidates = plan.tasks().stream()
                .<Deque<InstanceKey>>map(task -> new ArrayDeque<>())
                .toList();
        this.heldBack = new HeldBack(id, plan);
        for (WorkOrder order : orders) {
            partitions.put(
                    order.backfill(),
                    order.scope().stream().collect(Collectors.toMap(Partition::id, Function.identity(), (a, b) -> b)));
        }
    }

    private static Map<String, Integer> positionsOf(Task task) {
        Map<String, Integer> positions = new HashMap<>();
        for (int i = 0; i < task.partitions().size(); i++) {
            positions.put(task.partitions().get(i), i);
        }
        return positions;
    }

    String id() {
        return id;
    }

    /** The engine's id, as which it claims. */
    String engine() {
        return self.engine();
    }

    boolean isHelping() {
        return role == Role.HELPER;
    }

    /** Whether instances of a task may run on several engines: merges, since each of them is fenced by a row of its own. */
    static boolean isShared(Task task) {
        return task.kind() == TaskKind.MERGE;
    }

    /** The tasks of which several engines may run instances. */
    List<Task> sharedTasks() {
        return plan.tasks().stream().filter(ActiveRun::isShared).toList();
    }

    /** How many instances of a task may run here at a time. */
    synchronized int places(Task task) {
        return places[task.number()];
    }

    /** Sets how many may; those beyond that end by themselves. */
    synchronized void places(Task task, int count) {
        places[task.number()] = count;
    }

    /** How many places of a task the state store has down for this engine. */
    synchronized int held(Task task) {
        return held[task.number()];
    }

    synchronized void held(Task task, int count) {
        held[task.number()] = count;
    }

    /** How many instances of a task run here. */
    synchronized int busy(Task task) {
        return busy[task.number()];
    }

    /** When this engine began with it, by its clock. */
    Instant begun() {
        return begun;
    }

    /** What the state store's clock shows when this engine's shows something. */
    StoreTime storeTime() {
        return storeTime;
    }

    long epoch() {
        return epoch;
    }

    Plan plan() {
        return plan;
    }

    /** The run as the ledger keeps it. */
    KeptRun kept() {
        RunRecord record = state.run(id).orElseThrow(() -> RunRequests.unknown(id, state.location()));
        return new KeptRun(id, record.dag(), record.actor(), state.plan(id), record.createdAt());
    }

    /** The work of every backfill. */
    List<WorkOrder> orders() {
        return List.copyOf(orders.values());
    }

    /** Whoever waits for this run waits for another future from now on. */
    void endsAs(CompletableFuture<RunResult> other) {
        CompletableFuture<Void> unused = other.handle((ended, failure) -> {
            if (failure == null) {
                result.complete(ended);
            } else {
                result.completeExceptionally(failure);
            }
            return null;
        });
    }

    /** The work of a backfill. */
    WorkOrder order(String backfill) {
        return requireNonNull(orders.get(backfill), backfill);
    }

    /** The work of the backfill to which a task belongs. */
    WorkOrder order(Task task) {
        return order(task.member());
    }

    /** What is declared to be audited of a backfill. */
    List<Audit> audits(WorkOrder order) {
        return plan.dag().backfill(order.backfill()).audits();
    }

    /** Whose limits hold for a task; for several that are published together, the first one's. */
    Limits limits(Task task) {
        return plan.dag().member(task.member()).orElseThrow().limits();
    }

    Task task(int number) {
        return plan.tasks().get(number);
    }

    Partition partition(Task task, String partition) {
        return requireNonNull(
                requireNonNull(partitions.get(task.member()), "partitions").get(partition), "partition");
    }

    /** Does this before anything else is done for the run here, once it has succeeded; others wait for it meanwhile. */
    void holdOnce(Runnable hold) {
        synchronized (holding) {
            if (!holding.get()) {
                hold.run();
                holding.set(true);
            }
        }
    }

    /** The tasks that wait for all of this one. */
    List<Task> downstreamOf(Task task) {
        return plan.tasks().stream()
                .filter(other -> other.upstream().contains(task.number()))
                .toList();
    }

    /** The tasks of which each instance waits for the one of this task with its partition. */
    List<Task> partitionwiseDownstreamOf(Task task) {
        return plan.tasks().stream()
                .filter(other -> other.samePartition().contains(task.number()))
                .toList();
    }

    /** Where a task has a partition, if it has it. */
    synchronized OptionalInt positionOf(Task task, String partition) {
        Integer position = positions
                .computeIfAbsent(task.number(), number -> positionsOf(task))
                .get(partition);
        return position == null ? OptionalInt.empty() : OptionalInt.of(position);
    }

    CompletableFuture<RunResult> result() {
        return result;
    }

    /** A lane begins; false when the run has stopped here. */
    synchronized boolean enter() {
        if (stopped) {
            return false;
        }
        lanes++;
        return true;
    }

    /** A lane ends; true when it was the last one. */
    synchronized boolean leave() {
        lanes--;
        notifyAll();
        return lanes == 0;
    }

    /** Waits until every lane has left a run that has stopped, or until ten seconds are over. */
    synchronized void awaitLanes() {
        long deadline = System.nanoTime() + PATIENCE_WITH_LANES.toNanos();
        long left = PATIENCE_WITH_LANES.toMillis();
        try {
            while (lanes > 0 && left > 0) {
                wait(left);
                left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    synchronized boolean isIdle() {
        return lanes == 0 && !stopped;
    }

    /** Whether no lane works on it here. */
    synchronized boolean isEmpty() {
        return lanes == 0;
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    /** What a claim of an instance of a task has to pass. */
    List<Gate> gates(Task task) {
        return heldBack.gates(task);
    }

    /** A gate held an instance of a task: it isn't asked for again until that may have changed. */
    synchronized void hold(Task task, Claiming.Held held, Instant now) {
        heldBack.hold(task, held, now);
        candidates.get(task.number()).clear();
    }

    /** No instance of a task is asked for before this time. */
    synchronized void holdUntil(Task task, Instant time) {
        heldBack.hold(task, time);
        candidates.get(task.number()).clear();
    }

    /** The tasks that waited for places which others may have given back; they are asked for again. */
    synchronized List<Task> release() {
        return heldBack.release().stream().map(this::task).toList();
    }

    /** Those that waited for places of these gates. */
    synchronized List<Task> release(List<Gate> freed) {
        return heldBack.release(freed).stream().map(this::task).toList();
    }

    /** Whether a task is kept from beginning now, however ready it is. */
    synchronized boolean isHeldBack(Task task, Instant now) {
        return heldBack.holds(task, now);
    }

    /** Those that have to be open for a task to begin. */
    List<Windows> windows(Task task) {
        return heldBack.windows(task);
    }

    /** Whether a lane for a task is to be asked for at this time: not when it was already. */
    synchronized boolean isNewWake(Task task, Instant time) {
        return heldBack.isNewWake(task, time);
    }

    /** True once for each thing of this run that is to be told once. */
    synchronized boolean isFirst(Object what) {
        return heldBack.isFirst(what);
    }

    /** How many more lanes this many ready instances of a task could use. */
    synchronized int wanted(Task task, int ready) {
        return Math.max(0, Math.min(places[task.number()], ready) - busy[task.number()]);
    }

    /**
     * Reserves a runnable instance whose task has a free place, for one lane of this engine; the state store still has to
     * grant the claim. Every reservation ends with {@link #release}.
     */
    synchronized Optional<InstanceKey> reserve(Instant now) {
        if (stopped) {
            return Optional.empty();
        }
        return reserve(now, task -> true);
    }

    private Optional<InstanceKey> reserve(Instant now, Predicate<Task> which) {
        Predicate<Task> mayBegin =
                task -> which.test(task) && busy[task.number()] < places[task.number()] && !heldBack.holds(task, now);
        Optional<InstanceKey> found = pick(mayBegin);
        return found.isPresent() || !lookForMore(now, mayBegin) ? found : pick(mayBegin);
    }

    /** Reads what is runnable of the tasks that have a free place and no candidate left; false when there is nothing. */
    private boolean lookForMore(Instant now, Predicate<Task> mayBegin) {
        List<Integer> hungry = plan.tasks().stream()
                .filter(task -> candidates.get(task.number()).isEmpty() && mayBegin.test(task))
                .map(Task::number)
                .toList();
        if (hungry.isEmpty()) {
            return false;
        }
        int atMost = CANDIDATES_A_READ + reserved.size() + recording.size();
        List<InstanceKey> runnable = hungry.size() == busy.length
                ? state.runnable(id, storeTime.stored(now), atMost)
                : state.runnable(id, hungry, storeTime.stored(now), atMost);
        if (isHelping()) {
            // The owner goes from the first to the last; who meets him nowhere loses no claim to him.
            runnable = new ArrayList<>(runnable);
            Collections.shuffle(runnable, ThreadLocalRandom.current());
        }
        runnable.stream()
                .filter(key -> !reserved.contains(key) && !recording.contains(key))
                .forEach(key -> candidates.get(key.task()).add(key));
        return !runnable.isEmpty();
    }

    /**
     * Reserves the next instance for a lane that has run one and is about to record it. The lane passes its place on: held
     * for both, it would keep another lane from its own, and that lane would end. Not one that has to pass a gate, which
     * is asked for apart.
     */
    synchronized Optional<InstanceKey> reserveAfter(InstanceKey done, Instant now) {
        if (reserved.remove(done)) {
            busy[done.task()]--;
            recording.add(done);
        }
        return stopped ? Optional.empty() : reserve(now, task -> gates(task).isEmpty() && !Probing.isAsked(this, task));
    }

    private Optional<InstanceKey> pick(Predicate<Task> mayBegin) {
        for (Task task : plan.tasks()) {
            int number = task.number();
            InstanceKey key = mayBegin.test(task) ? candidates.get(number).poll() : null;
            if (key != null) {
                reserved.add(key);
                busy[number]++;
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /** Somebody else was faster with an instance, and may have been with others: they are read anew. */
    synchronized void forgetCandidates(InstanceKey lost) {
        candidates.get(lost.task()).clear();
    }

    synchronized void release(InstanceKey key) {
        recording.remove(key);
        if (reserved.remove(key)) {
            busy[key.task()]--;
        }
    }

    /** An interrupt for one attempt of a task; it is pulled at once when the run has stopped here. */
    synchronized Interrupt interrupt(Task task) {
        Interrupt interrupt = new Interrupt();
        if (stopped) {
            interrupt.pull(stopCode, stopReason);
        }
        interrupts.put(interrupt, task);
        return interrupt;
    }

    synchronized void done(Interrupt interrupt) {
        interrupts.remove(interrupt);
    }

    /** Stops the run here: no further claim, and what runs in a database is interrupted. False when it had stopped. */
    boolean stop(ErrorCode code, String reason) {
        List<Interrupt> running;
        synchronized (this) {
            if (stopped) {
                return false;
            }
            stopped = true;
            stopCode = code;
            stopReason = reason;
            running = List.copyOf(interrupts.keySet());
        }
        running.forEach(interrupt -> interrupt.pull(code, reason));
        return true;
    }

    /** Interrupts what runs here of some tasks; the run goes on. */
    void interrupt(Predicate<Task> which, ErrorCode code, String reason) {
        List<Interrupt> running;
        synchronized (this) {
            running = interrupts.entrySet().stream()
                    .filter(attempt -> which.test(attempt.getValue()))
                    .map(Map.Entry::getKey)
                    .toList();
        }
        running.forEach(interrupt -> interrupt.pull(code, reason));
    }

    /** The cancel is done, or has failed and may be tried again. */
    synchronized void cancelEnded() {
        cancelled = false;
    }

    /** True once until it has ended: a wish to cancel may be noticed many times. */
    synchronized boolean isFirstCancel() {
        boolean first = !cancelled;
        cancelled = true;
        return first;
    }

    /** True once for each backfill: its publish may be come upon again by a later attempt of its task. */
    synchronized boolean isFirstWordOfPublish(String backfill) {
        return publishesTold.add(backfill);
    }

    /** Whether a task that failed so has to wait, with nothing wrong. */
    static boolean onlyWaits(Task task, ErrorCode code) {
        return task.kind() == TaskKind.PUBLISH && KEEPS_WAITING.contains(code);
    }

    /** Remembers a failure for the run's own message: the first one, but for one that only waits when another doesn't. */
    synchronized void failed(Task task, ErrorCode code, String message) {
        boolean waits = onlyWaits(task, code);
        if (failure.isEmpty() || (onlyWaits && !waits)) {
            failure = message;
            onlyWaits = waits;
        }
    }

    /** Remembers why the run can't go on now. */
    synchronized void paused(String message) {
        if (failure.isEmpty() || onlyWaits) {
            failure = message;
            onlyWaits = false;
        }
    }

    synchronized String failure() {
        return failure;
    }

    /** Whether all that failed are publishes that have to wait, with nothing wrong. */
    synchronized boolean onlyWaits() {
        return onlyWaits;
    }
}
