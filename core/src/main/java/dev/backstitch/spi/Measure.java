package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** A question to shadow and target whose answer is a number. */
public sealed interface Measure {
    /** Groups of rows of the whole shadow that agree in all of these columns, none of them null. */
    record DuplicateGroups(List<String> columns) implements Measure {
        public DuplicateGroups {
            columns = List.copyOf(columns);
        }
    }

    /** Rows of the whole shadow with a null in any of these columns. */
    record RowsWithNull(List<String> columns) implements Measure {
        public RowsWithNull {
            columns = List.copyOf(columns);
        }
    }

    /** Rows that a query of the user's returns; {@code :shadow} and {@code :target} stand for the tables. */
    record RowsFound(String sql) implements Measure {
        public RowsFound {
            requireNonNull(sql, "sql");
        }
    }

    /**
     * Rows of the whole shadow that lie outside the scope and differ from the target's, in either direction. Zero for a
     * shadow that holds only the scope, unless rows of others came into it.
     */
    record ChangedOutsideScope() implements Measure {}

    /**
     * Rows of the target outside the scope whose key a row of the shadow's scope has too. A publish that replaces the
     * scope's rows would bring such a key in twice, or be refused where the database keeps it unique.
     */
    record KeysOutsideScope() implements Measure {}
}
