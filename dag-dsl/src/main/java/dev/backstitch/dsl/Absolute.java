package dev.backstitch.dsl;

import java.math.BigDecimal;

/**
 * A tolerance in a figure's own unit.
 *
 * @param value 0 or more
 */
public record Absolute(BigDecimal value) {
    public Absolute {
        if (value.signum() < 0) {
            throw new IllegalArgumentException("a tolerance is not negative: " + value.toPlainString());
        }
    }
}
