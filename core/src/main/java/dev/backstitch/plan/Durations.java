package dev.backstitch.plan;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;

/** Durations in words. */
public final class Durations {
    private Durations() {}

    /** {@code 30 days}, {@code 1 hour}, {@code 90 seconds}: the largest unit that leaves no rest. */
    public static String words(Duration duration) {
        for (ChronoUnit unit : List.of(ChronoUnit.DAYS, ChronoUnit.HOURS, ChronoUnit.MINUTES, ChronoUnit.SECONDS)) {
            long count = duration.dividedBy(unit.getDuration());
            if (duration.equals(unit.getDuration().multipliedBy(count))) {
                String name = unit.toString().toLowerCase(Locale.ROOT);
                return count + " " + (count == 1 ? name.substring(0, name.length() - 1) : name);
            }
        }
        return duration.toString();
    }
}
