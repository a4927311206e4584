package dev.backstitch.run;

import dev.backstitch.state.StateStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * The state store's time for a time of this engine's. Engines' clocks differ, and one that is ten minutes ahead would have
 * the others wait ten minutes for what it has put off by a second: what one writes and another compares is by the clock of
 * the store's database. The difference is read once for each run, so that a clock which a test sets forward still counts.
 *
 * @param ahead how far this engine's clock is ahead of the store's
 */
record StoreTime(Duration ahead) {
    static StoreTime of(StateStore state, Clock clock) {
        return new StoreTime(Duration.between(state.now(), clock.instant()));
    }

    /** A time of this engine's, as the store's clock shows it. */
    Instant stored(Instant here) {
        return here.minus(ahead);
    }

    /** A time of the store's, as this engine's clock shows it. */
    Instant here(Instant stored) {
        return stored.plus(ahead);
    }
}
