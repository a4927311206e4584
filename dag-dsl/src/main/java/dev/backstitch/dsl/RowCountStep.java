package dev.backstitch.dsl;

import dev.backstitch.spec.Audit;

/** The number of rows; next: how far it may differ. */
public sealed interface RowCountStep permits AuditStages.RowCount {
    /**
     * The shadow's rows of the scope are as many as the live table's, within this share of the live count.
     *
     * @param tolerance from {@link Dsl#percent}
     */
    Audit within(Percent tolerance);
}
