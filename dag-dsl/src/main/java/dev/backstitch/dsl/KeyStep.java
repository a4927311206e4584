package dev.backstitch.dsl;

import dev.backstitch.spec.Coverage;

/**
 * A backfill with a source; next: what identifies a row.
 *
 * @param <C> which rows of the target the shadow holds
 */
public sealed interface KeyStep<C extends Coverage> permits BackfillStages.Sourced {
    /**
     * The columns that identify a row, so that merging twice is merging once.
     *
     * @param first a column
     * @param rest further columns
     */
    SettingsStep<C> keyedBy(String first, String... rest);
}
