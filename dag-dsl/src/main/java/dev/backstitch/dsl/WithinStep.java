package dev.backstitch.dsl;

import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Percent;

/** A figure and what it is compared with; next: how far it may be from that. */
public sealed interface WithinStep permits FigureStep, AuditStages.Compared {
    /**
     * Within a share of what it is compared with.
     *
     * @param tolerance from {@link Dsl#percent}
     */
    Audit.Measured within(Percent tolerance);

    /**
     * Within a number in the figure's own unit.
     *
     * @param tolerance from {@link Dsl#absolute}
     */
    Audit.Measured within(Absolute tolerance);
}
