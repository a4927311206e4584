package dev.backstitch.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spec.Calendar;
import dev.backstitch.spec.Calendar.Unit;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Slice;
import java.time.Clock;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.IsoFields;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Partitions of time against a model that walks a zone's clock minute by minute, and against days counted by hand. */
class PeriodsTest {
    private static final Clock LATER = Clock.fixed(Instant.parse("2200-01-01T00:00:00Z"), ZoneOffset.UTC);

    /** Zones whose clocks change by an hour, by half an hour, at midnight, by a whole day, or stand at odd offsets. */
    private static final List<String> ZONES = List.of(
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Asia/Kathmandu",
            "Asia/Kolkata",
            "America/Sao_Paulo",
            "Asia/Beirut",
            "America/Havana",
            "Pacific/Apia",
            "Atlantic/Azores",
            "America/St_Johns");

    @ParameterizedTest
    @CsvSource({
        // Hours of the day on which the clock goes forward, and on which it goes back, counted by hand.
        "Europe/Berlin, 2024-03-31, 23, 23",
        "Europe/Berlin, 2024-10-27, 25, 25",
        "America/New_York, 2024-03-10, 23, 23",
        "America/New_York, 2024-11-03, 25, 25",
        // Half an hour: the hour in which it goes back is two partitions, that in which it goes forward half an hour.
        "Australia/Lord_Howe, 2024-04-07, 24.5, 25",
        "Australia/Lord_Howe, 2024-10-06, 23.5, 24",
        // Midnight does not exist, or comes twice.
        "America/Sao_Paulo, 2018-11-04, 23, 23",
        "America/Sao_Paulo, 2018-02-17, 25, 25",
        "Asia/Beirut, 2024-03-31, 23, 23",
        "America/Havana, 2024-11-03, 25, 25",
        "Asia/Kathmandu, 2024-06-01, 24, 24"
    })
    void aDay_isAsLongAsItIsThere(String zone, String day, double hours, int partitions) {
        LocalDate date = LocalDate.parse(day);

        assertThat(of(Unit.DAYS, zone, date, date.plusDays(1))).singleElement().satisfies(partition -> {
            assertThat(partition.id()).isEqualTo(day);
            assertThat(length(partition)).isEqualTo(Duration.ofMinutes((long) (hours * 60)));
        });
        assertThat(of(Unit.HOURS, zone, date, date.plusDays(1))).hasSize(partitions);
    }

    @Test
    void anHourThatComesTwice_isTwoPartitions_toldApartByTheirOffsets() {
        LocalDate day = LocalDate.parse("2024-10-27");

        assertThat(of(Unit.HOURS, "Europe/Berlin", day, day.plusDays(1)))
                .extracting(Partition::id)
                .startsWith(
                        "2024-10-27T00+02:00",
                        "2024-10-27T01+02:00",
                        "2024-10-27T02+02:00",
                        "2024-10-27T02+01:00",
                        "2024-10-27T03+01:00");
    }

    @Test
    void aDayThatAZoneSkipped_isNoPartition() {
        assertThat(of(Unit.DAYS, "Pacific/Apia", LocalDate.parse("2011-12-28"), LocalDate.parse("2012-01-02")))
                .extracting(Partition::id)
                .containsExactly("2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01");
    }

    @ParameterizedTest
    @MethodSource
    void partitions_haveNoGapAndNoOverlap_andAreTogetherTheRange(Unit unit, String zone) {
        Random random = new Random(unit.ordinal() * 31L + zone.hashCode());
        for (int round = 0; round < 12; round++) {
            LocalDate from = unit.floor(
                            LocalDate.of(1995 + random.nextInt(35), 1 + random.nextInt(12), 1 + random.nextInt(28))
                                    .atStartOfDay())
                    .toLocalDate();
            int count = 1 + random.nextInt(unit == Unit.HOURS ? 5 : 20);
            LocalDate to = unit == Unit.HOURS ? from.plusDays(count) : from.plus(count, unit.chrono());

            List<Partition> partitions = of(unit, zone, from, to);

            assertThat(partitions)
                    .as("%s of %s from %s to %s", unit, zone, from, to)
                    .isNotEmpty();
            Instant end = firstOf(from, zone);
            Set<String> ids = new HashSet<>();
            for (Partition partition : partitions) {
                Slice.Instants slice = (Slice.Instants) partition.slice();
                assertThat(slice.from()).as(partition.id()).isEqualTo(end);
                assertThat(ids.add(partition.id()))
                        .as("%s once", partition.id())
                        .isTrue();
                assertInOneUnit(unit, zone, partition.id(), slice);
                end = slice.to();
            }
            assertThat(end).isEqualTo(firstOf(to, zone));
        }
    }

