package dev.backstitch.dsl;

/** A range of whole numbers with its beginning; next: its end. */
public sealed interface IdsToStep permits ScopeStages.IdsFrom {
    /** The number after the last one. */
    IdsStepStep to(long next);
}
