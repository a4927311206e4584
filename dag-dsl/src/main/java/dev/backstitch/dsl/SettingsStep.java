package dev.backstitch.dsl;

import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Coverage;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Probe;
import dev.backstitch.spec.Reprocess;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.Windows;

/**
 * A backfill with a key; next: any of the settings, in any order, each at most once, and then the audits. A setting that
 * is made twice is refused with {@code CONFLICTING_SETTINGS}, and both are named.
 *
 * @param <C> which rows of the target the shadow holds
 */
public sealed interface SettingsStep<C extends Coverage> permits BackfillStages.Keyed {
    /**
     * Which of several source rows with one key counts. Without it such rows fail their partition.
     *
     * @param dedupe from {@link Dsl#keepLatestBy(String)}, {@link Dsl#keepFirstBy} or {@link Dsl#identicalRows}
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> dedupe(Merge.Dedupe dedupe);

    /**
     * Lets rows of the target go that the source lacks. Without it none is deleted.
     *
     * @param bound the most that may go, from {@link Dsl#atMost}
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> deletingMissing(Merge.AtMost bound);

    /**
     * Of a row that the target has, only these columns are overwritten; a row that it lacks is inserted whole. Without it
     * all columns but the key are.
     *
     * @param first a column
     * @param rest further columns
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> updating(String first, String... rest);

    /**
     * A row that the target has is overwritten only if it differs in one of these columns, such as a version or the time of
     * a change. Without it all columns that are overwritten are compared.
     *
     * @param first a column
     * @param rest further columns
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> comparing(String first, String... rest);

    /**
     * Rows that the target lacks are not inserted. With {@link #updating} the query brings no more than the key, the
     * partition's columns, and those that are overwritten or compared.
     *
     * @throws dev.backstitch.error.RefusedException when it, or {@link #insertOnlyMissing}, has been said before
     */
    SettingsStep<C> updateOnly();

    /**
     * Rows that the target has stay as they are, whatever the source brings; those that it lacks are inserted.
     *
     * @throws dev.backstitch.error.RefusedException when it, or {@link #updateOnly}, has been said before
     */
    SettingsStep<C> insertOnlyMissing();

    /**
     * Columns that the merge sets by itself, on the rows alone that it inserts or really changes. The query leaves them out,
     * and they are not compared: a second run over the same source leaves every one of them as it was.
     *
     * @param first a stamp, from {@link Dsl#updatedAt} or {@link Dsl#runId}
     * @param rest further stamps, each of another column
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> stamping(Stamp first, Stamp... rest);

    /**
     * Lets a partition that has rows today end without any. Without it such a partition fails.
     *
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> allowingEmpty();

    /**
     * Which partitions of the scope run, by what the ledger has of them. Without it {@link Dsl#all}: what is published
     * already is computed again.
     *
     * @param policy from {@link Dsl#all}, {@link Dsl#missing} or {@link Dsl#failed}
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> reprocess(Reprocess policy);

    /**
     * How hard the backfill may press on the database, and how patient it is. Without it {@link Limits#DEFAULT}.
     *
     * @param limits from {@link Dsl#concurrency}, {@link Dsl#timeout} or {@link Dsl#retry}
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> limits(Limits limits);

    /**
     * When the backfill's task instances may begin, such as off-peak. Without it they begin whenever they are ready. What
     * runs when the window closes is finished, unless it is said to be {@linkplain Windows#cancellingAtClose cancelled}.
     *
     * @param windows from {@link Dsl#daily}, {@link Dsl#weekly} or {@link Dsl#allDay}
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> during(Windows windows);

    /**
     * When the publish may begin, in place of what {@link #during} says: when readers bear it that the table changes.
     *
     * @param windows from {@link Dsl#daily}, {@link Dsl#weekly} or {@link Dsl#allDay}
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> publishDuring(Windows windows);

    /**
     * What does not run downstream while the backfill does. It is held before the first task and released however the run
     * ends; what somebody else had put at rest before is left at rest. Two runs that hold the same share it.
     *
     * @param first a hold, such as {@link Dsl#quartzGroup}, {@link Dsl#airflowDag} or {@link Dsl#hold}
     * @param rest further holds, each of another name
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> holding(Hold first, Hold... rest);

    /**
     * Asked before each partition begins, such as how far a replica lags: while it objects, or can't be asked, none begins, and
     * status and log say since when and why. What runs is finished.
     *
     * @param objects from {@link Dsl#probe}
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> waitWhile(Probe objects);

    /**
     * How much of the machine each merge may use, at certain times only where {@link Compute#during} says so. PostgreSQL takes the
     * memory as {@code work_mem}, for each sort and hash of a statement, and the threads as the workers that a query may have, of
     * which it gives none to a statement that writes; both for the merge's transaction alone. DuckDB has one measure for all
     * that runs in its process: its threads and its memory limit are set while merges run that ask for others, and back to what
     * they were when the last of them ends.
     *
     * @param size from {@link Dsl#threads} or {@link Dsl#megabytes}
     * @throws dev.backstitch.error.RefusedException when it has been said before
     */
    SettingsStep<C> compute(Compute size);

    /**
     * What must hold of the shadow before it is published, each audit once.
     *
     * @param first an audit, such as {@link Dsl#unique}
     * @param rest further audits
     */
    PublishStep<C> audit(Audit first, Audit... rest);
}
