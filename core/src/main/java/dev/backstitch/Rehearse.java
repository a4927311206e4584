package dev.backstitch;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.OptionalInt;

/**
 * How a dag is rehearsed. Immutable; each method gives another value.
 *
 * @param partitions how many of each backfill, at least 1: the first, the last, then those with the most rows; nothing for all
 *     of them, over a copy of the whole target
 * @param lifetime after which whoever comes by drops the sandbox; default a day
 * @param after what becomes of the sandbox of a rehearsal that succeeded
 */
public record Rehearse(OptionalInt partitions, Duration lifetime, After after) {
    private static final Duration A_DAY = Duration.ofDays(1);

    /** What becomes of a sandbox. */
    public enum After {
        DROP,
        /** It stays until it expires, for a look at it. */
        KEEP
    }

    public Rehearse {
        requireNonNull(after, "after");
        if (partitions.orElse(1) < 1) {
            throw new IllegalArgumentException("a rehearsal has at least 1 partition: " + partitions.getAsInt());
        }
        if (lifetime.isNegative() || lifetime.isZero()) {
            throw new IllegalArgumentException("a sandbox lives for a positive time: " + lifetime);
        }
    }

    /** So many partitions of each backfill, whose rows alone are copied. */
    public static Rehearse partitions(int count) {
        return new Rehearse(OptionalInt.of(count), A_DAY, After.DROP);
    }

    /** The whole of it, over copies of whole targets. */
    public static Rehearse full() {
        return new Rehearse(OptionalInt.empty(), A_DAY, After.DROP);
    }

    /** The same, whose sandbox stays for a look at it. */
    public Rehearse keeping(Duration howLong) {
        return new Rehearse(partitions, howLong, After.KEEP);
    }
}
