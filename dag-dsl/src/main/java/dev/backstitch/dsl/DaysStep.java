package dev.backstitch.dsl;

import dev.backstitch.spec.Scope;
import java.time.LocalDate;

/** A target that is divided into days; next: which of them. Days as text are written like {@code 2001-01-31}. */
public sealed interface DaysStep permits ScopeStages.Days {
    /**
     * A range of days, which begins with this one.
     *
     * @throws IllegalArgumentException when it is not a day
     */
    DaysToStep from(String first);

    /** A range of days, which begins with this one. */
    DaysToStep from(LocalDate first);

    /**
     * The last days that have ended when the backfill is planned, by the planning clock's zone; today never counts.
     *
     * @param count how many, at least 1
     */
    Scope lastDays(int count);

    /**
     * Just these days, in any order, each once.
     *
     * @throws IllegalArgumentException when one of them is not a day
     */
    Scope only(String first, String... rest);

    /** Just these days, in any order, each once. */
    Scope only(LocalDate first, LocalDate... rest);
}
