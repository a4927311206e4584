package dev.backstitch.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.plan.Watermark.Along;
import dev.backstitch.plan.Watermark.Published;
import dev.backstitch.spec.Slice;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WatermarksTest {
    private static final LocalDate FIRST = LocalDate.of(2001, 1, 1);

    private static Slice.Days days(int from, int to) {
        return new Slice.Days("day", FIRST.plusDays(from), FIRST.plusDays(to));
    }

    private static List<Along> along(Slice... slices) {
        return Watermarks.along(Stream.of(slices)
                .map(slice -> new Published(slice.toString(), "run", Instant.EPOCH, "logic", Optional.of(slice)))
                .toList());
    }

    @Test
    void aPrefixEndsAtTheFirstHole_whateverTheOrderAndTheUnits() {
        assertThat(along(days(4, 5), days(0, 1), days(1, 3), days(7, 9)))
                .containsExactly(new Along(days(0, 3), List.of(days(3, 4), days(5, 7)), days(0, 9)));
        assertThat(along(days(0, 31), days(3, 4))).containsExactly(new Along(days(0, 31), List.of(), days(0, 31)));
    }

    @Test
    void daysAndHoursOfAColumn_areOneAxis() {
        LocalDateTime midnight = FIRST.plusDays(1).atStartOfDay();

        assertThat(along(days(0, 1), new Slice.Times("day", midnight, midnight.plusHours(1))))
                .containsExactly(new Along(
                        new Slice.Times("day", FIRST.atStartOfDay(), midnight.plusHours(1)),
                        List.of(),
                        new Slice.Times("day", FIRST.atStartOfDay(), midnight.plusHours(1))));
    }

    @Test
    void columnsAndKinds_areApart_andValuesHaveNoOrder() {
        Slice.Numbers numbers = new Slice.Numbers("id", 0L, 10L);
        Slice.Instants instants = new Slice.Instants("day", Instant.EPOCH, Instant.EPOCH.plusSeconds(1));

        assertThat(along(days(0, 1), numbers, instants, new Slice.Value("region", "eu")))
                .extracting(Along::prefix)
                .containsExactly(days(0, 1), numbers, instants);
        assertThat(along(new Slice.Value("region", "eu"))).isEmpty();
        assertThat(along()).isEmpty();
    }

    /** Against a set of single days. */
    @Test
    void prefixAndHoles_areThoseOfTheDays() {
        Random random = new Random(5);
        for (int round = 0; round < 200; round++) {
            List<Slice> slices = new ArrayList<>();
            TreeSet<Integer> covered = new TreeSet<>();
            for (int i = 0; i < 1 + random.nextInt(8); i++) {
                int from = random.nextInt(30);
                int to = from + 1 + random.nextInt(4);
                slices.add(days(from, to));
                IntStream.range(from, to).forEach(covered::add);
            }
            Along found = along(slices.toArray(Slice[]::new)).get(0);

            int end = covered.first();
            while (covered.contains(end)) {
                end++;
            }
            assertThat(found.prefix()).isEqualTo(days(covered.first(), end));
            assertThat(found.span()).isEqualTo(days(covered.first(), covered.last() + 1));
            List<LocalDate> missing = IntStream.range(covered.first(), covered.last())
                    .filter(day -> !covered.contains(day))
                    .mapToObj(FIRST::plusDays)
                    .toList();
            assertThat(found.holes().stream()
                            .map(Slice.Days.class::cast)
                            .flatMap(hole -> hole.from().datesUntil(hole.to())))
                    .containsExactlyElementsOf(missing);
        }
    }
}
