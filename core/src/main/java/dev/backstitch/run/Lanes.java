package dev.backstitch.run;

import dev.backstitch.plan.Task;
import dev.backstitch.spec.Hold;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Who wakes the engine. A wake-up may be lost, late or doubled: the engine reads the database each time, and a sweep finds
 * what was lost.
 */
public interface Lanes extends AutoCloseable {
    /** A run begins here: its tasks may be woken from now on. Again for the same run changes nothing. */
    void add(String run, List<Task> tasks);

    /** Starts this many lanes on a task, as soon as there are threads. */
    void wake(String run, Task task, int lanes);

    /** Starts one lane on a task at this time. */
    void wakeAt(String run, Task task, Instant time);

    /** A run has ended here: nothing of it is left. Lanes that run go on to their end. */
    void remove(String run);

    /** How many lanes can run at the same time, of all runs together. */
    int width();

    /** How long a lane works before it lets others have its thread; zero after each task instance. */
    default Duration slice() {
        return Duration.ofSeconds(10);
    }

    /** Called by a thread that waits until this is done: lanes without threads of their own work in it meanwhile. */
    default void workUntil(CompletableFuture<?> done) {}

    /** Whether they never work again, since what they run on is shut down. */
    default boolean isGone() {
        return false;
    }

    /** What carries out a hold of something that only these lanes know, such as a group of their scheduler. */
    default Optional<Hold.Port> portOf(Hold hold) {
        return Optional.empty();
    }

    /** Wakes nothing more and waits for the lanes that run. */
    @Override
    void close();

    /** What a lane does when it is woken. Implemented by the engine; safe at any time, on any thread. */
    interface Work {
        /** Works off what is runnable, beginning with this task. Unknown runs are ignored. */
        void work(String run, String task);
    }
}
