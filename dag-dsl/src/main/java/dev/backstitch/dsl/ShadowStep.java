package dev.backstitch.dsl;

import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Shadow;

/** A backfill with a scope; next: how the copy begins that is built beside the target. */
public sealed interface ShadowStep permits BackfillStages.Scoped {
    /**
     * How the shadow begins.
     *
     * @param shadow {@link Dsl#scopeOfTarget()}, {@link Dsl#emptyLikeTarget()} or {@link Dsl#copyOfTarget()}
     * @param <C> which rows of the target it holds; the publish must not ask for more
     */
    <C extends Coverage> MergeStep<C> shadow(Shadow<C> shadow);
}
