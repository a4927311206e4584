package dev.backstitch.run;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.function.BiConsumer;

/**
 * Lets so many lanes work at the same time on threads that are shared with others. Who comes when all places are taken is
 * not kept waiting, which would cost the host a thread: it is sent away, and woken again when a place is free. Thread-safe.
 */
public final class Turnstile {
    private final int places;
    private final Lanes.Work work;
    private final BiConsumer<String, String> wake;
    private final Queue<Turned> turnedAway = new ArrayDeque<>();
    private int taken;

    private record Turned(String run, String task) {}

    /**
     * @param places how many may work at the same time, at least 1
     * @param wake wakes a lane again, by run and task
     */
    public Turnstile(int places, Lanes.Work work, BiConsumer<String, String> wake) {
        this.places = places;
        this.work = work;
        this.wake = wake;
    }

    /** Works, or leaves it to whoever goes next. */
    public void pass(String run, String task) {
        synchronized (this) {
            if (taken == places) {
                Turned turned = new Turned(run, task);
                // More than one lane a place is never of use.
                if (turnedAway.stream().filter(turned::equals).count() < places) {
                    turnedAway.add(turned);
                }
                return;
            }
            taken++;
        }
        try {
            work.work(run, task);
        } finally {
            leave().ifPresent(next -> wake.accept(next.run(), next.task()));
        }
    }

    private synchronized Optional<Turned> leave() {
        taken--;
        notifyAll();
        return Optional.ofNullable(turnedAway.poll());
    }

    /** Waits for those that work. Nobody is let in from now on who isn't woken again. */
    public synchronized void awaitEmpty() {
        turnedAway.clear();
        boolean interrupted = false;
        while (taken > 0) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
