package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How hard a backfill may press on the database, and how patient it is. Immutable: each verb gives other limits, so that a
 * team keeps its standard in one constant.
 *
 * @param concurrency merges at the same time, over all engines that work on the run; at least 1; default 1
 * @param timeout how long one attempt of one task instance may take before it is cancelled on the server; default 1 hour
 * @param retry what follows a failed attempt
 * @param start whether the first partition goes ahead of the others; default no
 * @param pool what all of the backfill's task instances share with other backfills; default nothing
 * @param rate how many partitions may begin in a period; default as many as there are places for
 * @param breaker when so much fails that nothing more begins; default never
 * @param afterFailure what becomes of the other partitions when one has failed for good; default {@code GO_ON}
 */
public record Limits(
        int concurrency,
        Duration timeout,
        Retry retry,
        Start start,
        Optional<Pool> pool,
        Optional<RateLimit> rate,
        Optional<Breaker> breaker,
        Optional<AfterFailure> afterFailure) {
    /** How the merges of a backfill begin. */
    public enum Start {
        /** With as many as may run at the same time. */
        TOGETHER,
        /** With the first partition alone: the others wait for its merge, and for the audits of that partition. */
        FIRST_ALONE
    }

    /** What becomes of the rest of a run when a task instance has failed for good. */
    public enum AfterFailure {
        /** What doesn't wait for it is done, so that one resume finds all that is wrong. */
        GO_ON,
        /** What runs is finished, and nothing more begins. */
        BEGIN_NOTHING
    }

    /** One merge at a time, an hour each, five attempts. */
    public static final Limits DEFAULT = new Limits(1, Duration.ofHours(1), Retry.DEFAULT);

    public Limits {
        requireNonNull(timeout, "timeout");
        requireNonNull(retry, "retry");
        requireNonNull(start, "start");
        requireNonNull(pool, "pool");
        requireNonNull(rate, "rate");
        requireNonNull(breaker, "breaker");
        requireNonNull(afterFailure, "afterFailure");
        if (concurrency < 1) {
            throw new IllegalArgumentException("concurrency is at least 1: " + concurrency);
        }
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("a timeout is positive: " + timeout);
        }
    }

    /** Limits whose merges begin together. */
    public Limits(int concurrency, Duration timeout, Retry retry) {
        this(
                concurrency,
                timeout,
                retry,
                Start.TOGETHER,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** These limits with another concurrency. */
    public Limits concurrency(int merges) {
        return new Limits(merges, timeout, retry, start, pool, rate, breaker, afterFailure);
    }

    /** These limits with another timeout. */
    public Limits timeout(Duration attempt) {
        return new Limits(concurrency, attempt, retry, start, pool, rate, breaker, afterFailure);
    }

    /** These limits with other retries. */
    public Limits retry(Retry other) {
        return new Limits(concurrency, timeout, other, start, pool, rate, breaker, afterFailure);
    }

    /**
     * These limits, with the first partition ahead of the others: if it fails, none of them begins. A later failure
     * doesn't stop the others.
     */
    public Limits firstPartitionAlone() {
        return new Limits(concurrency, timeout, retry, Start.FIRST_ALONE, pool, rate, breaker, afterFailure);
    }

    /** These limits, with each task instance in a pool that other backfills may share. */
    public Limits pool(Pool shared) {
        return new Limits(concurrency, timeout, retry, start, Optional.of(shared), rate, breaker, afterFailure);
    }

    /**
     * These limits, with no more than so many partitions beginning in a period, evenly spread: each at least {@code period /
     * partitions} after the one before, over all engines, by the clock of the state store's database. An attempt counts as
     * its partition's beginning, the first one and each other.
     *
     * @param partitions at least 1
     * @param period positive
     */
    public Limits rateLimit(int partitions, Duration period) {
        return new Limits(
                concurrency,
                timeout,
                retry,
                start,
                pool,
                Optional.of(new RateLimit(partitions, period)),
                breaker,
                afterFailure);
    }

    /** These limits, with a breaker of the run. */
    public Limits breaker(Breaker tripping) {
        return new Limits(concurrency, timeout, retry, start, pool, rate, Optional.of(tripping), afterFailure);
    }

    /** These limits, with nothing more that begins once a task instance has failed for good. The run then fails. */
    public Limits failFast() {
        return new Limits(
                concurrency, timeout, retry, start, pool, rate, breaker, Optional.of(AfterFailure.BEGIN_NOTHING));
    }

    /** {@code concurrency 2, timeout PT1H, 5 attempts}, and whatever else was said. */
    @Override
    public String toString() {
        return "concurrency " + concurrency + ", timeout " + timeout + ", " + retry
                + (start == Start.FIRST_ALONE ? ", first partition alone" : "")
                + pool.map(each -> ", pool " + each.name() + " of " + each.size())
                        .orElse("")
                + rate.map(each -> ", at most " + each.partitions() + " in " + each.period())
                        .orElse("")
                + breaker.map(each -> ", breaker above " + each.share() + " after " + each.after())
                        .orElse("")
                + afterFailure.map(each -> ", fail fast").orElse("");
    }

    /**
     * Places that any number of backfills share, in all runs and engines of a state store: a backfill in a pool begins a task
     * instance only while fewer than {@code size} instances of the pool run. Waiting runs get them in turn. A run whose
     * lease has expired doesn't count: whatever it had running was cancelled, or died with its process.
     *
     * @param name at most 100 characters
     * @param size at least 1; where two backfills say another size, each goes by its own
     */
    public record Pool(String name, int size) {
        private static final int LONGEST = 100;

        public Pool {
            requireNonNull(name, "name");
            if (name.isBlank() || name.length() > LONGEST) {
                throw new IllegalArgumentException("a pool's name has 1 to " + LONGEST + " characters: " + name);
            }
            if (size < 1) {
                throw new IllegalArgumentException("a pool has at least 1 place: " + size);
            }
        }
    }

    /**
     * At most so many beginnings in a period, evenly spread.
     *
     * @param partitions at least 1
     * @param period positive
     */
    public record RateLimit(int partitions, Duration period) {
        public RateLimit {
            requireNonNull(period, "period");
            if (partitions < 1) {
                throw new IllegalArgumentException("a rate is at least 1 in a period: " + partitions);
            }
            if (period.isNegative() || period.isZero()) {
                throw new IllegalArgumentException("a rate's period is positive: " + period);
            }
        }

        /** The least time between two beginnings. */
        public Duration spacing() {
            return period.dividedBy(partitions);
        }
    }

    /**
     * Trips when too many attempts of a backfill's merges failed: nothing more begins then, what runs is finished, and the
     * run fails and can be resumed, which closes the breaker. Against a source that is broken, or a database that can't bear
     * more, each further partition would only fail as well.
     *
     * @param share the failed ones among all attempts that have ended, above which it trips
     * @param after how many attempts have to have failed first, so that one bad partition of two doesn't trip it; at least 1
     */
    public record Breaker(Percent share, int after) {
        private static final int DEFAULT_AFTER = 5;
        private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

        public Breaker {
            requireNonNull(share, "share");
            if (after < 1) {
                throw new IllegalArgumentException("a breaker trips after at least 1 failure: " + after);
            }
        }

        /** One that trips after five failures at the earliest. */
        public Breaker(Percent share) {
            this(share, DEFAULT_AFTER);
        }

        /** This breaker, which trips after so many failures at the earliest. */
        public Breaker after(int failures) {
            return new Breaker(share, failures);
        }

        /** Whether it trips at so many attempts. Pure. */
        public boolean trips(long failed, long succeeded) {
            return failed >= after
                    && HUNDRED.multiply(BigDecimal.valueOf(failed))
                                    .compareTo(share.value().multiply(BigDecimal.valueOf(failed + succeeded)))
                            > 0;
        }
    }

    /**
     * Retries with exponential waits and full jitter: the wait after the n-th failure is random between 0 and
     * {@code min(longest, first * 2^(n-1))}, as in M. Brooker, "Exponential Backoff And Jitter" (AWS, 2015). Failures are
     * counted apart by whose they are, so that an unreliable network doesn't use up the patience with a wrong query.
     *
     * @param attempts how many attempts may fail because of the platform, such as by a conflict or a lost connection, before
     *     the task instance has failed for good; at least 1
     * @param first the bound of the first wait
     * @param longest the bound of every wait
     * @param timeouts how many may run into their timeout; at least 1; default as many as {@code attempts}
     * @param errors how many may fail by what the query or its data say, such as a division by zero or a duplicate key; at
     *     least 1; default 1, since the same query over the same data fails again
     */
    public record Retry(int attempts, Duration first, Duration longest, OptionalInt timeouts, OptionalInt errors) {
        /** Five attempts, waits up to 1 s, 2 s, 4 s, 8 s. */
        public static final Retry DEFAULT = new Retry(5, Duration.ofSeconds(1), Duration.ofMinutes(1));

        public Retry {
            requireNonNull(first, "first");
            requireNonNull(longest, "longest");
            requireNonNull(timeouts, "timeouts");
            requireNonNull(errors, "errors");
            if (attempts < 1 || timeouts.orElse(1) < 1 || errors.orElse(1) < 1) {
                throw new IllegalArgumentException("attempts are at least 1: " + attempts
                        + (timeouts.isPresent() ? ", timeouts " + timeouts.getAsInt() : "")
                        + (errors.isPresent() ? ", errors " + errors.getAsInt() : ""));
            }
            if (first.isNegative() || longest.compareTo(first) < 0) {
                throw new IllegalArgumentException(
                        "waits run from 0 or more up to the longest: " + first + ", " + longest);
            }
        }

        /** Retries of what isn't the query's fault. */
        public Retry(int attempts, Duration first, Duration longest) {
            this(attempts, first, longest, OptionalInt.empty(), OptionalInt.empty());
        }

        /**
         * As many attempts with other waits.
         *
         * @param firstWait the bound of the first wait; it doubles with every failure
         * @param longestWait the bound of every wait
         */
        public Retry exponential(Duration firstWait, Duration longestWait) {
            return new Retry(attempts, firstWait, longestWait, timeouts, errors);
        }

        /** These retries, where so many attempts may run into their timeout. */
        public Retry timeouts(int count) {
            return new Retry(attempts, first, longest, OptionalInt.of(count), errors);
        }

        /** These retries, where so many attempts may fail by what the query or its data say. */
        public Retry errors(int count) {
            return new Retry(attempts, first, longest, timeouts, OptionalInt.of(count));
        }

        /** {@code 5 attempts, waits from PT1S to PT1M}, and whatever else was said. */
        @Override
        public String toString() {
            return attempts + " attempts, waits from " + first + " to " + longest
                    + (timeouts.isPresent() ? ", " + timeouts.getAsInt() + " timeouts" : "")
                    + (errors.isPresent() ? ", " + errors.getAsInt() + " errors" : "");
        }
    }
}
