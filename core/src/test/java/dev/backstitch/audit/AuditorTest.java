package dev.backstitch.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Samples;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Slice;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.Instant;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AuditorTest {
    private static final ResolvedTable TARGET = new ResolvedTable("", "analytics", "flights");
    private static final Backfill BACKFILL = Samples.flights(1).backfills().get(0);

    @Test
    void everythingInOrder_passes() {
        assertThat(verdicts(order(BACKFILL.merge(), Shadow.Seed.EMPTY), Map.of(), new PartitionRows("d", 100, 100, 0)))
                .noneMatch(verdict -> verdict.outcome() == Verdict.Outcome.FAILED)
                .hasSizeGreaterThan(BACKFILL.audits().size());
    }

    @Test
    void eachMeasuredInvariant_blocks_whenItIsNotZero() {
        WorkOrder order = order(BACKFILL.merge(), Shadow.Seed.SCOPE_OF_TARGET);
        for (Measure measure : List.of(
                new Measure.DuplicateGroups(List.of("flight_id")),
                new Measure.RowsWithNull(List.of("flight_id")),
                new Measure.ChangedOutsideScope(),
                new Measure.KeysOutsideScope())) {
            assertThat(verdicts(order, Map.of(measure, 1L), new PartitionRows("d", 100, 100, 0)))
                    .as("%s", measure)
                    .anyMatch(verdict -> verdict.kind() == Verdict.Kind.INVARIANT && verdict.blocks());
        }
    }

    @Test
    void aPartitionThatChangedSinceItsMerge_blocks() {
        assertThat(verdicts(
                        order(BACKFILL.merge(), Shadow.Seed.SCOPE_OF_TARGET),
                        Map.of(),
                        new PartitionRows("d", 99, 100, 0)))
                .anyMatch(verdict -> verdict.blocks() && verdict.name().equals("each partition as its merge left it"));
    }

    @Test
    void missingRows_blockBeyondTheDeclaredShare_andWhollyWithoutOne() {
        Merge declared = BACKFILL.merge();
        Merge undeclared =
                new Merge(declared.sql(), declared.key(), Optional.empty(), Optional.empty(), declared.empty());

        assertThat(blocking(order(declared, Shadow.Seed.EMPTY), new PartitionRows("d", 100, 200, 3)))
                .isEmpty();
        assertThat(blocking(order(declared, Shadow.Seed.EMPTY), new PartitionRows("d", 100, 200, 4)))
                .singleElement()
                .asString()
                .contains("at most 1.50%");
        assertThat(blocking(order(undeclared, Shadow.Seed.EMPTY), new PartitionRows("d", 100, 200, 1)))
                .singleElement()
                .asString()
                .contains("deletingMissing");
    }

    @Test
    void aPartitionThatLosesAllRows_blocks_unlessAllowed() {
        Merge refused = BACKFILL.merge();
        Merge allowed = new Merge(
                refused.sql(), refused.key(), refused.dedupe(), refused.deletingMissing(), Merge.Emptiness.ALLOWED);

        PartitionRows emptied = new PartitionRows("d", 0, 5, 0);
        assertThat(verdicts(order(refused, Shadow.Seed.SCOPE_OF_TARGET), Map.of(), 0, emptied))
                .anyMatch(verdict -> verdict.blocks() && verdict.name().contains("loses all"));
        assertThat(verdicts(order(allowed, Shadow.Seed.SCOPE_OF_TARGET), Map.of(), 0, emptied))
                .noneMatch(verdict -> verdict.kind() == Verdict.Kind.INVARIANT && verdict.blocks());
    }

    @Test
    void rowCount_isExactAtItsBound() {
        Audit within = BACKFILL.audits().get(2);
        WorkOrder order = order(BACKFILL.merge(), Shadow.Seed.SCOPE_OF_TARGET);

        assertThat(rowCount(verdicts(order, Map.of(), 102, new PartitionRows("d", 102, 100, 0)), within))
                .isEqualTo(Verdict.Outcome.PASSED);
        assertThat(rowCount(verdicts(order, Map.of(), 103, new PartitionRows("d", 103, 100, 0)), within))
                .isEqualTo(Verdict.Outcome.FAILED);
        assertThat(rowCount(verdicts(order, Map.of(), 1, new PartitionRows("d", 1, 0, 0)), within))
                .isEqualTo(Verdict.Outcome.FAILED);
    }

    @Test
    void aWarning_doesNotBlock() {
        Measure nulls = new Measure.RowsWithNull(List.of("flight_date"));

        assertThat(verdicts(
                        order(BACKFILL.merge(), Shadow.Seed.SCOPE_OF_TARGET),
                        Map.of(nulls, 7L),
                        new PartitionRows("d", 100, 100, 0)))
                .anyMatch(verdict -> verdict.outcome() == Verdict.Outcome.FAILED)
                .noneMatch(Verdict::blocks);
    }

    private static Verdict.Outcome rowCount(List<Verdict> verdicts, Audit audit) {
        return verdicts.stream()
                .filter(verdict -> verdict.name().equals(audit.name()))
                .findFirst()
                .orElseThrow()
                .outcome();
    }

    private static List<Verdict> blocking(WorkOrder order, PartitionRows rows) {
        return verdicts(order, Map.of(), rows.shadow(), rows).stream()
                .filter(verdict -> verdict.blocks() && verdict.kind() == Verdict.Kind.INVARIANT)
                .toList();
    }

    private static List<Verdict> verdicts(WorkOrder order, Map<Measure, Long> measured, PartitionRows rows) {
        return verdicts(order, measured, 100, rows);
    }

    private static List<Verdict> verdicts(
            WorkOrder order, Map<Measure, Long> measured, long rowsAfterMerge, PartitionRows rows) {
        Auditor auditor = new Auditor(order, BACKFILL.audits());
        Map<Measure, Long> values = new HashMap<>();
        auditor.measures().forEach(measure -> values.put(measure, measured.getOrDefault(measure, 0L)));
        assertThat(auditor.measures()).containsAll(measured.keySet());
        Entry entry = new Entry(
                "r1",
                "d",
                Entry.State.MERGED,
                1,
                "logic",
                new MergeCounts(0, 0, 0, 0, 0, 0, rowsAfterMerge),
                Instant.EPOCH);
        return auditor.judge(new Evidence(values, List.of(rows)), List.of(entry));
    }

    private static WorkOrder order(Merge merge, Shadow.Seed seed) {
        LocalDate first = LocalDate.of(2001, 1, 1);
        Column day = new Column(
                "flight_date", "DATE", Column.Family.DATE, Column.Nullability.NOT_NULL, Column.Origin.WRITTEN);
        return new WorkOrder(
                "r1",
                1,
                "dag",
                "backfill",
                "actor",
                "logic",
                new TableInfo(TARGET, "1", TableInfo.Kind.TABLE, List.of(day), List.of(), 0, "s"),
                TARGET.sibling("shadow"),
                TARGET.sibling("archive"),
                List.of(day),
                List.of(new Partition("d", new Slice.Days("flight_date", first, first.plusDays(1)))),
                new Shadow<Coverage.ScopeOnly>(seed, List.of()),
                merge,
                BACKFILL.publish());
    }
}
