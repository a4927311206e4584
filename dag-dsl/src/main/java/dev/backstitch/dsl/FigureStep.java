package dev.backstitch.dsl;

import dev.backstitch.spec.Audit;
import org.intellij.lang.annotations.Language;

/**
 * A figure of the shadow's rows in the scope; next: what it is expected to be. By itself {@code within(..)} compares with the
 * same figure of the live table. What is no number, such as NaN, and no value at all are never as expected, except that no
 * row is where live has none.
 */
public sealed interface FigureStep extends WithinStep permits RowCountStep {
    /** Between two numbers, both included. */
    Audit.Measured between(double least, double greatest);

    /**
     * So many times the live figure, for a change that is meant; next: how far it may be from that.
     *
     * @param times such as 0.5 for half of it
     */
    WithinStep ratioToLive(double times);

    /**
     * Compared with another expression over the live table, where that lacks the figure's own columns; next: how far it may
     * be from that.
     *
     * @param expression over the live table's columns
     */
    FigureStep againstLive(@Language(value = "SQL", prefix = "select ") String expression);
}
