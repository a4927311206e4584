package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How hard a backfill may press on the database, and how patient it is.
 *
 * @param concurrency merges at the same time, at least 1; default 1
 * @param timeout how long one attempt of one task instance may take before it is cancelled on the server; default 1 hour
 * @param retry what follows a failed attempt
 * @param start whether the first partition goes ahead of the others; default no
 */
public record Limits(int concurrency, Duration timeout, Retry retry, Start start) {
    /** How the merges of a backfill begin. */
    public enum Start {
        /** With as many as may run at the same time. */
        TOGETHER,
        /** With the first partition alone: the others wait for its merge, and for the audits of that partition. */
        FIRST_ALONE
    }

    /** One merge at a time, an hour each, five attempts. */
    public static final Limits DEFAULT = new Limits(1, Duration.ofHours(1), Retry.DEFAULT);

    public Limits {
        requireNonNull(timeout, "timeout");
        requireNonNull(retry, "retry");
        requireNonNull(start, "start");
        if (concurrency < 1) {
            throw new IllegalArgumentException("concurrency is at least 1: " + concurrency);
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a timeout is positive: " + timeout);
        }
    }

    /** Limits whose merges begin together. */
    public Limits(int concurrency, Duration timeout, Retry retry) {
        this(concurrency, timeout, retry, Start.TOGETHER);
    }

    /** These limits with another concurrency. */
    public Limits concurrency(int merges) {
        return new Limits(merges, timeout, retry, start);
    }

    /** These limits with another timeout. */
    public Limits timeout(Duration attempt) {
        return new Limits(concurrency, attempt, retry, start);
    }

    /** These limits with other retries. */
    public Limits retry(Retry other) {
        return new Limits(concurrency, timeout, other, start);
    }

    /**
     * These limits, with the first partition ahead of the others: if it fails, none of them begins. A later failure
     * doesn't stop the others.
     */
    public Limits firstPartitionAlone() {
        return new Limits(concurrency, timeout, retry, Start.FIRST_ALONE);
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
