package dev.backstitch.dsl;

import dev.backstitch.spec.Scope;
import java.time.LocalDate;

/** A range of days with its beginning; next: its end. */
public sealed interface DaysToStep permits ScopeStages.DaysFrom {
    /**
     * The day after the last one: {@code from("2001-01-01").to("2001-02-01")} is January.
     *
     * @throws IllegalArgumentException when it is not a day
     */
    Scope to(String next);

    /** The day after the last one. */
    Scope to(LocalDate next);
}
