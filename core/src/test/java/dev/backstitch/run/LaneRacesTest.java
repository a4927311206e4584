package dev.backstitch.run;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.Lincheck;
import org.junit.jupiter.api.Test;

/** Lanes beside each other, in interleavings that a model checker makes one by one. */
class LaneRacesTest {
    private static final int INTERLEAVINGS = 100;

    /** Nothing is lost between one that ends and one that is turned away. */
    @Test
    void whoeverIsTurnedAway_isWokenWhenAPlaceIsFree() {
        Lincheck.runConcurrentTest(INTERLEAVINGS, () -> {
            Queue<String> woken = new ConcurrentLinkedQueue<>();
            AtomicInteger worked = new AtomicInteger();
            AtomicInteger inside = new AtomicInteger();
            Turnstile turnstile = new Turnstile(
                    1,
                    (run, task) -> {
                        require(inside.incrementAndGet() == 1, "one place, and two inside");
                        worked.incrementAndGet();
                        inside.decrementAndGet();
                    },
                    (run, task) -> woken.add(task));

            together(() -> turnstile.pass("run", "one"), () -> turnstile.pass("run", "other"));
            for (String task = woken.poll(); task != null; task = woken.poll()) {
                turnstile.pass("run", task);
            }

            require(worked.get() == 2, "somebody was turned away and never woken");
        });
    }

    private static void together(Runnable one, Runnable other) {
        List<Thread> threads = List.of(new Thread(one), new Thread(other));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void require(boolean condition, String otherwise) {
        if (!condition) {
            throw new AssertionError(otherwise);
        }
    }
}
