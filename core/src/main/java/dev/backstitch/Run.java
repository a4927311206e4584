package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.run.RunResult;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** A run that this engine acts for. Thread-safe. */
public final class Run {
    private final String id;
    private final CompletableFuture<RunResult> result;

    Run(String id, CompletableFuture<RunResult> result) {
        this.id = id;
        this.result = result;
    }

    /** Its id, with which it is resumed, cancelled or rolled back. */
    public String id() {
        return id;
    }

    /**
     * Waits until the run has ended here.
     *
     * @return {@code PUBLISHED}, or {@code FAILED} or {@code AUDITED} with the reason
     * @throws BackstitchException with {@code FENCED} when another engine took over, {@code CANCELLED} when it was
     *     cancelled or the engine closed
     */
    public RunResult await() {
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