    static Stream<Arguments> partitions_haveNoGapAndNoOverlap_andAreTogetherTheRange() {
        return Stream.of(Unit.values()).flatMap(unit -> ZONES.stream().map(zone -> Arguments.of(unit, zone)));
    }

    /** The first minute that a zone's clock shows on or after this day, by walking there. */
    private static Instant firstOf(LocalDate day, String zone) {
        ZoneId id = ZoneId.of(zone);
        Instant minute = day.atStartOfDay().toInstant(ZoneOffset.UTC).minus(Duration.ofHours(30));
        while (minute.atZone(id).toLocalDate().isBefore(day)) {
            minute = minute.plus(Duration.ofMinutes(1));
        }
        return minute;
    }

    /** Both ends of a partition, and times within it, show the unit that its id names. */
    private static void assertInOneUnit(Unit unit, String zone, String id, Slice.Instants slice) {
        List<Instant> within = new ArrayList<>(List.of(slice.from(), slice.to().minusNanos(1000)));
        long minutes = Duration.between(slice.from(), slice.to()).toMinutes();
        for (long i = 1; i < 5; i++) {
            within.add(slice.from().plus(Duration.ofMinutes(minutes * i / 5)));
        }
        for (Instant time : within) {
            ZonedDateTime shown = time.atZone(ZoneId.of(zone));
            String named = switch (unit) {
                case HOURS ->
                    shown.toLocalDate() + "T" + twoDigits(shown.getHour())
                            + (shown.getOffset().equals(ZoneOffset.UTC) ? "+00:00" : shown.getOffset());
                case DAYS -> shown.toLocalDate().toString();
                case WEEKS ->
                    shown.get(IsoFields.WEEK_BASED_YEAR) + "-W"
                            + twoDigits(shown.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
                case MONTHS -> shown.getYear() + "-" + twoDigits(shown.getMonthValue());
            };
            assertThat(id).as("%s at %s", zone, time).isEqualTo(named);
        }
    }

    private static String twoDigits(int number) {
        return number < 10 ? "0" + number : String.valueOf(number);
    }

    @ParameterizedTest
    @MethodSource("units")
    void withoutAZone_partitionsAreWhatTheColumnShows(Unit unit) {
        LocalDateTime from = unit.floor(LocalDateTime.of(2023, 12, 27, 0, 0));
        LocalDateTime to = from.plus(30, unit.chrono());

        List<Partition> partitions =
                ScopeResolver.resolve(new Scope.Range(new Calendar("at", unit, Optional.empty()), from, to), LATER);

        assertThat(partitions).hasSize(30);
        Comparable<?> end = unit == Unit.HOURS ? from : from.toLocalDate();
        for (Partition partition : partitions) {
            Slice.Range range = (Slice.Range) partition.slice();
            assertThat((Object) range.from()).isEqualTo(end);
            end = range.to();
        }
    }

    static Stream<Unit> units() {
        return Stream.of(Unit.values());
    }

    @Test
    void weeks_areThoseOfIso() {
        List<Partition> weeks = ScopeResolver.resolve(
                new Scope.Range(
                        new Calendar("d", Unit.WEEKS, Optional.empty()),
                        LocalDateTime.parse("2020-12-21T00:00"),
                        LocalDateTime.parse("2021-01-11T00:00")),
                LATER);

        assertThat(weeks).extracting(Partition::id).containsExactly("2020-W52", "2020-W53", "2021-W01");
        assertThat(weeks)
                .allSatisfy(
                        week -> assertThat(((Slice.Days) week.slice()).from().getDayOfWeek())
                                .isEqualTo(DayOfWeek.MONDAY));
    }

    @ParameterizedTest
    @CsvSource({
        "2024-10-27T01:30:00Z, 3, 2024-10-27T00+02:00, 2024-10-27T02+02:00",
        "2024-10-27T00:30:00Z, 2, 2024-10-27T00+02:00, 2024-10-27T01+02:00",
        "2024-03-31T01:00:00Z, 2, 2024-03-31T00+01:00, 2024-03-31T01+01:00"
    })
    void lastHours_areThoseThatHaveEnded_alsoWhereAnHourComesTwiceOrNot(
            String now, int count, String first, String last) {
        Clock clock = Clock.fixed(Instant.parse(now), ZoneOffset.UTC);

        List<Partition> hours = ScopeResolver.resolve(
                new Scope.Last(new Calendar("at", Unit.HOURS, Optional.of(ZoneId.of("Europe/Berlin"))), count), clock);

        assertThat(hours).hasSize(count);
        assertThat(hours.get(0).id()).isEqualTo(first);
        assertThat(hours.get(count - 1).id()).isEqualTo(last);
    }

    @ParameterizedTest
    @CsvSource({
        "WEEKS, 2024-01-15T00:00:00Z, 2024-W01, 2024-W02",
        "WEEKS, 2024-01-14T23:00:00Z, 2023-W52, 2024-W01",
        "MONTHS, 2024-03-01T00:00:00Z, 2024-01, 2024-02",
        "DAYS, 2024-03-01T05:00:00Z, 2024-02-28, 2024-02-29",
        "HOURS, 2024-03-01T00:00:00Z, 2024-02-29T22, 2024-02-29T23"
    })
    void lastUnits_haveEnded(Unit unit, String now, String first, String last) {
        Clock clock = Clock.fixed(Instant.parse(now), ZoneOffset.UTC);

        assertThat(ScopeResolver.resolve(new Scope.Last(new Calendar("at", unit, Optional.empty()), 2), clock))
                .extracting(Partition::id)
                .containsExactly(first, last);
    }

    @Test
    void idsOfNumbers_coverTheRange_andTheLastMayBeShorter() {
        List<Partition> ids = ScopeResolver.resolve(new Scope.Ids("id", 1, 25, 10), LATER);

        assertThat(ids).extracting(Partition::id).containsExactly("1..11", "11..21", "21..25");
        assertThat(ids.get(2).slice()).isEqualTo(new Slice.Numbers("id", 21L, 25L));
    }

    @Test
    void idsOfValues_areOneLine_andUnique() {
        List<String> values = List.of("eu", "a/b", "a%2F;b", "", " ", "x\ny", "\u202e", "ü", "a/b/c");

        List<Partition> partitions = ScopeResolver.resolve(new Scope.Values("region", values), LATER);

        assertThat(partitions).extracting(Partition::id).doesNotHaveDuplicates().allMatch(id -> !id.isEmpty());
        assertThat(partitions)
                .extracting(Partition::id)
                .contains("eu", "a%2F;b", "a%25;2F;b", "%empty;", "x%0A;y", "%202E;", "ü")
                .noneMatch(id -> id.contains("/") || id.contains("\n"));
    }

    @Test
    void products_exceptions_andTheOrder() {
        Scope days = Scope.days("d", LocalDate.parse("2024-01-01"), LocalDate.parse("2024-01-04"));
        Scope regions = new Scope.Values("region", List.of("eu", "us"));

        assertThat(ids(new Scope.Product(List.of(days.backwards(), regions))))
                .containsExactly(
                        "2024-01-03/eu",
                        "2024-01-03/us",
                        "2024-01-02/eu",
                        "2024-01-02/us",
                        "2024-01-01/eu",
                        "2024-01-01/us");
        Scope second = Scope.onlyDays("d", List.of(LocalDate.parse("2024-01-02")));
        assertThat(ids(days.except(second).backwards())).containsExactly("2024-01-03", "2024-01-01");
        assertThat(ids(new Scope.Product(List.of(days, regions)).except(new Scope.Product(List.of(second, regions)))))
                .hasSize(4)
                .noneMatch(id -> id.startsWith("2024-01-02"));
        assertThat(ScopeResolver.excludedInVain(second.except(days), LATER, since -> LocalDateTime.MIN))
                .containsExactly("2024-01-01", "2024-01-03");
    }

    @Test
    void tenYearsOfHours_areEachThere() {
        List<Partition> hours =
                of(Unit.HOURS, "Europe/Berlin", LocalDate.parse("2015-01-01"), LocalDate.parse("2025-01-01"));

        // Ten hours go forward and ten back; 2016, 2020 and 2024 are leap years.
        assertThat(hours).hasSize((365 * 10 + 3) * 24).extracting(Partition::id).doesNotHaveDuplicates();
        assertThat(hours).allSatisfy(hour -> assertThat(length(hour)).isEqualTo(Duration.ofHours(1)));
    }

    private static List<String> ids(Scope scope) {
        return ScopeResolver.resolve(scope, LATER).stream().map(Partition::id).toList();
    }

    private static List<Partition> of(Unit unit, String zone, LocalDate from, LocalDate to) {
        return ScopeResolver.resolve(
                new Scope.Range(
                        new Calendar("at", unit, Optional.of(ZoneId.of(zone))), from.atStartOfDay(), to.atStartOfDay()),
                LATER);
    }

    private static Duration length(Partition partition) {
        Slice.Instants slice = (Slice.Instants) partition.slice();
        return Duration.between(slice.from(), slice.to());
    }
}
