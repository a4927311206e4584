package dev.backstitch.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Slice;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScopeResolverTest {
    private static final Clock NOON = clock("2001-01-05T12:00:00Z", "UTC");

    @Test
    void dayRange_isHalfOpen_andADayAPartition() {
        assertThat(ScopeResolver.resolve(range("2001-02-27", "2001-03-02"), NOON))
                .containsExactly(day("2001-02-27"), day("2001-02-28"), day("2001-03-01"));
    }

    @Test
    void dayRange_keepsDays_thatHaveNotEnded() {
        List<Partition> partitions = ScopeResolver.resolve(range("2001-01-04", "2001-01-07"), NOON);

        assertThat(partitions).extracting(Partition::id).containsExactly("2001-01-04", "2001-01-05", "2001-01-06");
        assertThat(partitions)
                .filteredOn(partition -> ScopeResolver.hasEnded(partition, NOON))
                .containsExactly(day("2001-01-04"));
    }

    @Test
    void lastDays_areTheDaysBeforeToday() {
        assertThat(ScopeResolver.resolve(Scope.lastDays("flight_date", 3), NOON))
                .containsExactly(day("2001-01-02"), day("2001-01-03"), day("2001-01-04"));
    }

    @ParameterizedTest
    @CsvSource({
        "2001-01-05T23:30:00Z, UTC, 2001-01-04",
        "2001-01-05T23:30:00Z, Europe/Berlin, 2001-01-05",
        "2001-01-05T03:30:00Z, America/New_York, 2001-01-03",
        "2001-01-05T00:00:00Z, UTC, 2001-01-04",
        "2018-11-04T03:00:00Z, America/Sao_Paulo, 2018-11-03"
    })
    void lastDays_followTheClocksZone_andHaveEnded(String now, String zone, String last) {
        Clock clock = clock(now, zone);

        List<Partition> partitions = ScopeResolver.resolve(Scope.lastDays("flight_date", 2), clock);

        assertThat(partitions.get(1)).isEqualTo(day(last));
        assertThat(partitions).allMatch(partition -> ScopeResolver.hasEnded(partition, clock));
    }

    @Test
    void onlyDays_areSorted() {
        Scope only =
                Scope.onlyDays("flight_date", List.of(LocalDate.parse("2001-01-07"), LocalDate.parse("2001-01-03")));

        assertThat(ScopeResolver.resolve(only, NOON)).containsExactly(day("2001-01-03"), day("2001-01-07"));
    }

    @Test
    void end_isMidnight_inTheZone() {
        assertThat(ScopeResolver.end(day("2001-01-04"), ZoneId.of("Europe/Berlin")))
                .contains(Instant.parse("2001-01-04T23:00:00Z"));
    }

    @Test
    void hasEnded_beginsAtTheEnd() {
        assertThat(ScopeResolver.hasEnded(day("2001-01-04"), clock("2001-01-04T23:59:59.999999999Z", "UTC")))
                .isFalse();
        assertThat(ScopeResolver.hasEnded(day("2001-01-04"), clock("2001-01-05T00:00:00Z", "UTC")))
                .isTrue();
    }

    private static Scope range(String from, String to) {
        return Scope.days("flight_date", LocalDate.parse(from), LocalDate.parse(to));
    }

    private static Partition day(String id) {
        LocalDate day = LocalDate.parse(id);
        return new Partition(id, new Slice.Days("flight_date", day, day.plusDays(1)));
    }

    private static Clock clock(String now, String zone) {
        return Clock.fixed(Instant.parse(now), ZoneId.of(zone));
    }
}
