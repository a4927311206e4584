package dev.backstitch.spi;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How the engine stops a call that runs in a database: on a timeout, a cancel or the loss of a lease. Thread-safe. It is
 * pulled at most once; what is registered afterwards is stopped at once.
 */
public final class Interrupt {
    private final List<Runnable> stops = new ArrayList<>();
    private @Nullable BackstitchException reason;

    /** An interrupt that nobody pulls, for calls that always run to their end. */
    public static Interrupt never() {
        return new Interrupt();
    }

    /** An interrupt that is pulled with {@code TIMED_OUT} when this time is over. */
    public static Interrupt after(Duration time) {
        Interrupt interrupt = new Interrupt();
        Runnable pull = () -> interrupt.pull(ErrorCode.TIMED_OUT, "not done within " + time);
        if (time.isZero()) {
            pull.run();
        } else {
            CompletableFuture.delayedExecutor(time.toMillis(), TimeUnit.MILLISECONDS)
                    .execute(pull);
        }
        return interrupt;
    }

    /**
     * Stops what is registered, and fails the call with this reason.
     *
     * @param code {@code TIMED_OUT}, {@code CANCELLED} or {@code FENCED}
     */
    public void pull(ErrorCode code, String message) {
        List<Runnable> now;
        synchronized (this) {
            if (reason != null) {
                return;
            }
            reason = new BackstitchException(code, message);
            now = List.copyOf(stops);
        }
        now.forEach(Runnable::run);
    }

    /**
     * Registers how to stop the statement that is about to run; connectors call it around each one.
     *
     * @return ends the registration when the statement has ended
     * @throws BackstitchException when the interrupt has been pulled
     */
    public synchronized Registration register(Runnable stop) {
        throwIfPulled();
        stops.add(stop);
        return () -> {
            synchronized (this) {
                stops.remove(stop);
            }
        };
    }

    /** Whether it has been pulled. */
    public synchronized boolean isPulled() {
        return reason != null;
    }

    /** Throws the reason when the interrupt has been pulled. */
    public synchronized void throwIfPulled() {
        if (reason != null) {
            throw reason;
        }
    }

    /** An open registration. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
