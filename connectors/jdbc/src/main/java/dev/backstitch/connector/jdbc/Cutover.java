package dev.backstitch.connector.jdbc;

/**
 * What one attempt at a publish or rollback does to the tables themselves, in the database's own way. One object an
 * attempt, used in one transaction, in the order of its methods.
 */
public interface Cutover {
    /**
     * From here to the end of the transaction nobody else's write to the target is lost: writers wait, or fail loudly.
     * Nothing precedes it in the transaction.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code LOCK_NOT_GRANTED} when its short time is over
     */
    void keepWritersOut(Session session);

    /**
     * Proves that whatever hangs on the target now survives what follows; nothing to prove by default.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code TARGET_CHANGED}
     */
    default void requireNothingAtRisk(Session session) {}

    /**
     * The target takes the archive's name and the shadow the target's, with everything that hangs on the target. The new
     * target has its comment; the archive's is the caller's to set.
     *
     * <p>Behind a view the target keeps its name, the shadow takes the version's with everything that hangs on the target,
     * and the view shows it.
     */
    void swap(Session session);

    /** The inverse: the archive is the target again, under its name, and the published version is gone. */
    void swapBack(Session session);

    /** Adds the order's new columns to the target, before its rows are replaced. */
    void addColumns(Session session);

    /** The scope's rows are about to be replaced, in a table that has its new columns; nothing by default. */
    default void beforeReplace(Session session) {}

    /** The scope's rows are about to be replaced by the archived ones; nothing by default. */
    default void beforeRestore(Session session) {}

    /** Drops from the target those of the order's new columns that hold nothing and on which nothing hangs. */
    void dropEmptyColumns(Session session);

    /** Puts back what {@link #keepWritersOut} had to take away. The last step. */
    void settle(Session session);
}
