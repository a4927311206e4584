package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.util.Optional;

/** What a figure is expected to be. */
public sealed interface Expectation {
    /**
     * As the live table's, within a tolerance.
     *
     * @param ratio how many times the live figure is expected, where a change is meant; 1 where none is
     * @param whenEmpty what is expected where the live table has no value: none makes the audit fail there, except that no
     *     row is as expected where live has none either
     */
    record LikeLive(BigDecimal ratio, Tolerance tolerance, Optional<Between> whenEmpty) implements Expectation {
        public LikeLive {
            requireNonNull(ratio, "ratio");
            requireNonNull(tolerance, "tolerance");
            requireNonNull(whenEmpty, "whenEmpty");
        }

        @Override
        public String toString() {
            return "within " + tolerance
                    + (ratio.compareTo(BigDecimal.ONE) == 0 ? "" : " of " + ratio.toPlainString() + " times live");
        }
    }

    /** As many rows as the merges read from the source and did not dedupe, within a tolerance. For numbers of rows only. */
    record LikeSource(Tolerance tolerance) implements Expectation {
        public LikeSource {
            requireNonNull(tolerance, "tolerance");
        }

        @Override
        public String toString() {
            return "within " + tolerance + " of the source";
        }
    }

    /** Between two numbers, both included. */
    record Between(BigDecimal least, BigDecimal greatest) implements Expectation {
        public Between {
            requireNonNull(least, "least");
            requireNonNull(greatest, "greatest");
            if (least.compareTo(greatest) > 0) {
                throw new IllegalArgumentException("the least, " + least + ", is above the greatest, " + greatest);
            }
        }

        @Override
        public String toString() {
            return "between " + least.toPlainString() + " and " + greatest.toPlainString();
        }
    }

    /** How far a figure may be from another one. */
    sealed interface Tolerance {
        /** How far it may be from this figure. */
        BigDecimal from(BigDecimal figure);

        /** A share of the other figure, in percent. */
        record Percent(BigDecimal percent) implements Tolerance {
            public Percent {
                requireNotNegative(percent);
            }

            @Override
            public BigDecimal from(BigDecimal figure) {
                return figure.abs().multiply(percent).movePointLeft(2);
            }

            @Override
            public String toString() {
                return percent.toPlainString() + "%";
            }
        }

        /** A number in the figure's own unit. */
        record Absolute(BigDecimal amount) implements Tolerance {
            public Absolute {
                requireNotNegative(amount);
            }

            @Override
            public BigDecimal from(BigDecimal figure) {
                return amount;
            }

            @Override
            public String toString() {
                return amount.toPlainString();
            }
        }

        private static void requireNotNegative(BigDecimal tolerance) {
            if (tolerance.signum() < 0) {
                throw new IllegalArgumentException("a tolerance is not negative: " + tolerance);
            }
        }
    }
}
