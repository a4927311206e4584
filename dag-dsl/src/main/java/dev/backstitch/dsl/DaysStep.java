package dev.backstitch.dsl;

import dev.backstitch.spec.Scope;

/** A column that is divided into days; next: whose days, or at once which of them. */
public sealed interface DaysStep extends CalendarStep permits ScopeStages.Periods {
    /**
     * The last days that have ended when the backfill is planned; today never counts.
     *
     * @param count how many, at least 1
     */
    Scope lastDays(int count);
}
