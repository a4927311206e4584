package dev.backstitch.report;

import static java.util.Objects.requireNonNull;

import dev.backstitch.plan.Task;
import dev.backstitch.spec.Edge;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A dag as a flowchart in the language of Mermaid, which many wikis and code hosts draw: a subgraph a backfill, a node a
 * task, a solid arrow where a task waits for all of another, and a dotted one where it waits partition by partition.
 * Whatever a name holds, it is shown and never understood as a part of the language. The same tasks give the same text.
 * Pure.
 */
public final class Mermaid {
    private static final String HARMLESS = " .,_-+";

    private Mermaid() {}

    /**
     * The flowchart, in lines that end with a line feed.
     *
     * @param tasks all tasks of a dag, as a plan has them
     * @throws NullPointerException when {@code tasks} is null
     */
    public static String of(List<Task> tasks) {
        requireNonNull(tasks, "tasks");
        List<String> lines = new ArrayList<>(List.of("flowchart LR"));
        int backfills = 0;
        for (Group group : Group.of(tasks)) {
            if (group.isBackfill()) {
                lines.add("    subgraph b" + backfills++ + "[\"" + label(group.name()) + "\"]");
                // Without it, a subgraph that no edge enters or leaves is drawn from top to bottom.
                lines.add("        direction LR");
                group.tasks().forEach(task -> lines.add("        " + node(task)));
                lines.add("    end");
            } else {
                group.tasks().forEach(task -> lines.add("    " + node(task)));
            }
        }
        Arrow.of(tasks).forEach(arrow -> lines.add("    " + line(arrow)));
        return lines.stream().collect(Collectors.joining("\n", "", "\n"));
    }

    private static String node(Task task) {
        return id(task) + "[\"" + label(task.name()) + "<br/>" + label(TaskText.kind(task)) + "\"]";
    }

    private static String line(Arrow arrow) {
        return id(arrow.from()) + (arrow.kind() == Edge.Kind.SAME_PARTITION ? " -.-> " : " --> ") + id(arrow.to());
    }

    /** By number, since a name may be a word of the language, such as {@code end}. */
    private static String id(Task task) {
        return "t" + task.number();
    }

    /** Text between quotes. What is neither letter nor digit is written as its number, but for what has no meaning there. */
    private static String label(String text) {
        StringBuilder label = new StringBuilder();
        Words.visible(text).codePoints().forEach(point -> {
            if (Character.isLetterOrDigit(point) || HARMLESS.indexOf(point) >= 0) {
                label.appendCodePoint(point);
            } else {
                label.append('#').append(point).append(';');
            }
        });
        return label.toString();
    }
}
