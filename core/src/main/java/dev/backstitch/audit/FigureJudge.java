package dev.backstitch.audit;

import dev.backstitch.audit.Verdict.OfPartition;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Grain;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Metric;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.Amount;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Measure;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;

/**
 * Judges one figure, of all rows or of each partition. What is no number, such as NaN or no value at all, is never as
 * expected, but for one case: where neither live nor shadow has a row, there is nothing to object to. Pure.
 */
final class FigureJudge {
    private final Audit.Measured audit;
    private final Evidence evidence;
    private final Map<String, Entry> entries;

    FigureJudge(Audit.Measured audit, Evidence evidence, Map<String, Entry> entries) {
        this.audit = audit;
        this.evidence = evidence;
        this.entries = entries;
    }

    /** The figures that it needs; numbers of rows are measured anyway. */
    static List<Measure> measures(Audit.Measured audit) {
        if (audit.metric().kind() == Metric.Kind.ROW_COUNT) {
            return List.of();
        }
        List<Measure> measures = new ArrayList<>(List.of(shadow(audit)));
        if (audit.expected() instanceof Expectation.LikeLive) {
            measures.add(live(audit));
        }
        return measures;
    }

    private static Measure.Figure shadow(Audit.Measured audit) {
        return new Measure.Figure(Measure.Side.SHADOW, audit.metric());
    }

    private static Measure.Figure live(Audit.Measured audit) {
        return new Measure.Figure(
                Measure.Side.LIVE, audit.live().map(audit.metric()::of).orElse(audit.metric()));
    }

    Verdict verdict() {
        if (audit.grain() == Grain.WHOLE) {
            Opinion opinion = opinion(Optional.empty());
            return Judge.verdict(
                    audit, opinion.passed(), opinion.expected(), opinion.observed(), List.of(), Optional.empty());
        }
        List<OfPartition> failed = new ArrayList<>();
        for (PartitionRows partition : evidence.partitions()) {
            Opinion opinion = opinion(Optional.of(partition.partition()));
            if (!opinion.passed()) {
                failed.add(new OfPartition(partition.partition(), opinion.expected(), opinion.observed()));
            }
        }
        return Judge.verdict(
                audit,
                failed.isEmpty(),
                audit.expected().toString(),
                Judge.partitions(failed, evidence.partitions().size()),
                failed,
                Optional.empty());
    }

    private record Opinion(boolean passed, String expected, String observed) {}

    /** @param partition which one; none: all rows of the scope */
    private Opinion opinion(Optional<String> partition) {
        Amount found = isRowCount()
                ? amount(rows(partition, PartitionRows::shadow))
                : of(evidence.figures(shadow(audit)), partition);
        if (audit.expected() instanceof Expectation.Between bounds) {
            return between(bounds, found);
        }
        if (audit.expected() instanceof Expectation.LikeSource like) {
            Amount source = amount(entries.entrySet().stream()
                    .filter(entry -> partition.map(entry.getKey()::equals).orElse(true))
                    .mapToLong(entry -> entry.getValue().rows().staged()
                            - entry.getValue().rows().deduped())
                    .sum());
            return near(found, source, BigDecimal.ONE, like.tolerance(), "as the source has");
        }
        return likeLive((Expectation.LikeLive) audit.expected(), found, partition);
    }

    private Opinion likeLive(Expectation.LikeLive like, Amount found, Optional<String> partition) {
        long liveRows = rows(partition, PartitionRows::target);
        Amount live = isRowCount() ? amount(liveRows) : of(evidence.figures(live(audit)), partition);
        boolean nothingToCompare = isRowCount() ? liveRows == 0 : !live.isThere();
        if (nothingToCompare && like.whenEmpty().isPresent()) {
            return between(like.whenEmpty().get(), found);
        }
        if (liveRows == 0 && rows(partition, PartitionRows::shadow) == 0) {
            return new Opinion(true, "nothing, as live has no row", "no row");
        }
        String change = like.ratio().compareTo(BigDecimal.ONE) == 0
                ? "as live has"
                : like.ratio().toPlainString() + " times live";
        return near(found, live, like.ratio(), like.tolerance(), change);
    }

    private Opinion near(Amount found, Amount other, BigDecimal ratio, Expectation.Tolerance tolerance, String source) {
        Optional<BigDecimal> wanted = other.number().map(number -> number.multiply(ratio));
        String expected = wanted.map(FigureJudge::shown).orElseGet(other::toString) + unit() + ", " + source
                + ", within " + tolerance;
        if (wanted.isEmpty() || found.number().isEmpty()) {
            return new Opinion(false, expected, found + unit());
        }
        BigDecimal difference = found.number().get().subtract(wanted.get());
        return new Opinion(
                difference.abs().compareTo(tolerance.from(wanted.get())) <= 0,
                expected,
                found + unit() + share(difference, wanted.get()));
    }

    private Opinion between(Expectation.Between bounds, Amount found) {
        boolean passed = found.number()
                .filter(number -> number.compareTo(bounds.least()) >= 0 && number.compareTo(bounds.greatest()) <= 0)
                .isPresent();
        return new Opinion(passed, bounds + unit(), found + unit());
    }

    private boolean isRowCount() {
        return audit.metric().kind() == Metric.Kind.ROW_COUNT;
    }

    private String unit() {
        return switch (audit.metric().kind()) {
            case ROW_COUNT -> " rows";
            case NULL_SHARE -> "%";
            case SUM, MIN, MAX, MEAN, PERCENTILE, COUNT_DISTINCT -> "";
        };
    }

    private static Amount of(Evidence.Figures figures, Optional<String> partition) {
        return partition.<Amount>map(figures::of).orElseGet(figures::whole);
    }

    private long rows(Optional<String> partition, ToLongFunction<PartitionRows> side) {
        return evidence.partitions().stream()
                .filter(rows -> partition.map(rows.partition()::equals).orElse(true))
                .mapToLong(side)
                .sum();
    }

    private static Amount amount(long rows) {
        return new Amount(Optional.of(Long.toString(rows)));
    }

    private static String shown(BigDecimal number) {
        return new Amount(Optional.of(number.toString())).toString();
    }

    private static String share(BigDecimal difference, BigDecimal of) {
        if (of.signum() == 0) {
            return "";
        }
        BigDecimal percent = difference
                .movePointRight(2)
                .divide(of.abs(), MathContext.DECIMAL64)
                .setScale(3, RoundingMode.HALF_UP);
        return " (" + (percent.signum() > 0 ? "+" : "") + percent.toPlainString() + "%)";
    }
}
