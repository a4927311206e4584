package dev.backstitch.report;

import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Tasks that a picture keeps together: those of a backfill, or one that stands alone, such as a call, or the publish of
 * several backfills in one transaction.
 *
 * @param members the names of the members to which they belong
 * @param tasks at least one
 */
record Group(List<String> members, List<Task> tasks) {
    /** The groups of a dag, in the order of their first tasks. */
    static List<Group> of(List<Task> tasks) {
        return tasks.stream()
                .collect(Collectors.groupingBy(Task::members, LinkedHashMap::new, Collectors.toList()))
                .entrySet()
                .stream()
                .map(group -> new Group(group.getKey(), group.getValue()))
                .toList();
    }

    /** Whether these are the tasks of one backfill, which has a frame and a name of its own. */
    boolean isBackfill() {
        return tasks.get(0).kind() == TaskKind.SCOPE;
    }

    String name() {
        return members.get(0);
    }
}
