package dev.backstitch.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.time.LocalDate;
import java.util.List;
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
                        entry("partition_start", FIRST),
                        entry("partition_end", NEXT),
                        entry("partition", FIRST),
                        entry("flight_date", FIRST));
    }

    @ParameterizedTest
    @MethodSource("columns")
    void of_hasTheNames_inTheirOrder(String column) {
        assertThat(PartitionBinds.of(partition(column)).keySet())
                .containsExactlyElementsOf(PartitionBinds.names(column));
    }

    static Stream<String> columns() {
        return Stream.of("flight_date", "partition", "partition_start", "partition_end", "a b", "");
    }

    @Test
    void of_keepsItsMeaning_whenTheColumnIsCalledLikeABind() {
        assertThat(PartitionBinds.of(partition("partition_end")))
                .containsExactly(
                        entry("partition_start", FIRST), entry("partition_end", NEXT), entry("partition", FIRST));
    }

    @Test
    void of_cannotBeChanged() {
        assertThatThrownBy(() -> PartitionBinds.of(partition("d")).put("d", NEXT))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @ParameterizedTest(name = "{0} by {1}: {2}")
    @MethodSource
    void tellPartitionsApart_wantsBothEnds_orTheDay(List<String> binds, String column, boolean apart) {
        assertThat(PartitionBinds.tellPartitionsApart(binds, column)).isEqualTo(apart);
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

    private static Partition partition(String column) {
        return new Partition("2001-01-31", new Slice.Days(column, FIRST, NEXT));
    }
}
