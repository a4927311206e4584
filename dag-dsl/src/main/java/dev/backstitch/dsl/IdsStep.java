package dev.backstitch.dsl;

/** A column of whole numbers; next: the first of them. */
public sealed interface IdsStep permits ScopeStages.Ids {
    /** A range, which begins with this number. */
    IdsToStep from(long first);
}
