package dev.backstitch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import dev.backstitch.spec.PartitionBinds.Bound;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PartitionBindsTest {
    private static final LocalDate FIRST = LocalDate.parse("2001-01-31");
    private static final LocalDate NEXT = LocalDate.parse("2001-02-01");

    @Test
    void of_givesBothEnds_theDay_andTheColumn() {
        assertThat(PartitionBinds.of(partition("flight_date")))
                .containsExactly(
                        entry("partition_start", new Bound("flight_date", FIRST)),
                        entry("partition_end", new Bound("flight_date", NEXT)),
                        entry("partition", new Bound("flight_date", FIRST)),
                        entry("flight_date", new Bound("flight_date", FIRST)));
    }

    @ParameterizedTest
    @MethodSource("columns")
    void of_hasTheNames_inTheirOrder(String column) {
        assertThat(PartitionBinds.of(partition(column)).keySet())
                .containsExactlyElementsOf(PartitionBinds.names(days(column)));
    }

    static Stream<String> columns() {
        return Stream.of("flight_date", "partition", "partition_start", "partition_end", "a b", "");
    }

    @Test
    void of_keepsItsMeaning_whenTheColumnIsCalledLikeABind() {
        assertThat(PartitionBinds.of(partition("partition_end")))
                .containsExactly(
                        entry("partition_start", new Bound("partition_end", FIRST)),
                        entry("partition_end", new Bound("partition_end", NEXT)),
                        entry("partition", new Bound("partition_end", FIRST)));
    }

    @Test
    void of_cannotBeChanged() {
        assertThatThrownBy(() -> PartitionBinds.of(partition("d")).put("d", new Bound("d", NEXT)))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest(name = "{0} by {1}: {2}")
    @MethodSource
    void tellPartitionsApart_wantsBothEnds_orTheDay(List<String> binds, String column, boolean apart) {
        assertThat(PartitionBinds.notToldApart(binds, days(column)).isEmpty()).isEqualTo(apart);
    }

    static Stream<Arguments> tellPartitionsApart_wantsBothEnds_orTheDay() {
        return Stream.of(
                Arguments.of(List.of("partition_start", "partition_end"), "d", true),
                Arguments.of(List.of("partition"), "d", true),
                Arguments.of(List.of("d"), "d", true),
                Arguments.of(List.of("partition_start", "d"), "d", true),
                Arguments.of(List.of(), "d", false),
                Arguments.of(List.of("partition_start"), "d", false),
                Arguments.of(List.of("partition_end"), "d", false),
                Arguments.of(List.of("partition_start"), "partition_start", false),
                Arguments.of(List.of("partition_end"), "partition_end", false),
                Arguments.of(List.of("partition"), "partition", true),
                Arguments.of(List.of("other"), "d", false));
    }

    @ParameterizedTest
    @MethodSource
    void eachKindOfScope_hasItsBinds(Scope scope, List<String> names, List<String> enough, List<String> tooFew) {
        assertThat(PartitionBinds.names(scope)).containsExactlyElementsOf(names);
        assertThat(PartitionBinds.notToldApart(enough, scope)).isEmpty();
        assertThat(PartitionBinds.notToldApart(tooFew, scope)).isNotEmpty();
    }

    static Stream<Arguments> eachKindOfScope_hasItsBinds() {
        Scope hours = new Scope.Last(new Calendar("at", Calendar.Unit.HOURS, Optional.empty()), 3);
        Scope zoned = new Scope.Last(new Calendar("at", Calendar.Unit.DAYS, Optional.of(ZoneOffset.UTC)), 3);
        Scope region = new Scope.Values("region", List.of("eu"));
        Scope ids = new Scope.Ids("id", 0, 10, 5);
        return Stream.of(
                Arguments.of(
                        hours,
                        List.of("partition_start", "partition_end", "partition", "at"),
                        List.of("partition_start", "partition_end"),
                        List.of("partition", "at")),
                Arguments.of(
                        zoned,
                        List.of("partition_start", "partition_end", "partition", "at"),
                        List.of("partition_start", "partition_end"),
                        List.of("partition", "at")),
                Arguments.of(region, List.of("partition", "region"), List.of("region"), List.of()),
                Arguments.of(
                        ids,
                        List.of("partition_start", "partition_end"),
                        List.of("partition_start", "partition_end"),
                        List.of("partition_end")),
                Arguments.of(
                        new Scope.Product(List.of(days("d"), region)),
                        List.of("partition_start", "partition_end", "d", "d_start", "d_end", "region"),
                        List.of("d", "region"),
                        List.of("partition_start", "partition_end")),
                Arguments.of(
                        new Scope.Product(List.of(days("d"), ids)),
                        List.of("d", "d_start", "d_end", "id_start", "id_end"),
                        List.of("d_start", "d_end", "id_start", "id_end"),
                        List.of("d", "id_start")),
                Arguments.of(
                        region.backwards().except(region).includingUnended(),
                        List.of("partition", "region"),
                        List.of("partition"),
                        List.of()));
    }

    private static Scope days(String column) {
        return Scope.days(column, FIRST, NEXT);
    }

    private static Partition partition(String column) {
        return new Partition("2001-01-31", new Slice.Days(column, FIRST, NEXT));
    }
}
