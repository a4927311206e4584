package dev.backstitch.plan;

/** What a task does. */
public enum TaskKind {
    /** Takes the target in the ledger and claims every partition. */
    SCOPE,
    /** Makes and seeds the shadow. */
    SHADOW,
    /** Merges one partition into the shadow. */
    MERGE,
    /** Measures and judges the shadow, and seals it. */
    AUDIT,
    /** Makes it live; several of them in one transaction where that is declared. */
    PUBLISH,
    /** Runs a statement beside backfills. */
    SQL,
    /** Calls code of the developer's. */
    CALL
}
