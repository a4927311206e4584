package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How long a run will take, by a rehearsal of the same logic: a range, since a few partitions don't tell all.
 *
 * @param rehearsedAt when the rehearsal ended, by the engine's clock
 * @param rehearsed how many partitions it merged
 * @param least the shortest time of work to expect
 * @param most the longest
 * @param endsFrom when it may end at the earliest, if it begins when it is planned and works only while its windows are open;
 *     nothing when they never open
 * @param endsBy when it ends at the latest, likewise
 * @param rows how many rows the shadows will have
 * @param bytes how much room they will take; nothing where the database does not tell
 */
public record Estimate(
        Instant rehearsedAt,
        int rehearsed,
        Duration least,
        Duration most,
        Optional<Instant> endsFrom,
        Optional<Instant> endsBy,
        long rows,
        Optional<Long> bytes) {
    public Estimate {
        requireNonNull(rehearsedAt, "rehearsedAt");
        requireNonNull(least, "least");
        requireNonNull(most, "most");
        requireNonNull(endsFrom, "endsFrom");
        requireNonNull(endsBy, "endsBy");
        requireNonNull(bytes, "bytes");
    }
}
