package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * What a merge may write of what its source brings.
 *
 * @param rows which of the source's rows are written
 * @param updating the columns of a row that is there already which are overwritten; empty: all but the key
 * @param comparing the columns by which it is told whether such a row differs; empty: those that are overwritten
 */
public record Write(Rows rows, List<String> updating, List<String> comparing) {
    /** Every row of the source, in all of its columns. */
    public static final Write EVERYTHING = new Write(Rows.ALL, List.of(), List.of());

    public Write {
        requireNonNull(rows, "rows");
        updating = List.copyOf(updating);
        comparing = List.copyOf(comparing);
    }

    /** Which of the source's rows are written. */
    public enum Rows {
        /** Those that differ, and those that are missing. */
        ALL,
        /** Those that differ from one that is there; none is inserted. */
        UPDATE_ONLY,
        /** Those that are missing; what is there stays. */
        INSERT_ONLY_MISSING
    }

    /** Whether a row that is there takes all of the source's columns. */
    public boolean updatesWholeRows() {
        return rows == Rows.ALL && updating.isEmpty();
    }
}
