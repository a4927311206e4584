package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A vertex of a dag, with its edges: what Quartz gets as a job, what the picture draws and what tests assert on.
 *
 * @param number its place in topological order, from 0
 * @param name its name in Quartz, log and command line: {@code merge} in a dag of one backfill, {@code orders.merge} in a
 *     dag of several members, and a single task's own name
 * @param kind what it does
 * @param members the names of the members that it belongs to; several for a publish in one transaction
 * @param upstream the tasks of which every instance must have succeeded first
 * @param samePartition the tasks of which the instance for the same partition must have succeeded first
 * @param concurrency how many of its instances may run at once
 * @param partitions the ids of the partitions for which it runs; empty when it runs once
 */
public record Task(
        int number,
        String name,
        TaskKind kind,
        List<String> members,
        List<Integer> upstream,
        List<Integer> samePartition,
        int concurrency,
        List<String> partitions) {
    public Task {
        requireNonNull(name, "name");
        requireNonNull(kind, "kind");
        members = List.copyOf(members);
        upstream = List.copyOf(upstream);
        samePartition = List.copyOf(samePartition);
        partitions = List.copyOf(partitions);
        if (members.isEmpty()) {
            throw new IllegalArgumentException("a task belongs to a member: " + name);
        }
    }

    /** The member that it belongs to, the first one of several. */
    public String member() {
        return members.get(0);
    }

    /** How many instances it has. */
    public int instances() {
        return Math.max(1, partitions.size());
    }
}
