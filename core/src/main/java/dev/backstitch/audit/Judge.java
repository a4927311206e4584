package dev.backstitch.audit;

import com.google.common.hash.Hashing;
import dev.backstitch.audit.Verdict.Kind;
import dev.backstitch.audit.Verdict.OfPartition;
import dev.backstitch.audit.Verdict.Outcome;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Grain;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Measure;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Says what must be measured for the declared audits, and judges what was. Pure. */
final class Judge {
    private final List<Audit> audits;

    Judge(List<Audit> audits) {
        this.audits = audits;
    }

    Set<Measure> measures() {
        return audits.stream()
                .flatMap(audit -> audit.match(new Measuring()).stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    List<Verdict> judge(Evidence evidence, List<Entry> entries) {
        Map<String, Entry> merged = entries.stream().collect(Collectors.toMap(Entry::partition, entry -> entry));
        List<Verdict> verdicts = new ArrayList<>();
        for (Audit audit : audits) {
            verdicts.add(audit.match(new Judging(evidence, merged)));
        }
        return verdicts;
    }

    private static final class Measuring implements Audit.Cases<List<Measure>> {
        @Override
        public List<Measure> unique(Audit.Unique unique) {
            return List.of(new Measure.DuplicateGroups(unique.columns()));
        }

        @Override
        public List<Measure> notNull(Audit.NotNull notNull) {
            return List.of(new Measure.RowsWithNull(notNull.columns()));
        }

        @Override
        public List<Measure> rows(Audit.Rows rows) {
            return List.of(new Measure.RowsBreaking(rows.rule()));
        }

        @Override
        public List<Measure> references(Audit.References references) {
            return List.of(new Measure.Orphans(references.columns(), references.table(), references.referenced()));
        }

        @Override
        public List<Measure> covers(Audit.Covers covers) {
            return List.of(new Measure.Uncovered(covers.source(), covers.columns()));
        }

        @Override
        public List<Measure> measured(Audit.Measured measured) {
            return FigureJudge.measures(measured);
        }

        /** The merges have counted. */
        @Override
        public List<Measure> changed(Audit.Changed changed) {
            return List.of();
        }

        /** So they have of columns. */
        @Override
        public List<Measure> onlyChanged(Audit.OnlyChanged changed) {
            return List.of();
        }

        @Override
        public List<Measure> findsNothing(Audit.FindsNothing query) {
            return List.of(new Measure.RowsFound(query.sql()));
        }
    }

    private record Judging(Evidence evidence, Map<String, Entry> entries) implements Audit.Cases<Verdict> {
        @Override
        public Verdict unique(Audit.Unique unique) {
            return none(
                    unique, new Measure.DuplicateGroups(unique.columns()), "no value twice", " values more than once");
        }

        @Override
        public Verdict notNull(Audit.NotNull notNull) {
            return none(notNull, new Measure.RowsWithNull(notNull.columns()), "no null", " rows with a null");
        }

        @Override
        public Verdict references(Audit.References references) {
            return none(
                    references,
                    new Measure.Orphans(references.columns(), references.table(), references.referenced()),
                    "each value in " + references.table(),
                    " rows whose value is not there");
        }

        @Override
        public Verdict covers(Audit.Covers covers) {
            return none(
                    covers,
                    new Measure.Uncovered(covers.source(), covers.columns()),
                    "each value of " + covers.source(),
                    " values of it that the shadow lacks");
        }

        @Override
        public Verdict findsNothing(Audit.FindsNothing query) {
            return none(query, new Measure.RowsFound(query.sql()), "no row", " rows");
        }

        @Override
        public Verdict changed(Audit.Changed changed) {
            String expected = "at most " + changed.percent().toPlainString() + "% of the live rows";
            List<OfPartition> over = evidence.partitions().stream()
                    .filter(partition -> isOver(changed, changedRows(partition), partition.target()))
                    .map(partition -> new OfPartition(
                            partition.partition(),
                            expected,
                            changedRows(partition) + " changed, of " + partition.target()))
                    .toList();
            if (changed.grain() == Grain.EACH_PARTITION) {
                return verdict(
                        changed,
                        over.isEmpty(),
                        expected,
                        partitions(over, evidence.partitions().size()),
                        over,
                        offending(over.isEmpty(), List.of()));
            }
            long all =
                    evidence.partitions().stream().mapToLong(this::changedRows).sum();
            long live = evidence.partitions().stream()
                    .mapToLong(PartitionRows::target)
                    .sum();
            boolean passed = !isOver(changed, all, live);
            return verdict(
                    changed,
                    passed,
                    expected,
                    all + " inserted, changed or deleted, of " + live,
                    passed ? List.of() : over,
                    offending(passed, List.of()));
        }

        private static boolean isOver(Audit.Changed changed, long rows, long live) {
            return BigDecimal.valueOf(rows)
                            .movePointRight(2)
                            .compareTo(changed.percent().multiply(BigDecimal.valueOf(live)))
                    > 0;
        }

        private long changedRows(PartitionRows partition) {
            return Optional.ofNullable(entries.get(partition.partition()))
                    .map(Entry::rows)
                    .map(rows -> rows.inserted() + rows.updated() + rows.deleted())
                    .orElse(0L);
        }

        @Override
        public Verdict onlyChanged(Audit.OnlyChanged changed) {
            Map<String, Long> others = new TreeMap<>();
            List<OfPartition> failed = new ArrayList<>();
            for (PartitionRows partition : evidence.partitions()) {
                Map<String, Long> here = new TreeMap<>(Optional.ofNullable(entries.get(partition.partition()))
                        .map(entry -> entry.rows().changed())
                        .orElse(Map.of()));
                here.keySet().removeIf(column -> changed.columns().stream().anyMatch(column::equalsIgnoreCase));
                if (!here.isEmpty()) {
                    failed.add(new OfPartition(partition.partition(), "no other column", inRows(here)));
                    here.forEach((column, rows) -> others.merge(column, rows, Long::sum));
                }
            }
            return verdict(
                    changed,
                    failed.isEmpty(),
                    "no other column changed",
                    failed.isEmpty() ? "none" : inRows(others),
                    failed,
                    offending(failed.isEmpty(), changed.columns()));
        }

        private static Optional<Measure> offending(boolean passed, List<String> but) {
            return passed ? Optional.empty() : Optional.of(new Measure.RowsChanged(but));
        }

        private static String inRows(Map<String, Long> columns) {
            return columns.entrySet().stream()
                    .map(column -> column.getKey() + " in " + column.getValue() + " rows")
                    .collect(Collectors.joining(", "));
        }

        @Override
        public Verdict rows(Audit.Rows rows) {
            Measure measure = new Measure.RowsBreaking(rows.rule());
            long all = evidence.partitions().stream()
                    .mapToLong(PartitionRows::shadow)
                    .sum();
            String expected = rows.tolerated().signum() == 0
                    ? "every row"
                    : "every row but for " + rows.tolerated().toPlainString() + "%";
            if (rows.grain() == Grain.WHOLE) {
                long breaking = evidence.value(measure);
                boolean tolerated = isTolerated(rows, breaking, all);
                return verdict(
                        rows,
                        tolerated,
                        expected,
                        breaking + " rows break it, of " + all + " in the scope",
                        tolerated ? List.of() : whereRowsBreak(measure, expected),
                        Optional.of(measure));
            }
            List<OfPartition> failed = partitionsWith(
                    measure,
                    expected,
                    partition -> !isTolerated(rows, breaking(measure, partition), partition.shadow()));
            return verdict(
                    rows,
                    failed.isEmpty(),
                    expected,
                    partitions(failed, evidence.partitions().size()),
                    failed,
                    Optional.of(measure));
        }

        /** Where another merge would have to help: all of them make the whole fail. */
        private List<OfPartition> whereRowsBreak(Measure measure, String expected) {
            return partitionsWith(measure, expected, partition -> breaking(measure, partition) > 0);
        }

        private List<OfPartition> partitionsWith(Measure measure, String expected, Predicate<PartitionRows> which) {
            return evidence.partitions().stream()
                    .filter(which)
                    .map(partition -> new OfPartition(
                            partition.partition(),
                            expected,
                            breaking(measure, partition) + " of " + partition.shadow() + " rows break it"))
                    .toList();
        }

        private long breaking(Measure measure, PartitionRows partition) {
            return evidence.breaking(measure).getOrDefault(partition.partition(), 0L);
        }

        private static boolean isTolerated(Audit.Rows rows, long breaking, long all) {
            return BigDecimal.valueOf(breaking)
                            .movePointRight(2)
                            .compareTo(rows.tolerated().multiply(BigDecimal.valueOf(all)))
                    <= 0;
        }

        @Override
        public Verdict measured(Audit.Measured measured) {
            return new FigureJudge(measured, evidence, entries).verdict();
        }

        private Verdict none(Audit audit, Measure measure, String expected, String what) {
            long found = evidence.value(measure);
            return verdict(audit, found == 0, expected, found + what, List.of(), Optional.of(measure));
        }
    }

    /** {@code all 31}, or how many failed and which. */
    static String partitions(List<OfPartition> failed, int all) {
        return failed.isEmpty()
                ? "all " + all + " partitions"
                : failed.size() + " of " + all + " partitions not: "
                        + failed.stream().limit(3).map(OfPartition::toString).collect(Collectors.joining(", "))
                        + (failed.size() > 3 ? ", .. (digest " + digest(failed) + ")" : "");
    }

    /** Of all of them, so that whoever accepts the text accepts no others than these. */
    private static String digest(List<OfPartition> failed) {
        return Hashing.sha256()
                .hashString(failed.toString(), StandardCharsets.UTF_8)
                .toString()
                .substring(0, 8);
    }

    static Verdict verdict(
            Audit audit,
            boolean passed,
            String expected,
            String observed,
            List<OfPartition> partitions,
            Optional<Measure> offending) {
        return new Verdict(
                audit.name(),
                audit.severity() == Severity.BLOCKING ? Kind.BLOCKING : Kind.WARNING,
                passed ? Outcome.PASSED : Outcome.FAILED,
                expected,
                observed,
                partitions,
                passed ? Optional.empty() : offending);
    }
}
