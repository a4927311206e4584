package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.run.RunResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/** A run that this engine acts for. Thread-safe. */
public final class Run {
    private final String id;
    private final CompletableFuture<RunResult> result;

    private final Consumer<CompletableFuture<?>> waiting;

    /** @param waiting what a thread does while it waits */
    Run(String id, CompletableFuture<RunResult> result, Consumer<CompletableFuture<?>> waiting) {
        this.id = id;
        this.result = result;
        this.waiting = waiting;
    }

    /** Its id, with which it is resumed, cancelled or rolled back. */
    public String id() {
        return id;
    }

    /**
     * Waits until the run has ended here. With lanes on the {@linkplain dev.backstitch.run.CallersThread caller's thread}
     * this is when it works; a thread that is interrupted then stops working, and waits on.
     *
     * @return {@code PUBLISHED}, or {@code FAILED} or {@code AUDITED} with the reason
     * @throws BackstitchException with {@code FENCED} when another engine took over, {@code CANCELLED} when it was
     *     cancelled or the engine closed
     */
    public RunResult await() {
        waiting.accept(result);
        try {
            return result.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof BackstitchException ours) {
                throw ours;
            }
            throw e;
        }
    }
}
