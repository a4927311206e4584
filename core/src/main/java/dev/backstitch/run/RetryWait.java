package dev.backstitch.run;

import dev.backstitch.spec.Limits.Retry;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before the next attempt. Pure but for the randomness that is handed in. */
final class RetryWait {
    private static final int LARGEST_SHIFT = 30;

    private RetryWait() {}

    /**
     * A random wait between 0 and {@code min(longest, first * 2^(attempt-1))}: "full jitter", M. Brooker, "Exponential
     * Backoff And Jitter", AWS Architecture Blog, 2015.
     *
     * @param attempt the attempt that failed, from 1
     */
    static Duration after(Retry retry, int attempt, RandomGenerator random) {
        Duration grown = retry.first().multipliedBy(1L << Math.min(attempt - 1, LARGEST_SHIFT));
        Duration bound = grown.compareTo(retry.longest()) < 0 ? grown : retry.longest();
        return bound.isZero() ? Duration.ZERO : Duration.ofMillis(random.nextLong(bound.toMillis() + 1));
    }
}
