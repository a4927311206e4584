package dev.backstitch.spi;

import java.util.Map;

/**
 * What one merge did, in rows.
 *
 * @param staged rows that the source brought
 * @param deduped of these, rows that lost to another one with the same key
 * @param inserted rows that the shadow lacked
 * @param updated rows that differed
 * @param unchanged rows that wrote nothing: they were the same, or are of those that the merge may not write
 * @param deleted rows of the partition that the source lacks
 * @param rowsAfter rows of the partition in the shadow when the merge committed
 * @param changed of the updated rows, in how many each column that was overwritten differed; without columns that never
 *     did, and empty where other columns are compared than are overwritten
 */
public record MergeCounts(
        long staged,
        long deduped,
        long inserted,
        long updated,
        long unchanged,
        long deleted,
        long rowsAfter,
        Map<String, Long> changed) {
    /** Before a merge. */
    public static final MergeCounts NONE = new MergeCounts(0, 0, 0, 0, 0, 0, 0);

    public MergeCounts {
        changed = Map.copyOf(changed);
    }

    /** Counts that tell no columns apart. */
    public MergeCounts(
            long staged, long deduped, long inserted, long updated, long unchanged, long deleted, long rowsAfter) {
        this(staged, deduped, inserted, updated, unchanged, deleted, rowsAfter, Map.of());
    }
}
