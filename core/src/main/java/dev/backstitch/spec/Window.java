package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * Times that come again by the wall clock of a zone. A time that the clock jumps over is the moment of the jump, and one
 * that comes twice is taken the first time: from 22:00 to 06:00 are 7 hours in the night in which summer time begins, and 9
 * in the one in which it ends. Immutable.
 */
public sealed interface Window {
    /** Whose wall clock. */
    ZoneId zone();

    /** The most midnights between a beginning and its end. */
    int nights();

    /** Whether it begins on a day. */
    boolean beginsOn(LocalDate day);

    /** When it begins, on a day on which it does. */
    Instant beginning(LocalDate day);

    /** When the one has ended that begins on a day; the first moment that isn't part of it. */
    Instant end(LocalDate day);

    /**
     * From one time of some weekdays to another, on the same day or a later one.
     *
     * @param on the weekdays on which it begins, each once, Monday first
     * @param from when it begins
     * @param to when it ends
     * @param nights how many midnights lie between
     * @param except days on which it doesn't begin, each once, in order
     */
    record Recurring(List<DayOfWeek> on, LocalTime from, LocalTime to, int nights, ZoneId zone, List<LocalDate> except)
            implements Window {
        public Recurring {
            on = on.stream().sorted().distinct().toList();
            requireNonNull(from, "from");
            requireNonNull(to, "to");
            requireNonNull(zone, "zone");
            except = except.stream().sorted().distinct().toList();
            if (on.isEmpty()) {
                throw new IllegalArgumentException("a window begins on one weekday at least");
            }
            if (nights < 0 || (nights == 0 && !from.isBefore(to))) {
                throw new IllegalArgumentException(
                        "a window ends after it begins: from " + from + " to " + to + " after " + nights + " nights");
            }
        }

        /** Every day from one time to the next that is another, across midnight unless it comes later on the same day. */
        public static Recurring daily(LocalTime from, LocalTime to, ZoneId zone) {
            return new Recurring(
                    Arrays.asList(DayOfWeek.values()), from, to, from.isBefore(to) ? 0 : 1, zone, List.of());
        }

        /** Every week, from a time of one day to a time of another, or of the same one. */
        public static Recurring weekly(DayOfWeek begins, LocalTime from, DayOfWeek ends, LocalTime to, ZoneId zone) {
            int week = DayOfWeek.values().length;
            int nights = Math.floorMod(ends.getValue() - begins.getValue(), week);
            return new Recurring(
                    List.of(begins), from, to, nights == 0 && !from.isBefore(to) ? week : nights, zone, List.of());
        }

        /** The same, where it begins on these weekdays alone. */
        Recurring beginningOn(Collection<DayOfWeek> weekdays) {
            return new Recurring(List.copyOf(weekdays), from, to, nights, zone, except);
        }

        /** The same, which doesn't begin on these days either. */
        Recurring exceptOn(Collection<LocalDate> days) {
            List<LocalDate> all = new ArrayList<>(except);
            all.addAll(days);
            return new Recurring(on, from, to, nights, zone, all);
        }

        @Override
        public boolean beginsOn(LocalDate day) {
            return on.contains(day.getDayOfWeek()) && !except.contains(day);
        }

        @Override
        public Instant beginning(LocalDate day) {
            return instant(day.atTime(from), zone);
        }

        @Override
        public Instant end(LocalDate day) {
            return instant(day.plusDays(nights).atTime(to), zone);
        }

        /** {@code 22:00 to 06:00 Europe/Berlin, beginning MONDAY, FRIDAY, except 2026-12-24}. */
        @Override
        public String toString() {
            return from + " to " + to + (nights > 1 ? " " + nights + " days later" : "") + " " + zone
                    + (on.size() == DayOfWeek.values().length
                            ? ""
                            : ", beginning "
                                    + String.join(
                                            ", ", on.stream().map(Enum::name).toList()))
                    + (except.isEmpty()
                            ? ""
                            : ", except "
                                    + String.join(
                                            ", ",
                                            except.stream()
                                                    .map(LocalDate::toString)
                                                    .toList()));
        }
    }

    /**
     * Whole days, such as holidays.
     *
     * @param days each once, in order
     */
    record AllDay(List<LocalDate> days, ZoneId zone) implements Window {
        public AllDay {
            days = days.stream().sorted().distinct().toList();
            requireNonNull(zone, "zone");
            if (days.isEmpty()) {
                throw new IllegalArgumentException("a window is open on one day at least");
            }
        }

        @Override
        public int nights() {
            return 1;
        }

        @Override
        public boolean beginsOn(LocalDate day) {
            return days.contains(day);
        }

        @Override
        public Instant beginning(LocalDate day) {
            return instant(day.atStartOfDay(), zone);
        }

        @Override
        public Instant end(LocalDate day) {
            return instant(day.plusDays(1).atStartOfDay(), zone);
        }

        /** {@code all day 2026-12-24, 2026-12-25 Europe/Berlin}. */
        @Override
        public String toString() {
            return "all day "
                    + String.join(", ", days.stream().map(LocalDate::toString).toList()) + " " + zone;
        }
    }

    private static Instant instant(LocalDateTime wall, ZoneId zone) {
        ZoneOffsetTransition transition = zone.getRules().getTransition(wall);
        return transition != null && transition.isGap()
                ? transition.getInstant()
                : wall.atZone(zone).toInstant();
    }
}
