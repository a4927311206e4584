package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How hard a dag's run as a whole may press, over all engines that work on it. Immutable.
 *
 * @param concurrency task instances at the same time, at least 1; default as many as its tasks may have
 * @param timeout how long one engine may act for the run before what runs is cancelled on the server and the run fails; a
 *     run that is resumed or taken over has it all again; default as long as it takes
 */
public record RunLimits(OptionalInt concurrency, Optional<Duration> timeout) {
    /** No limits beside those of the members. */
    public static final RunLimits NONE = new RunLimits(OptionalInt.empty(), Optional.empty());

    public RunLimits {
        requireNonNull(concurrency, "concurrency");
        requireNonNull(timeout, "timeout");
        if (concurrency.orElse(1) < 1) {
            throw new IllegalArgumentException("concurrency is at least 1: " + concurrency.getAsInt());
        }
        timeout.filter(length -> length.isNegative() || length.isZero()).ifPresent(length -> {
            throw new IllegalArgumentException("a timeout is positive: " + length);
        });
    }
}
