package dev.backstitch.dsl;

import dev.backstitch.spec.Scope;
import java.time.LocalDate;
import java.time.LocalDateTime;

/** A range with its beginning; next: its end, which is the beginning of the first that is not recomputed any more. */
public sealed interface PeriodsToStep permits ScopeStages.From {
    /**
     * The one after the last one: {@code days("d").from("2001-01-01").to("2001-02-01")} is January.
     *
     * @throws IllegalArgumentException when it is not a time
     */
    Scope to(String next);

    /** The one after the last one. */
    Scope to(LocalDate next);

    /** The one after the last one. */
    Scope to(LocalDateTime next);
}
