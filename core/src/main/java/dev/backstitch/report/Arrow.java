package dev.backstitch.report;

import dev.backstitch.plan.Task;
import dev.backstitch.spec.Edge;
import java.util.ArrayList;
import java.util.List;

/**
 * An edge between two tasks as a picture draws it.
 *
 * @param from who has to end first
 * @param to who waits
 * @param kind whether it waits for all of the other, or partition by partition
 */
record Arrow(Task from, Task to, Edge.Kind kind) {
    /** Every edge of a dag, ordered by who waits. */
    static List<Arrow> of(List<Task> tasks) {
        List<Arrow> arrows = new ArrayList<>();
        for (Task task : tasks) {
            task.upstream().forEach(from -> arrows.add(new Arrow(tasks.get(from), task, Edge.Kind.BARRIER)));
            task.samePartition()
                    .forEach(from -> arrows.add(new Arrow(tasks.get(from), task, Edge.Kind.SAME_PARTITION)));
        }
        return arrows;
    }
}
