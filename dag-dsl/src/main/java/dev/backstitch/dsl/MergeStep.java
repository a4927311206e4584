package dev.backstitch.dsl;

import dev.backstitch.spec.Coverage;
import org.intellij.lang.annotations.Language;

/**
 * A backfill with a shadow; next: where its rows come from.
 *
 * @param <C> which rows of the target the shadow holds
 */
public sealed interface MergeStep<C extends Coverage> permits BackfillStages.Shadowed {
    /**
     * The query that brings one partition's rows, all columns that are written by name. It binds the partition by
     * {@code :partition_start} and {@code :partition_end}, by {@code :partition}, or by the partition column's own name;
     * see {@link dev.backstitch.spec.PartitionBinds} and {@link dev.backstitch.spec.SqlTemplate#parse}.
     *
     * @param sql one SELECT, in place or from a file: {@link Dsl#sqlFrom}
     */
    KeyStep<C> merge(@Language("SQL") String sql);
}
