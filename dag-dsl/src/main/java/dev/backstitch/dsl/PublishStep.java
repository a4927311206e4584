package dev.backstitch.dsl;

import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Publish;

/**
 * A backfill with audits; next, and last: how it becomes live.
 *
 * @param <C> which rows of the target the shadow holds
 */
public sealed interface PublishStep<C extends Coverage> permits BackfillStages.Audited {
    /**
     * How the shadow becomes live, once every blocking audit has passed.
     *
     * @param publish {@link Dsl#replacePartitions()}, or {@link Dsl#swapTable()} for a {@link Dsl#copyOfTarget()}, each
     *     with the time for which the archive is kept
     */
    Backfill publish(Publish<? super C> publish);
}
