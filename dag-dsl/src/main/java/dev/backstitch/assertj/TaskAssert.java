package dev.backstitch.assertj;

import dev.backstitch.plan.Task;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** Assertions on one task of a dag; {@link #and} goes back to the dag. */
public final class TaskAssert extends AbstractAssert<TaskAssert, Task> {
    private final DagAssert dag;
    private final TaskGraph graph;

    TaskAssert(DagAssert dag, TaskGraph graph, Task actual) {
        super(actual, TaskAssert.class);
        this.dag = dag;
        this.graph = graph;
    }

    /** It runs for partitions. */
    public TaskAssert forEachPartition() {
        if (actual.partitions().isEmpty()) {
            failWithMessage(
                    "expected task %s to run for each partition, and it runs once; %s",
                    actual.name(), graph.around(actual));
        }
        return this;
    }

    /** It runs for just so many partitions. */
    public TaskAssert forPartitions(int count) {
        forEachPartition();
        if (actual.partitions().size() != count) {
            failWithMessage(
                    "expected task %s to run for %s partitions, found %s: %s",
                    actual.name(),
                    count,
                    actual.partitions().size(),
                    actual.partitions().stream().limit(10).toList());
        }
        return this;
    }

    /** It runs for these partitions, in this order. */
    public TaskAssert forPartitions(String... ids) {
        if (!actual.partitions().equals(List.of(ids))) {
            failWithMessage(
                    "expected task %s to run for %s, found %s", actual.name(), List.of(ids), actual.partitions());
        }
        return this;
    }

    /** It runs once, and not for partitions. */
    public TaskAssert once() {
        if (!actual.partitions().isEmpty()) {
            failWithMessage(
                    "expected task %s to run once, and it runs for %s partitions; %s",
                    actual.name(), actual.partitions().size(), graph.around(actual));
        }
        return this;
    }

    /** So many of its instances may run at the same time, and no more. */
    public TaskAssert atMost(int concurrency) {
        if (actual.concurrency() != concurrency) {
            failWithMessage(
                    "expected task %s to run at most %s at a time, found %s; %s",
                    actual.name(), concurrency, actual.concurrency(), graph.around(actual));
        }
        return this;
    }

    /** It begins after all of this task has ended, whether or not others are between them. */
    public TaskAssert after(String task) {
        Task other = other("run after", task);
        if (!graph.before(actual).contains(other)) {
            failWithMessage(
                    "expected task %s to run after %s, and it does not wait for it; %s",
                    actual.name(), task, graph.around(actual, other));
        }
        return this;
    }

    /** Each of its partitions waits for the same one of this task. */
    public TaskAssert afterSamePartitionOf(String task) {
        Task other = other("wait for the same partition of", task);
        if (!actual.samePartition().contains(other.number())) {
            failWithMessage(
                    "expected each partition of task %s to wait for the same one of %s, and it does not; %s",
                    actual.name(), task, graph.around(actual, other));
        }
        return this;
    }

    private Task other(String expected, String name) {
        return graph.named(name).orElseGet(() -> {
            failWithMessage(
                    "expected task %s to %s %s, and there is no task of that name. %s",
                    actual.name(), expected, name, graph.all());
            throw new IllegalStateException("failed before");
        });
    }

    /** Back to the dag. */
    public DagAssert and() {
        return dag;
    }
}
