package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.DayOfWeek;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAdjusters;
import java.util.Locale;
import java.util.Optional;

/**
 * How a column of dates or times is divided.
 *
 * @param column the column of the target
 * @param unit the length of a partition
 * @param zone whose hours, days, weeks or months are meant. Without one they are those that the column itself shows: a
 *     date, or the wall clock of a timestamp without a zone. With one the column denotes instants: it is a timestamp with a
 *     zone, or one without that holds UTC
 */
public record Calendar(String column, Unit unit, Optional<ZoneId> zone) {
    /** The length of a partition. Weeks are those of ISO 8601, from Monday. */
    public enum Unit {
        HOURS(ChronoUnit.HOURS, "hourly"),
        DAYS(ChronoUnit.DAYS, "daily"),
        WEEKS(ChronoUnit.WEEKS, "weekly"),
        MONTHS(ChronoUnit.MONTHS, "monthly");

        private final ChronoUnit chrono;
        private final String adjective;

        Unit(ChronoUnit chrono, String adjective) {
            this.chrono = chrono;
            this.adjective = adjective;
        }

        /** The same unit for calculations. */
        public ChronoUnit chrono() {
            return chrono;
        }

        /** {@code hourly}, for plans. */
        public String adjective() {
            return adjective;
        }

        /** {@code hour}, for messages. */
        public String noun() {
            String plural = chrono.toString().toLowerCase(Locale.ROOT);
            return plural.substring(0, plural.length() - 1);
        }

        /** The beginning of the unit in which a time lies. */
        public LocalDateTime floor(LocalDateTime time) {
            return switch (this) {
                case HOURS -> time.truncatedTo(ChronoUnit.HOURS);
                case DAYS -> time.truncatedTo(ChronoUnit.DAYS);
                case WEEKS ->
                    time.toLocalDate()
                            .with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY))
                            .atTime(LocalTime.MIDNIGHT);
                case MONTHS -> time.toLocalDate().withDayOfMonth(1).atTime(LocalTime.MIDNIGHT);
            };
        }
    }

    public Calendar {
        requireNonNull(column, "column");
        requireNonNull(unit, "unit");
        requireNonNull(zone, "zone");
    }
}
