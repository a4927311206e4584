package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

/**
 * A column that the merge sets by itself, on the rows alone that it inserts or really changes. The source does not bring it,
 * and it is not compared, so that a second merge of the same source leaves it as it was.
 *
 * @param column the column
 * @param value what is written into it
 */
public record Stamp(String column, Value value) {
    public Stamp {
        requireNonNull(column, "column");
        requireNonNull(value, "value");
    }

    /** What a stamped column holds. */
    public enum Value {
        /** When the row was written, by the database's clock, in UTC where the column has no zone. */
        UPDATED_AT("updatedAt"),
        /** The id of the run that wrote it. */
        RUN_ID("runId");

        private final String word;

        Value(String word) {
            this.word = word;
        }

        /** How the language says it. */
        public String word() {
            return word;
        }
    }
}
