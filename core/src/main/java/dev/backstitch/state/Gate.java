package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a claim has to pass, beside its instance being ready: places that instances of any runs share, a least time between
 * two beginnings, or both. It needs no making; all that name it share it.
 *
 * @param name at most 400 characters
 * @param places how many instances that passed it may run at a time; nothing when it doesn't count them
 * @param spacing the least time between two that pass, by the database's clock; nothing when there is none
 */
public record Gate(String name, OptionalInt places, Optional<Duration> spacing) {
    private static final String POOL = "pool ";
    private static final String OF_RUN = "run ";
    private static final String RATE = "rate ";

    public Gate {
        requireNonNull(name, "name");
        requireNonNull(places, "places");
        requireNonNull(spacing, "spacing");
    }

    /** Places that a pool has, whatever runs share it. */
    public static Gate ofPool(String pool, int size) {
        return new Gate(POOL + pool, OptionalInt.of(size), Optional.empty());
    }

    /** Places that a run has for all of its tasks together. */
    public static Gate ofRun(String run, int concurrency) {
        return new Gate(OF_RUN + run, OptionalInt.of(concurrency), Optional.empty());
    }

    /** What the names begin with of all the gates of a run's rates. */
    static String ratesOf(String run) {
        return RATE + run + " ";
    }

    /** Beginnings of a backfill's partitions in a run. */
    public static Gate ofRate(String run, String backfill, Duration spacing) {
        return new Gate(ratesOf(run) + backfill, OptionalInt.empty(), Optional.of(spacing));
    }

    /** Whether other runs may be what keeps somebody waiting. */
    public boolean isPool() {
        return name.startsWith(POOL);
    }

    /** {@code pool warehouse of 4}, for people. */
    @Override
    public String toString() {
        return name + (places.isPresent() ? " of " + places.getAsInt() : "");
    }
}
