package dev.backstitch.spec;

/** What a dag is made of: a backfill, which is a group of tasks, or a single task beside backfills. */
public sealed interface Member permits Backfill, SqlTask, CallTask {
    /** Unique within its dag. */
    String name();

    /** How hard it may press, and how patient it is. */
    Limits limits();

    /** Answers by its kind. */
    <R> R match(Cases<R> cases);

    /**
     * An answer for each kind of member.
     *
     * @param <R> what is answered
     */
    interface Cases<R> {
        R backfill(Backfill backfill);

        R sql(SqlTask task);

        R call(CallTask task);
    }
}
