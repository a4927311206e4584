package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How hard a backfill may press on the database, and how patient it is.
 *
 * @param concurrency merges at the same time, at least 1; default 1
 * @param timeout how long one attempt of one task instance may take before it is cancelled on the server; default 1 hour
 * @param retry what follows a failed attempt
 */
public record Limits(int concurrency, Duration timeout, Retry retry) {
    /** One merge at a time, an hour each, five attempts. */
    public static final Limits DEFAULT = new Limits(1, Duration.ofHours(1), Retry.DEFAULT);

    public Limits {
        requireNonNull(timeout, "timeout");
        requireNonNull(retry, "retry");
        if (concurrency < 1) {
            throw new IllegalArgumentException("concurrency is at least 1: " + concurrency);
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a timeout is positive: " + timeout);
        }
    }

    /** These limits with another concurrency. */
    public Limits concurrency(int merges) {
        return new Limits(merges, timeout, retry);
    }

    /** These limits with another timeout. */
    public Limits timeout(Duration attempt) {
        return new Limits(concurrency, attempt, retry);
    }

    /** These limits with other retries. */
    public Limits retry(Retry other) {
        return new Limits(concurrency, timeout, other);
    }

    /**
     * Retries with exponential waits and full jitter: the wait before attempt n+1 is random between 0 and
     * {@code min(longest, first * 2^(n-1))}, as in M. Brooker, "Exponential Backoff And Jitter" (AWS, 2015).
     *
     * @param attempts attempts in all, at least 1
     * @param first the bound of the first wait
     * @param longest the bound of every wait
     */
    public record Retry(int attempts, Duration first, Duration longest) {
        /** Five attempts, waits up to 1 s, 2 s, 4 s, 8 s. */
        public static final Retry DEFAULT = new Retry(5, Duration.ofSeconds(1), Duration.ofMinutes(1));

        public Retry {
            requireNonNull(first, "first");
            requireNonNull(longest, "longest");
            if (attempts < 1) {
                throw new IllegalArgumentException("attempts are at least 1: " + attempts);
            }
            if (first.isNegative() || longest.compareTo(first) < 0) {
                throw new IllegalArgumentException(
                        "waits run from 0 or more up to the longest: " + first + ", " + longest);
            }
        }

        /**
         * As many attempts with other waits.
         *
         * @param firstWait the bound of the first wait; it doubles with every attempt
         * @param longestWait the bound of every wait
         */
        public Retry exponential(Duration firstWait, Duration longestWait) {
            return new Retry(attempts, firstWait, longestWait);
        }
    }
}
