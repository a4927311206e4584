package dev.backstitch.audit;

import dev.backstitch.audit.Verdict.Kind;
import dev.backstitch.audit.Verdict.Outcome;
import dev.backstitch.spec.Merge.AtMost;
import dev.backstitch.spec.Merge.Emptiness;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.WorkOrder;
import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The engine's own conditions for a publish, which nobody declares and nobody can forget: the key is unique and never
 * null over the whole shadow, the rows outside the scope are as they were, no partition lost its rows, each partition
 * still holds what its merge left there. Pure.
 */
final class Invariants {
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    private final WorkOrder order;
    private final Measure.DuplicateGroups duplicateKeys;
    private final Measure.RowsWithNull nullKeys;

    Invariants(WorkOrder order) {
        this.order = order;
        this.duplicateKeys = new Measure.DuplicateGroups(order.merge().key());
        this.nullKeys = new Measure.RowsWithNull(order.merge().key());
    }

    Set<Measure> measures() {
        Set<Measure> measures = new LinkedHashSet<>();
        measures.add(duplicateKeys);
        measures.add(nullKeys);
        measures.add(new Measure.ChangedOutsideScope());
        if (mayClashOutsideScope()) {
            measures.add(new Measure.KeysOutsideScope());
        }
        return measures;
    }

    /**
     * Judges what was measured.
     *
     * @param entries the ledger's entries of this run
     */
    List<Verdict> judge(Evidence evidence, List<Entry> entries) {
        Map<String, Entry> merged = entries.stream().collect(Collectors.toMap(Entry::partition, Function.identity()));
        List<Verdict> verdicts = new java.util.ArrayList<>(List.of(
                none("key unique in the shadow", evidence.value(duplicateKeys), "keys more than once"),
                none("key never null in the shadow", evidence.value(nullKeys), "rows with a null in the key"),
                none(
                        "rows outside the scope unchanged",
                        evidence.value(new Measure.ChangedOutsideScope()),
                        "rows that differ"),
                partitions(
                        "each partition as its merge left it",
                        evidence,
                        rows -> rows.shadow() != rowsAfterMerge(merged, rows))));
        if (mayClashOutsideScope()) {
            verdicts.add(none(
                    "no key of the scope outside it",
                    evidence.value(new Measure.KeysOutsideScope()),
                    "rows of the target outside the scope have a key of the shadow"));
        }
        if (order.merge().empty() == Emptiness.REFUSED) {
            verdicts.add(partitions(
                    "no partition loses all its rows", evidence, rows -> rows.target() > 0 && rows.shadow() == 0));
        }
        if (order.seed().seed() == Seed.EMPTY) {
            verdicts.add(partitions(missingName(), evidence, this::losesTooMany));
        }
        return verdicts;
    }

    /** Replaced rows meet the rest of the target only at publish; where the database keeps the key unique, it sees to it. */
    private boolean mayClashOutsideScope() {
        return order.publish() instanceof Publish.ReplacePartitions
                && !order.target().keepsUnique(order.merge().key());
    }

    private static long rowsAfterMerge(Map<String, Entry> merged, PartitionRows rows) {
        Entry entry = merged.get(rows.partition());
        return entry == null ? -1 : entry.rows().rowsAfter();
    }

    private String missingName() {
        return "rows that the source lacks"
                + order.merge()
                        .deletingMissing()
                        .map(atMost -> ": at most " + atMost.percent().toPlainString() + "% of a partition")
                        .orElse(": none, since deletingMissing(..) is not declared");
    }

    private boolean losesTooMany(PartitionRows rows) {
        BigDecimal percent =
                order.merge().deletingMissing().map(AtMost::percent).orElse(BigDecimal.ZERO);
        return BigDecimal.valueOf(rows.missing())
                        .multiply(HUNDRED)
                        .compareTo(percent.multiply(BigDecimal.valueOf(rows.target())))
                > 0;
    }

    private static Verdict none(String name, long found, String what) {
        return new Verdict(
                name, Kind.INVARIANT, found == 0 ? Outcome.PASSED : Outcome.FAILED, "none", found + " " + what);
    }

    private static Verdict partitions(String name, Evidence evidence, Predicate<PartitionRows> breaks) {
        List<PartitionRows> broken =
                evidence.partitions().stream().filter(breaks).toList();
        String examples = broken.stream()
                .limit(5)
                .map(rows -> rows.partition() + " (live " + rows.target() + ", shadow " + rows.shadow() + ", missing "
                        + rows.missing() + ")")
                .collect(Collectors.joining(", "));
        return new Verdict(
                name,
                Kind.INVARIANT,
                broken.isEmpty() ? Outcome.PASSED : Outcome.FAILED,
                "every partition",
                broken.isEmpty() ? "all " + evidence.partitions().size() : broken.size() + " not: " + examples);
    }
}
