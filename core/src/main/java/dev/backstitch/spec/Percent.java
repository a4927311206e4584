package dev.backstitch.spec;

import java.math.BigDecimal;

/**
 * A share of a hundred.
 *
 * @param value 0 or more; 2 means 2%
 */
public record Percent(BigDecimal value) {
    public Percent {
        if (value.signum() < 0) {
            throw new IllegalArgumentException("a share is not negative: " + value.toPlainString() + "%");
        }
        // So that 2, 2.0 and 2.00 are the same share.
        BigDecimal stripped = value.stripTrailingZeros();
        value = stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    /** {@code 2%}, for people. */
    @Override
    public String toString() {
        return value.toPlainString() + "%";
    }
}
