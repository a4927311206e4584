package dev.backstitch.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Samples;
import dev.backstitch.plan.PlannedPartition.Decision;
import dev.backstitch.plan.Rehearsed.Merged;
import dev.backstitch.plan.Rehearsed.OfBackfill;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.Window;
import dev.backstitch.spec.Windows;
import dev.backstitch.spi.LiveRows;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class EstimatesTest {
    private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");
    private static final Duration NONE = Duration.ZERO;
    private static final Windows NIGHTS =
            new Windows(Window.Recurring.daily(LocalTime.of(22, 0), LocalTime.of(6, 0), ZoneOffset.UTC));

    private static Duration seconds(long count) {
        return Duration.ofSeconds(count);
    }

    private static Partition day(int number) {
        LocalDate first = LocalDate.of(2001, 1, number);
        return new Partition(first.toString(), new Slice.Days("day", first, first.plusDays(1)));
    }

    /** A plan of one partition for each number of rows. */
    private static Plan plan(Backfill backfill, long... rows) {
        List<PlannedPartition> partitions = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            partitions.add(new PlannedPartition(
                    day(i + 1), Decision.RUN, "requested", Optional.of(new LiveRows(rows[i], LiveRows.Basis.COUNTED))));
        }
        PlannedBackfill planned = new PlannedBackfill(
                backfill.name(),
                new TableInfo(
                        new ResolvedTable("", "app", "t"), "1", TableInfo.Kind.TABLE, List.of(), List.of(), 0, "s"),
                List.of(),
                partitions,
                List.of(),
                List.of(),
                List.of(),
                Optional.empty(),
                "logic",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        return new Plan(Plan.FORMAT, new Dag("d", backfill), NOON, "memory", List.of(planned), List.of());
    }

    private static Backfill atATime(int concurrency) {
        return Samples.backfill("b", new Limits(concurrency, Duration.ofHours(1), Limits.Retry.DEFAULT));
    }

    private static Rehearsed rehearsed(String logic, Merged... merges) {
        long rows = List.of(merges).stream().mapToLong(Merged::rows).sum();
        return new Rehearsed(
                "d",
                NOON,
                List.of(new OfBackfill(
                        "b", logic, rows, rows, Optional.of(rows * 10), NONE, List.of(merges), NONE, NONE)));
    }

    private static Merged merged(long rows, long seconds) {
        return new Merged("p" + rows, seconds(seconds), rows, rows);
    }

    @Test
    void aMerge_takesBetweenTheSmallerAndTheLargerOnesThatWereRehearsed() {
        Estimate estimate = Estimates.of(plan(atATime(1), 15), rehearsed("logic", merged(10, 2), merged(20, 3)))
                .orElseThrow();

        assertThat(estimate.least()).isEqualTo(seconds(2));
        assertThat(estimate.most()).isEqualTo(seconds(3));
        assertThat(estimate.rows()).isEqualTo(15);
        assertThat(estimate.bytes()).contains(150L);
    }

    @Test
    void whatIsLargerThanAnyThatWasRehearsed_goesByRows() {
        Estimate estimate = Estimates.of(plan(atATime(1), 60), rehearsed("logic", merged(10, 2), merged(20, 3)))
                .orElseThrow();

        assertThat(estimate.least()).isEqualTo(seconds(3));
        assertThat(estimate.most()).isEqualTo(seconds(9));
    }

    @Test
    void lanes_shareTheWork_andTheLongestMayComeLast() {
        Plan plan = plan(atATime(2), 10, 10, 10, 20);
        Estimate estimate = Estimates.of(plan, rehearsed("logic", merged(10, 2), merged(20, 4)))
                .orElseThrow();

        // 2 + 2 + 2 + 4 by two lanes, and half of the longest beyond that.
        assertThat(estimate.least()).isEqualTo(seconds(5));
        assertThat(estimate.most()).isEqualTo(seconds(7));
    }

    @Test
    void moreLanesThanWereRehearsed_mayGainNothing() {
        Plan plan = plan(atATime(4), 10, 10, 10, 10);
        Estimate estimate =
                Estimates.of(plan, rehearsed("logic", merged(10, 2))).orElseThrow();

        assertThat(estimate.least()).isEqualTo(seconds(2));
        assertThat(estimate.most()).isEqualTo(seconds(8));
    }

    @Test
    void partitionsWithoutLiveRows_countAsTheRehearsedDo() {
        Estimate estimate = Estimates.of(plan(atATime(1), 0, 0), rehearsed("logic", merged(10, 2), merged(20, 2)))
                .orElseThrow();

        assertThat(estimate.rows()).isEqualTo(30);
        assertThat(estimate.least()).isEqualTo(seconds(4));
    }

    @Test
    void otherLogic_letsExpectNothing() {
        assertThat(Estimates.of(plan(atATime(1), 10), rehearsed("other", merged(10, 2))))
                .isEmpty();
    }

    @Test
    void workBeginsWhenTheWindowOpens_andIsCutWhereItCloses() {
        Backfill nightly = atATime(1).during(NIGHTS);
        Estimate estimate = Estimates.of(plan(nightly, 10), rehearsed("logic", merged(10, 9 * 3600)))
                .orElseThrow();

        // Eight hours in the first night, the ninth in the second.
        assertThat(estimate.endsBy()).contains(Instant.parse("2026-11-02T23:00:00Z"));
    }

    @Test
    void thePublish_waitsForItsOwnWindow() {
        Backfill nightly = atATime(1).publishDuring(NIGHTS);
        Estimate estimate = Estimates.of(plan(nightly, 10), rehearsed("logic", merged(10, 3600)))
                .orElseThrow();

        assertThat(estimate.endsFrom()).contains(Instant.parse("2026-11-01T22:00:00Z"));
    }

    @Test
    void theFirstTheLastAndTheLargest_areRehearsed_inTheirOrder() {
        PlannedBackfill planned = plan(atATime(1), 5, 1, 9, 1, 7, 2).backfill("b");

        assertThat(RehearsedPlan.choose(planned, OptionalInt.of(1))).containsExactly(day(1));
        assertThat(RehearsedPlan.choose(planned, OptionalInt.of(3))).containsExactly(day(1), day(3), day(6));
        assertThat(RehearsedPlan.choose(planned, OptionalInt.of(4))).containsExactly(day(1), day(3), day(5), day(6));
        assertThat(RehearsedPlan.choose(planned, OptionalInt.of(60))).hasSize(6);
        assertThat(RehearsedPlan.choose(planned, OptionalInt.empty())).hasSize(6);
    }
}
