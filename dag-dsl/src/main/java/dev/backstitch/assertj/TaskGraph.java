package dev.backstitch.assertj;

import dev.backstitch.plan.Task;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tasks with their edges, and how they look in a failure's message. Immutable. */
final class TaskGraph {
    private final List<Task> tasks;

    TaskGraph(List<Task> tasks) {
        this.tasks = List.copyOf(tasks);
    }

    List<Task> tasks() {
        return tasks;
    }

    Optional<Task> named(String name) {
        return tasks.stream().filter(task -> task.name().equals(name)).findFirst();
    }

    /** Every task that has ended before this one begins; for one of the same partition, its instance. */
    Set<Task> before(Task task) {
        Set<Task> found = new HashSet<>();
        Deque<Task> left = new ArrayDeque<>(List.of(task));
        while (!left.isEmpty()) {
            direct(left.removeFirst()).filter(found::add).forEach(left::add);
        }
        return found;
    }

    private Stream<Task> direct(Task task) {
        return Stream.concat(task.upstream().stream(), task.samePartition().stream())
                .map(tasks::get);
    }

    /** The task with those that it waits for and those that wait for it, each in a line. */
    String around(Task task) {
        return "around it:\n" + neighbours(Set.of(task));
    }

    /** Two tasks with their neighbours, each in a line. */
    String around(Task task, Task other) {
        return "around them:\n" + neighbours(Set.of(task, other));
    }

    private String neighbours(Set<Task> of) {
        return tasks.stream()
                .filter(task ->
                        of.contains(task) || of.stream().anyMatch(each -> waitsFor(task, each) || waitsFor(each, task)))
                .map(this::line)
                .collect(Collectors.joining("\n"));
    }

    /** All tasks, each in a line. */
    String all() {
        return "The dag's tasks:\n" + tasks.stream().map(this::line).collect(Collectors.joining("\n"));
    }

    private static boolean waitsFor(Task task, Task other) {
        return task.upstream().contains(other.number()) || task.samePartition().contains(other.number());
    }

    private String line(Task task) {
        return "  " + task.name()
                + (task.partitions().isEmpty()
                        ? ""
                        : " (" + task.instances() + " partitions, " + task.concurrency() + " at a time)")
                + (task.upstream().isEmpty() ? "" : " after " + names(task.upstream()))
                + (task.samePartition().isEmpty() ? "" : ", each after the same one of " + names(task.samePartition()));
    }

    private String names(List<Integer> numbers) {
        return numbers.stream().map(number -> tasks.get(number).name()).collect(Collectors.joining(", "));
    }
}
