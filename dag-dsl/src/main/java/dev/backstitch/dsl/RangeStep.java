package dev.backstitch.dsl;

import dev.backstitch.spec.Audit;

/** A column of numbers; next: between which. */
public sealed interface RangeStep permits AuditStages.Range {
    /** Each row's value lies between these, both included; a null does, and NaN does not. */
    Audit.Rows between(double least, double greatest);
}
