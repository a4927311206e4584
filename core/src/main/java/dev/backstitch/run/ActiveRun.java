package dev.backstitch.run;

import static java.util.Objects.requireNonNull;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Task;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.InstanceKey;
import dev.backstitch.state.StateStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A run for which this engine acts: what its lanes share in memory. All of it is a hint that saves reads of the state
 * store, which decides; the memory is lost in a crash without harm. Thread-safe.
 */
final class ActiveRun {
    private static final int CANDIDATES_A_READ = 256;

    private final Plan plan;
    private final WorkOrder order;
    private final StateStore state;
    private final Map<String, Partition> partitions;
    private final Deque<InstanceKey> candidates = new ArrayDeque<>();
    private final Set<InstanceKey> reserved = new HashSet<>();
    private final Set<InstanceKey> recording = new HashSet<>();
    private final int[] busy;
    private final Set<Interrupt> interrupts = new HashSet<>();
    private final CompletableFuture<RunResult> result = new CompletableFuture<>();
    private boolean publishTold;
    private int lanes;
    private boolean stopped;
    private ErrorCode stopCode = ErrorCode.CANCELLED;
    private String stopReason = "";
    private ErrorCode failureCode = ErrorCode.AUDIT_FAILED;
    private String failure = "";

    ActiveRun(Plan plan, WorkOrder order, StateStore state) {
        this.plan = plan;
        this.order = order;
        this.state = state;
        this.busy = new int[plan.tasks().size()];
        this.partitions =
                plan.scope().stream().collect(Collectors.toMap(Partition::id, Function.identity(), (a, b) -> b));
    }

    String id() {
        return order.run();
    }

    long epoch() {
        return order.epoch();
    }

    Plan plan() {
        return plan;
    }

    WorkOrder order() {
        return order;
    }

    Task task(int number) {
        return plan.tasks().get(number);
    }

    Partition partition(String id) {
        return requireNonNull(partitions.get(id), "partition");
    }

    List<Task> downstreamOf(Task task) {
        return plan.tasks().stream()
                .filter(other -> other.upstream().contains(task.number()))
                .toList();
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

    /** Waits until every lane has left a run that has stopped, or until the time is over. */
    synchronized void awaitLanes(Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        long left = longest.toMillis();
        while (lanes > 0 && left > 0) {
            wait(left);
            left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
        }
    }

    synchronized boolean isIdle() {
        return lanes == 0 && !stopped;
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    /** How many more lanes this many ready instances of a task could use. */
    synchronized int wanted(Task task, int ready) {
        return Math.max(0, Math.min(task.concurrency(), ready) - busy[task.number()]);
    }

    /**
     * Reserves a runnable instance whose task has a free place, for one lane of this engine; the state store still has to
     * grant the claim. Every reservation ends with {@link #release}.
     */
    synchronized Optional<InstanceKey> reserve(Instant now) {
        if (stopped) {
            return Optional.empty();
        }
        Optional<InstanceKey> found = pick();
        if (found.isEmpty() && candidates.isEmpty()) {
            state.runnable(id(), now, CANDIDATES_A_READ + reserved.size() + recording.size()).stream()
                    .filter(key -> !reserved.contains(key) && !recording.contains(key))
                    .forEach(candidates::add);
            found = pick();
        }
        return found;
    }

    /**
     * Reserves the next instance for a lane that has run one and is about to record it. The lane passes its place on: held
     * for both, it would keep another lane from its own, and that lane would end.
     */
    synchronized Optional<InstanceKey> reserveAfter(InstanceKey done, Instant now) {
        if (reserved.remove(done)) {
            busy[done.task()]--;
            recording.add(done);
        }
        return reserve(now);
    }

    private Optional<InstanceKey> pick() {
        for (Iterator<InstanceKey> all = candidates.iterator(); all.hasNext(); ) {
            InstanceKey key = all.next();
            if (busy[key.task()] < task(key.task()).concurrency()) {
                all.remove();
                reserved.add(key);
                busy[key.task()]++;
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    synchronized void release(InstanceKey key) {
        recording.remove(key);
        if (reserved.remove(key)) {
            busy[key.task()]--;
        }
    }

    /** An interrupt for one attempt; it is pulled at once when the run has stopped here. */
    synchronized Interrupt interrupt() {
        Interrupt interrupt = new Interrupt();
        if (stopped) {
            interrupt.pull(stopCode, stopReason);
        }
        interrupts.add(interrupt);
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
            running = List.copyOf(interrupts);
        }
        running.forEach(interrupt -> interrupt.pull(code, reason));
        return true;
    }

    /** True once: the publish may be come upon again by a later attempt of its task. */
    synchronized boolean isFirstWordOfPublish() {
        boolean first = !publishTold;
        publishTold = true;
        return first;
    }

    /** Remembers the first failure, for the run's own message. */
    synchronized void failed(ErrorCode code, String message) {
        if (failure.isEmpty()) {
            failure = message;
            failureCode = code;
        }
    }

    synchronized String failure() {
        return failure;
    }

    synchronized ErrorCode failureCode() {
        return failureCode;
    }
}
