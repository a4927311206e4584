package dev.backstitch.cli;

import dev.backstitch.spi.MergeCounts;

/** How far the merges of a run are, and what happens beside them. Not thread-safe: its caller shows one thing at a time. */
sealed interface MergeProgress permits ProgressLines, ProgressInPlace {
    /** So many partitions, of which so many are merged already. */
    void expect(int partitions, int merged);

    /** The merges begin, or go on. */
    void begin();

    /** One more is merged. */
    void merged(String partition, MergeCounts rows);

    /** A line of its own. */
    void say(String line);

    /** No more merges; any number of times. */
    void end();
}
