package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A vertex of a dag.
 *
 * @param number its place in topological order, from 0
 * @param name its name in Quartz, log and command line, such as {@code merge}
 * @param kind what it does
 * @param upstream the tasks of which every instance must have succeeded first
 * @param concurrency how many of its instances may run at once
 * @param partitions the ids of the partitions for which it runs; empty when it runs once
 */
public record Task(
        int number, String name, TaskKind kind, List<Integer> upstream, int concurrency, List<String> partitions) {
    public Task {
        requireNonNull(name, "name");
        requireNonNull(kind, "kind");
        upstream = List.copyOf(upstream);
        partitions = List.copyOf(partitions);
    }

    /** How many instances it has. */
    public int instances() {
        return Math.max(1, partitions.size());
    }
}
