package dev.backstitch.dsl;

/** A backfill with a name; next: who answers for it. */
public sealed interface OwnerStep permits BackfillStages.Named {
    /**
     * Who answers for it.
     *
     * @param owner such as an e-mail address; not blank
     */
    ReasonStep owner(String owner);
}
