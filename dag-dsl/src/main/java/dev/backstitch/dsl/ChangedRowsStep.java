package dev.backstitch.dsl;

import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Percent;

/** The rows that a publish would insert, change or delete; next: how many it may. */
public sealed interface ChangedRowsStep permits AuditStages.ChangedRows {
    /**
     * At most this share of the live rows in the scope; with {@link Audit.Changed#perPartition} of each partition.
     *
     * @param share from {@link Dsl#percent}
     */
    Audit.Changed atMost(Percent share);
}
