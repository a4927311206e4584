package dev.backstitch.run;

import dev.backstitch.plan.Task;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;

/**
 * Lanes on the threads that wait for a run: no thread is made for them, and nothing of a run goes on unless somebody waits
 * for one in {@link dev.backstitch.Run#await}. For a job of a scheduler that is blocked meanwhile, such as a batch step, and
 * for programs that may not start threads. Several that wait work side by side, on any of the engine's runs. Thread-safe.
 */
public final class CallersThread implements Lanes {
    private static final Duration SLICE = Duration.ofSeconds(1);

    private final DelayQueue<Wake> queue = new DelayQueue<>();
    private final int width;
    private final Clock clock;
    private final Turnstile turnstile;
    private volatile boolean closed;

    private CallersThread(Lanes.Work work, int width, Clock clock) {
        this.width = width;
        this.clock = clock;
        this.turnstile = new Turnstile(width, work, (run, task) -> queue.add(new Wake(run, task, System.nanoTime())));
    }

    /** Lanes on the threads that wait. As many work side by side as wait, by default one. */
    public static LaneSource lanes() {
        return new LaneSource() {
            @Override
            public int defaultThreads() {
                return 1;
            }

            @Override
            public Lanes open(Lanes.Work work, int threads, Clock clock) {
                return new CallersThread(work, threads, clock);
            }
        };
    }

    /** A lane that is due at a time of the JVM's monotonic clock. */
    private record Wake(String run, String task, long due) implements Delayed {
        @Override
        public long getDelay(TimeUnit unit) {
            return unit.convert(due - System.nanoTime(), TimeUnit.NANOSECONDS);
        }

        @Override
        public int compareTo(Delayed other) {
            return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
        }
    }

    @Override
    public void add(String run, List<Task> tasks) {}

    @Override
    public void wake(String run, Task task, int lanes) {
        for (int i = 0; i < Math.min(lanes, width); i++) {
            queue.add(new Wake(run, task.name(), System.nanoTime()));
        }
    }

    @Override
    public void wakeAt(String run, Task task, Instant time) {
        Duration wait = Duration.between(clock.instant(), time);
        queue.add(new Wake(run, task.name(), System.nanoTime() + Math.max(0, wait.toNanos())));
    }

    @Override
    public void workUntil(CompletableFuture<?> done) {
        // So that who waits for the next lane is woken by the end.
        CompletableFuture<Void> unused = done.handle((result, failure) -> {
            queue.add(new Wake("", "", System.nanoTime()));
            return null;
        });
        while (!done.isDone() && !closed) {
            try {
                Wake next = queue.take();
                if (!next.run().isEmpty()) {
                    turnstile.pass(next.run(), next.task());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void remove(String run) {
        queue.removeIf(wake -> wake.run().equals(run));
    }

    @Override
    public int width() {
        return width;
    }

    @Override
    public Duration slice() {
        return SLICE;
    }

    @Override
    public void close() {
        closed = true;
        turnstile.awaitEmpty();
    }
}
