package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Rule;
import dev.backstitch.spec.TableName;
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

    /** Rows of the scope in the shadow that break a rule, together and by partition. */
    record RowsBreaking(Rule rule) implements Measure {
        public RowsBreaking {
            requireNonNull(rule, "rule");
        }
    }

    /** Rows of the whole shadow with a value in all of these columns that another table lacks. */
    record Orphans(List<String> columns, TableName table, List<String> referenced) implements Measure {
        public Orphans {
            columns = List.copyOf(columns);
            requireNonNull(table, "table");
            referenced = List.copyOf(referenced);
        }
    }

    /**
     * Values of these columns in another table that the shadow lacks, nulls apart. Of that table the rows of the scope count
     * if it has the partition columns, else all.
     */
    record Uncovered(TableName source, List<String> columns) implements Measure {
        public Uncovered {
            requireNonNull(source, "source");
            columns = List.copyOf(columns);
        }
    }

    /**
     * Rows of the scope that the shadow adds to the target's, lacks of them, or has with other values by key, markers apart. It
     * is asked for its rows only; how many there are the merges have counted.
     *
     * @param but columns that may differ; if there are any, only rows that are in both count
     */
    record RowsChanged(List<String> but) implements Measure {
        public RowsChanged {
            but = List.copyOf(but);
        }
    }

    /** A figure of the scope's rows, together and by partition. */
    record Figure(Side side, Metric metric) implements Measure {
        public Figure {
            requireNonNull(side, "side");
            requireNonNull(metric, "metric");
        }
    }

    /** Which table. */
    enum Side {
        SHADOW,
        LIVE
    }
}
