package dev.backstitch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.spec.Window.AllDay;
import dev.backstitch.spec.Window.Recurring;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** In 2026 Berlin's clocks jump from 02:00 to 03:00 on 29 March (01:00 UTC), and from 03:00 back to 02:00 on 25 October (01:00 UTC). */
class WindowsTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static Windows daily(String from, String to) {
        return new Windows(Recurring.daily(LocalTime.parse(from), LocalTime.parse(to), BERLIN));
    }

    private static Instant utc(String time) {
        return Instant.parse(time + ":00Z");
    }

    /** Of each night the times by the world's clock, counted by hand. */
    @ParameterizedTest
    @CsvSource({
        // the night before, the night of the jump (7 hours), the night after
        "22:00, 06:00, 2026-03-28T12:00, 2026-03-28T21:00, 2026-03-29T04:00",
        "22:00, 06:00, 2026-03-27T12:00, 2026-03-27T21:00, 2026-03-28T05:00",
        "22:00, 06:00, 2026-03-29T12:00, 2026-03-29T20:00, 2026-03-30T04:00",
        // the night of 9 hours
        "22:00, 06:00, 2026-10-24T12:00, 2026-10-24T20:00, 2026-10-25T05:00",
        "22:00, 06:00, 2026-10-25T12:00, 2026-10-25T21:00, 2026-10-26T05:00",
        // begins, or ends, at a time that the clock jumps over: the moment of the jump
        "02:30, 05:00, 2026-03-28T23:00, 2026-03-29T01:00, 2026-03-29T03:00",
        "01:00, 02:30, 2026-03-28T23:00, 2026-03-29T00:00, 2026-03-29T01:00",
        // at a time that comes twice: the first time
        "02:30, 05:00, 2026-10-24T23:00, 2026-10-25T00:30, 2026-10-25T04:00",
        "01:00, 02:30, 2026-10-24T22:00, 2026-10-24T23:00, 2026-10-25T00:30",
        // a whole day of 23 hours, and one of 25
        "00:00, 00:00, 2026-03-28T22:59, 2026-03-28T22:59, ",
    })
    void aDailyWindow_opensAndCloses_byTheWallClock(String from, String to, String now, String opens, String closes) {
        Windows windows = daily(from, to);

        assertThat(windows.opensAt(utc(now))).contains(utc(opens));
        if (closes == null) {
            assertThat(windows.closesAt(utc(opens))).isEmpty();
        } else {
            assertThat(windows.closesAt(utc(opens))).contains(utc(closes));
            assertThat(windows.isOpen(utc(closes))).isFalse();
            assertThat(windows.isOpen(utc(closes).minusNanos(1))).isTrue();
            assertThat(windows.isOpen(utc(opens).minusNanos(1))).isFalse();
        }
        assertThat(windows.isOpen(utc(opens))).isTrue();
    }

    @Test
    void aWindowThatTheClockJumpsOver_doesNotOpenThatDay() {
        assertThat(daily("02:10", "02:50").opensAt(utc("2026-03-28T12:00"))).contains(utc("2026-03-30T00:10"));
    }

    @Test
    void aWeeklyWindow_lastsOverDays() {
        Windows weekend = new Windows(
                Recurring.weekly(DayOfWeek.FRIDAY, LocalTime.of(20, 0), DayOfWeek.MONDAY, LocalTime.of(6, 0), BERLIN));

        assertThat(weekend.opensAt(utc("2026-03-25T12:00"))).contains(utc("2026-03-27T19:00"));
        assertThat(weekend.isOpen(utc("2026-03-29T12:00"))).isTrue();
        assertThat(weekend.closesAt(utc("2026-03-27T19:00"))).contains(utc("2026-03-30T04:00"));
        assertThat(weekend.opensAt(utc("2026-03-30T04:00"))).contains(utc("2026-04-03T18:00"));
    }

    @Test
    void aWeeklyWindow_thatEndsOnTheDayItBegan_lastsAWeekIfItEndsEarlier() {
        Windows almostAlways = new Windows(Recurring.weekly(
                DayOfWeek.SUNDAY, LocalTime.of(10, 0), DayOfWeek.SUNDAY, LocalTime.of(8, 0), ZoneOffset.UTC));
        Windows twoHours = new Windows(Recurring.weekly(
                DayOfWeek.SUNDAY, LocalTime.of(8, 0), DayOfWeek.SUNDAY, LocalTime.of(10, 0), ZoneOffset.UTC));

        for (Instant hour = utc("2026-06-01T00:00");
                hour.isBefore(utc("2026-06-15T00:00"));
                hour = hour.plus(Duration.ofHours(1))) {
            assertThat(almostAlways.isOpen(hour)).as("%s", hour).isNotEqualTo(twoHours.isOpen(hour));
        }
    }

    @Test
    void onWeekdays_exceptHolidays_orOnHolidaysAllDay() {
        LocalDate christmas = LocalDate.of(2026, 12, 25);
        Windows nights =
                daily("22:00", "06:00").on(DayOfWeek.THURSDAY, DayOfWeek.FRIDAY).except(List.of(christmas));

        // Thursday the 24th until Friday 06:00; Friday the 25th is excepted; next is Thursday the 31st.
        assertThat(nights.opensAt(utc("2026-12-23T12:00"))).contains(utc("2026-12-24T21:00"));
        assertThat(nights.opensAt(utc("2026-12-25T06:00"))).contains(utc("2026-12-31T21:00"));
        Windows also = nights.or(new Windows(new AllDay(List.of(christmas), BERLIN)));
        assertThat(also.closesAt(utc("2026-12-24T21:00"))).contains(utc("2026-12-25T23:00"));
    }

    @Test
    void windowsThatTouch_areOne_andThoseThatNeverClose_haveNoEnd() {
        Windows day = daily("06:00", "22:00");

        assertThat(day.or(daily("22:00", "23:00")).closesAt(utc("2026-06-01T10:00")))
                .contains(utc("2026-06-01T21:00"));
        assertThat(day.or(daily("22:00", "06:00")).closesAt(utc("2026-06-01T10:00")))
                .isEmpty();
        assertThat(day.closesAt(utc("2026-06-01T00:00"))).isEmpty();
    }

    @Test
    void daysThatHaveGoneBy_neverOpenAgain() {
        Windows gone = new Windows(new AllDay(List.of(LocalDate.of(2026, 1, 1)), BERLIN));

        assertThat(gone.opensAt(utc("2026-01-01T23:00"))).isEmpty();
        assertThat(gone.opensAt(utc("2025-06-01T00:00"))).contains(utc("2025-12-31T23:00"));
    }

    @Test
    void several_areOpenWhenAllAre() {
        Windows nights = daily("22:00", "06:00");
        Windows sundays = daily("00:00", "00:00").on(DayOfWeek.SUNDAY);

        assertThat(Windows.allOpenAt(List.of(nights, sundays), utc("2026-06-01T12:00")))
                .contains(utc("2026-06-06T22:00"));
        assertThat(Windows.allOpenAt(
                        List.of(daily("10:00", "11:00"), daily("12:00", "13:00")), utc("2026-06-01T12:00")))
                .isEmpty();
    }

    /** Against the wall clock itself, minute by minute, where no clock jumps. */
    @Test
    void openMinutes_areThoseOfTheWallClock() {
        Random random = new Random(7);
        for (int round = 0; round < 40; round++) {
            LocalTime from = LocalTime.of(random.nextInt(24), random.nextInt(60));
            LocalTime to = LocalTime.of(random.nextInt(24), random.nextInt(60));
            DayOfWeek day = DayOfWeek.of(random.nextInt(7) + 1);
            Windows windows = new Windows(Recurring.daily(from, to, ZoneOffset.UTC)).on(day);
            for (int minute = 0; minute < 8 * 24 * 60; minute += 7) {
                Instant now = utc("2026-06-01T00:00").plus(Duration.ofMinutes(minute));
                LocalTime wall = LocalTime.ofInstant(now, ZoneOffset.UTC);
                LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
                boolean evening = today.getDayOfWeek() == day && !wall.isBefore(from);
                boolean morning = today.minusDays(1).getDayOfWeek() == day && wall.isBefore(to);
                boolean expected = from.isBefore(to) ? evening && wall.isBefore(to) : evening || morning;
                assertThat(windows.isOpen(now)).as("%s at %s", windows, now).isEqualTo(expected);
            }
        }
    }

    @Test
    void wrongOnes_areRefused() {
        assertThatThrownBy(() -> new Recurring(List.of(), LocalTime.NOON, LocalTime.MIDNIGHT, 1, BERLIN, List.of()))
                .hasMessage("a window begins on one weekday at least");
        assertThatThrownBy(() -> new Recurring(
                        List.of(DayOfWeek.MONDAY), LocalTime.NOON, LocalTime.MIDNIGHT, 0, BERLIN, List.of()))
                .hasMessage("a window ends after it begins: from 12:00 to 00:00 after 0 nights");
        assertThatThrownBy(() -> new AllDay(List.of(), BERLIN)).hasMessage("a window is open on one day at least");
        assertThatThrownBy(() -> new Windows(List.of(), Windows.AtClose.FINISH))
                .hasMessage("of windows there is one at least");
    }

    @Test
    void theyAreToldInWords() {
        assertThat(daily("22:00", "06:00").on(DayOfWeek.FRIDAY).except(List.of(LocalDate.of(2026, 12, 25))))
                .hasToString("22:00 to 06:00 Europe/Berlin, beginning FRIDAY, except 2026-12-25");
        assertThat(daily("22:00", "06:00")
                        .or(new Windows(new AllDay(List.of(LocalDate.of(2026, 12, 25)), BERLIN)))
                        .cancellingAtClose())
                .hasToString(
                        "22:00 to 06:00 Europe/Berlin; or all day 2026-12-25 Europe/Berlin, cancelled when it closes");
    }
}
