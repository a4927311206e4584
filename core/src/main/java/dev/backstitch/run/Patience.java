package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode.Remedy;
import dev.backstitch.spec.Limits.Retry;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** A few quick tries for what a person waits for, such as a cancel or a rollback that meets a writer. */
public final class Patience {
    private static final Retry RETRY = new Retry(8, Duration.ofMillis(50), Duration.ofSeconds(1));

    private Patience() {}

    /**
     * Calls it until it succeeds, up to eight times within a few seconds, as long as its failure says that trying again is
     * the remedy.
     *
     * @throws BackstitchException the last failure
     */
    public static <T> T with(Supplier<T> call) {
        for (int attempt = 1; ; attempt++) {
            try {
                return call.get();
            } catch (BackstitchException e) {
                if (e.code().remedy() != Remedy.RETRY || attempt == RETRY.attempts()) {
                    throw e;
                }
                LockSupport.parkNanos(RetryWait.after(RETRY, attempt, ThreadLocalRandom.current())
                        .toNanos());
            }
        }
    }
}
