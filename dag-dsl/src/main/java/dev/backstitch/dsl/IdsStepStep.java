package dev.backstitch.dsl;

import dev.backstitch.spec.Scope;

/** A range of whole numbers; next, and last: how many make a partition. */
public sealed interface IdsStepStep permits ScopeStages.IdsFromTo {
    /**
     * How many numbers a partition covers, whether or not there is a row for each; the last one may cover fewer.
     *
     * @param count at least 1
     */
    Scope step(long count);
}
