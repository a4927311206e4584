package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

/**
 * One member of a dag waits for another.
 *
 * @param from the name of the one that comes first
 * @param to the name of the one that waits
 * @param kind what it waits for
 */
public record Edge(String from, String to, Kind kind) {
    /** What is waited for. */
    public enum Kind {
        /** All of it: a backfill has been published, a task has succeeded. */
        BARRIER,
        /**
         * Between backfills, partition by partition: a merge waits for the other's merge of the same partition, and the
         * publish for the other's publish.
         */
        SAME_PARTITION
    }

    public Edge {
        requireNonNull(from, "from");
        requireNonNull(to, "to");
        requireNonNull(kind, "kind");
    }
}
