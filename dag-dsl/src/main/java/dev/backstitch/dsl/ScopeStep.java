package dev.backstitch.dsl;

import dev.backstitch.spec.Scope;

/** A backfill with a target; next: how much of it is recomputed. */
public sealed interface ScopeStep permits BackfillStages.Targeted {
    /**
     * What is recomputed, and by which column it is divided into partitions.
     *
     * @param scope from {@link Dsl#days}, {@link Dsl#hours}, {@link Dsl#weeks}, {@link Dsl#months}, {@link Dsl#values}, {@link
     *     Dsl#ids} or {@link Dsl#product}
     */
    ShadowStep scope(Scope scope);
}
