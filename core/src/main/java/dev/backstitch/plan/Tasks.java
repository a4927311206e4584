package dev.backstitch.plan;

import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Partition;
import java.util.List;

/** The tasks of a backfill and their order. */
final class Tasks {
    private Tasks() {}

    /** scope, shadow, merge for each partition, audit, publish: each waits for all of the one before. */
    static List<Task> of(Backfill backfill, List<Partition> scope) {
        return List.of(
                once(0, "scope", TaskKind.SCOPE),
                once(1, "shadow", TaskKind.SHADOW),
                new Task(
                        2,
                        "merge",
                        TaskKind.MERGE,
                        List.of(1),
                        backfill.limits().concurrency(),
                        scope.stream().map(Partition::id).toList()),
                once(3, "audit", TaskKind.AUDIT),
                once(4, "publish", TaskKind.PUBLISH));
    }

    private static Task once(int number, String name, TaskKind kind) {
        return new Task(number, name, kind, number == 0 ? List.of() : List.of(number - 1), 1, List.of());
    }
}
