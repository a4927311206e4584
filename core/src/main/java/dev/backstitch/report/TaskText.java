package dev.backstitch.report;

import dev.backstitch.plan.Task;
import java.util.Locale;

/** What a task of a dag is, in words. Pure. */
final class TaskText {
    private TaskText() {}

    /** {@code audit}, {@code merge, 31 partitions}: what it does, and for how many partitions if it runs for any. */
    static String kind(Task task) {
        int partitions = task.partitions().size();
        return task.kind().name().toLowerCase(Locale.ROOT)
                + (partitions == 0
                        ? ""
                        : ", " + Words.number(partitions) + (partitions == 1 ? " partition" : " partitions"));
    }
}
