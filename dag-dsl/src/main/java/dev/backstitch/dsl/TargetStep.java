package dev.backstitch.dsl;

import dev.backstitch.spec.TableName;

/** A backfill with a reason; next: which table it recomputes. */
public sealed interface TargetStep permits BackfillStages.Reasoned {
    /**
     * The live table whose history is recomputed.
     *
     * @param target from {@link Dsl#table(String)}
     */
    ScopeStep target(TableName target);
}
