package dev.backstitch.run;

import static java.util.Objects.requireNonNull;

import dev.backstitch.plan.Task;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lanes on an executor of the host's, with a timer of our own for what is due later. Thread-safe. */
public final class ExecutorLanes implements Lanes {
    private static final Logger LOG = LoggerFactory.getLogger(ExecutorLanes.class);
    private static final int DEFAULT_THREADS = 8;
    private static final Duration SLICE = Duration.ofSeconds(1);

    private final Executor executor;
    private final int width;
    private final Clock clock;
    private final Turnstile turnstile;
    private final ScheduledThreadPoolExecutor timer;
    private volatile boolean closed;

    private ExecutorLanes(Executor executor, Lanes.Work work, int width, Clock clock) {
        this.executor = executor;
        this.width = width;
        this.clock = clock;
        this.turnstile = new Turnstile(width, work, this::submit);
        this.timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "backstitch-lane-timer");
            thread.setDaemon(true);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /**
     * Lanes on this executor, which stays the host's: it is not shut down. By default eight at a time; each lets others have
     * its thread after a second at the latest that begins no more work.
     */
    public static LaneSource on(Executor executor) {
        requireNonNull(executor, "executor");
        return new LaneSource() {
            @Override
            public int defaultThreads() {
                return DEFAULT_THREADS;
            }

            @Override
            public Lanes open(Lanes.Work work, int threads, Clock clock) {
                return new ExecutorLanes(executor, work, threads, clock);
            }
        };
    }

    @Override
    public void add(String run, List<Task> tasks) {}

    @Override
    public void wake(String run, Task task, int lanes) {
        // From a thread of our own: an executor that is full may make whoever comes work himself.
        for (int i = 0; i < Math.min(lanes, width); i++) {
            wakeAt(run, task, clock.instant());
        }
    }

    private void submit(String run, String task) {
        if (closed) {
            return;
        }
        try {
            executor.execute(() -> turnstile.pass(run, task));
        } catch (RejectedExecutionException e) {
            LOG.debug("run={} task={} no lane was woken: {}", run, task, e.getMessage());
        }
    }

    @Override
    public void wakeAt(String run, Task task, Instant time) {
        long wait = Math.max(0, Duration.between(clock.instant(), time).toMillis());
        try {
            var unused = timer.schedule(() -> submit(run, task.name()), wait, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("run={} task={} no lane will be woken: {}", run, task.name(), e.getMessage());
        }
    }

    @Override
    public void remove(String run) {}

    @Override
    public int width() {
        return width;
    }

    @Override
    public Duration slice() {
        return SLICE;
    }

    /** An executor that is full for a moment is not: the sweep tries again. One that can't be asked never is. */
    @Override
    public boolean isGone() {
        return executor instanceof ExecutorService service && service.isShutdown();
    }

    @Override
    public void close() {
        closed = true;
        timer.shutdown();
        turnstile.awaitEmpty();
    }
}
