package dev.backstitch.dsl;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Grain;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Percent;
import dev.backstitch.spec.Rule;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.function.Function;

/** What is known of an audit after each of its steps. */
final class AuditStages {
    private AuditStages() {}

    record Range(String column) implements RangeStep {
        Range {
            requireNonNull(column, "column");
        }

        @Override
        public Audit.Rows between(double least, double greatest) {
            return rows(new Rule.InRange(column, number(least), number(greatest)));
        }
    }

    record Figure(Metric metric, Optional<String> live) implements RowCountStep {
        @Override
        public Audit.Measured between(double least, double greatest) {
            return measured(metric, live, bounds(least, greatest));
        }

        @Override
        public WithinStep ratioToLive(double times) {
            BigDecimal ratio = number(times);
            return new Compared(
                    metric, live, tolerance -> new Expectation.LikeLive(ratio, tolerance, Optional.empty()));
        }

        @Override
        public FigureStep againstLive(String expression) {
            return new Figure(metric, Optional.of(requireNonNull(expression, "expression")));
        }

        @Override
        public WithinStep againstSource() {
            return new Compared(metric, live, Expectation.LikeSource::new);
        }

        @Override
        public Audit.Measured within(Percent tolerance) {
            return ratioToLive(1).within(tolerance);
        }

        @Override
        public Audit.Measured within(Absolute tolerance) {
            return ratioToLive(1).within(tolerance);
        }
    }

    record Compared(Metric metric, Optional<String> live, Function<Expectation.Tolerance, Expectation> with)
            implements WithinStep {
        @Override
        public Audit.Measured within(Percent tolerance) {
            return measured(
                    metric,
                    live,
                    with.apply(new Expectation.Tolerance.Percent(
                            requireNonNull(tolerance, "tolerance").value())));
        }

        @Override
        public Audit.Measured within(Absolute tolerance) {
            return measured(
                    metric,
                    live,
                    with.apply(new Expectation.Tolerance.Absolute(
                            requireNonNull(tolerance, "tolerance").value())));
        }
    }

    static Audit.Rows rows(Rule rule) {
        return new Audit.Rows(rule, BigDecimal.ZERO, Grain.WHOLE, Severity.BLOCKING);
    }

    static Expectation.Between bounds(double least, double greatest) {
        return new Expectation.Between(number(least), number(greatest));
    }

    static Figure figure(Metric.Kind kind, String expression) {
        return new Figure(
                new Metric(kind, requireNonNull(expression, "expression"), BigDecimal.ZERO), Optional.empty());
    }

    private static Audit.Measured measured(Metric metric, Optional<String> live, Expectation expected) {
        return new Audit.Measured(metric, live, expected, Grain.WHOLE, Severity.BLOCKING);
    }

    /** So that 2 and 2.0 are the same number. */
    static BigDecimal number(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("a number is finite: " + value);
        }
        BigDecimal stripped = BigDecimal.valueOf(value).stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    record ChangedRows() implements ChangedRowsStep {
        @Override
        public Audit.Changed atMost(Percent share) {
            return new Audit.Changed(share.value(), Audit.Grain.WHOLE, Audit.Severity.BLOCKING);
        }
    }
}
