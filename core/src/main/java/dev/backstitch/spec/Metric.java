package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;

/**
 * A figure of many rows.
 *
 * @param kind which figure
 * @param expression of which expression over a row's columns; empty for a number of rows
 * @param percent for {@code PERCENTILE}: which one, from 0 to 100; 50 is the median. Else 0
 */
public record Metric(Kind kind, String expression, BigDecimal percent) {
    /** Which figure. Nulls don't count, as in SQL. */
    public enum Kind {
        ROW_COUNT("rowCount"),
        SUM("sum"),
        MIN("min"),
        MAX("max"),
        /** The arithmetic mean. */
        MEAN("mean"),
        /** With interpolation between neighbours, as {@code percentile_cont} of SQL. */
        PERCENTILE("percentile"),
        COUNT_DISTINCT("countDistinct"),
        /** The share of rows in which the expression is null, in percent. */
        NULL_SHARE("nullShare");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    private static final BigDecimal HALF = BigDecimal.valueOf(50);

    public Metric {
        requireNonNull(kind, "kind");
        requireNonNull(expression, "expression");
        requireNonNull(percent, "percent");
        if (percent.signum() < 0 || percent.compareTo(BigDecimal.valueOf(100)) > 0) {
            throw new IllegalArgumentException("a percentile lies between 0 and 100: " + percent);
        }
    }

    /** The number of rows. */
    public static Metric rowCount() {
        return new Metric(Kind.ROW_COUNT, "", BigDecimal.ZERO);
    }

    /** The same figure of another expression. */
    public Metric of(String other) {
        return new Metric(kind, other, percent);
    }

    /** As in the language: {@code median(delay)}. */
    @Override
    public String toString() {
        if (kind == Kind.ROW_COUNT) {
            return kind.word;
        }
        if (kind == Kind.PERCENTILE) {
            return percent.compareTo(HALF) == 0
                    ? "median(" + expression + ")"
                    : kind.word + "(" + expression + ", " + percent.toPlainString() + ")";
        }
        return kind.word + "(" + expression + ")";
    }
}
