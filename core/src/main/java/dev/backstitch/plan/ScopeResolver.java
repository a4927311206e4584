package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Slice;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;

/** Turns a declared scope into its partitions, once, when a backfill is planned. Pure but for the clock handed in. */
public final class ScopeResolver {
    private ScopeResolver() {}

    /**
     * The partitions of a scope, earliest first, also those that have not ended yet. Each is a day, and its id is the date
     * in ISO form.
     *
     * @param scope one that {@link BuildGate} lets pass
     * @param clock tells relative scopes which day is today, in its zone
     */
    public static List<Partition> resolve(Scope scope, Clock clock) {
        requireNonNull(clock, "clock");
        Stream<LocalDate> days = scope.match(new Scope.Cases<>() {
            @Override
            public Stream<LocalDate> dayRange(Scope.DayRange range) {
                return range.from().datesUntil(range.to());
            }

            @Override
            public Stream<LocalDate> lastDays(Scope.LastDays last) {
                LocalDate today = LocalDate.now(clock);
                return today.minusDays(last.count()).datesUntil(today);
            }

            @Override
            public Stream<LocalDate> onlyDays(Scope.OnlyDays only) {
                return only.days().stream().sorted();
            }
        });
        return days.map(day -> new Partition(day.toString(), new Slice.Days(scope.column(), day, day.plusDays(1))))
                .toList();
    }

    /** The moment from which a partition has ended, where days begin and end as in this zone. */
    public static Instant end(Partition partition, ZoneId zone) {
        return ((Slice.Days) partition.slice()).to().atStartOfDay(zone).toInstant();
    }

    /** Whether a partition has ended by this clock and its zone; before that, its source may still grow. */
    public static boolean hasEnded(Partition partition, Clock clock) {
        return !clock.instant().isBefore(end(partition, clock.getZone()));
    }
}
