package dev.backstitch.dsl;

/** A backfill with an owner; next: why history is recomputed. */
public sealed interface ReasonStep permits BackfillStages.Owned {
    /**
     * Why history is recomputed, for plan, report and whoever asks later.
     *
     * @param reason not blank
     */
    TargetStep because(String reason);
}
