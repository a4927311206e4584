package dev.backstitch.report;

import static java.util.Objects.requireNonNull;

import com.samskivert.mustache.Template;
import dev.backstitch.plan.Task;
import dev.backstitch.report.Layout.Box;
import dev.backstitch.report.Layout.Line;
import dev.backstitch.spec.Edge;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A dag as a picture that stands alone: an SVG without a script, in which nothing is fetched, readable in light and dark.
 * From left to right each task is a box with its name, its kind and its number of partitions, in a frame for each
 * backfill; an arrow is dashed where a task waits partition by partition. Names are escaped, and shortened in the middle
 * beyond 44 characters. The same tasks give the same text. Pure.
 */
public final class Svg {
    private static final int LONGEST_NAME = 44;
    private static final int LEAST_WIDTH = 88;
    private static final int SIDES = 24;
    private static final double NAME_CHARACTER = 7.3;
    private static final double SMALL_CHARACTER = 6.4;
    private static final int HEIGHT = 46;
    private static final int HEIGHT_WITH_STATE = 63;
    private static final int LEGEND_HEIGHT = 26;
    private static final int LEGEND_WIDTH = 450;

    private static final Template TEMPLATE = Templates.named("dag.svg");

    private Svg() {}

    /**
     * The picture.
     *
     * @param dag the dag's name, which is the picture's title
     * @param tasks all of its tasks, as a plan has them
     * @throws NullPointerException when one of them is null
     */
    public static String of(String dag, List<Task> tasks) {
        requireNonNull(dag, "dag");
        requireNonNull(tasks, "tasks");
        return TEMPLATE.execute(view(dag, tasks, HEIGHT, task -> Optional.empty()));
    }

    /** The values of the template for a run, in which each task has its state as a colour and a word. */
    static Map<String, Object> view(RunReport report) {
        List<Progress> progress = Progress.of(report);
        return view(
                report.run().dag(),
                report.plan().tasks(),
                HEIGHT_WITH_STATE,
                task -> Optional.of(Status.of(progress.get(task.number()))));
    }

    /** How far a task is, as words of the picture. */
    private record Status(String state, String text) {
        static Status of(Progress progress) {
            long done = progress.done();
            String some = done > 0 && done < progress.instances().size() ? ", " + Words.number(done) + " done" : "";
            return new Status(progress.state(), Cells.sign(progress.state()) + " " + progress.state() + some);
        }
    }

    /** A box with its text; the template takes a list as what may be there. */
    private record Shown(Box at, String name, String kind, List<Status> status, String title) {}

    /** An arrow with what it means. */
    private record Drawn(String path, String kind, String title) {}

    private static Map<String, Object> view(
            String dag, List<Task> tasks, int height, Function<Task, Optional<Status>> status) {
        Layout layout = new Layout(tasks, task -> width(task, status.apply(task)), height);
        Map<String, Object> view = new HashMap<>();
        view.put("dag", dag);
        view.put("width", Math.max(layout.width(), LEGEND_WIDTH));
        view.put("height", layout.height() + LEGEND_HEIGHT);
        view.put("legend", layout.height());
        view.put("frames", layout.frames());
        view.put("arrows", layout.lines().stream().map(Svg::drawn).toList());
        view.put(
                "boxes",
                layout.boxes().stream()
                        .map(box -> shown(box, status.apply(box.task())))
                        .toList());
        view.put(
                "byPartition",
                layout.lines().stream().anyMatch(line -> line.arrow().kind() == Edge.Kind.SAME_PARTITION));
        return view;
    }

    private static int width(Task task, Optional<Status> status) {
        double name = name(task).codePointCount(0, name(task).length()) * NAME_CHARACTER;
        int small = Math.max(
                TaskText.kind(task).length(),
                status.map(Status::text).orElse("").length());
        return Math.max(LEAST_WIDTH, (int) Math.ceil(Math.max(name, small * SMALL_CHARACTER)) + SIDES);
    }

    private static Shown shown(Box box, Optional<Status> status) {
        Task task = box.task();
        String kind = TaskText.kind(task);
        return new Shown(
                box,
                name(task),
                kind,
                status.stream().toList(),
                task.name() + ": " + kind
                        + status.map(known -> ", " + known.state()).orElse(""));
    }

    private static Drawn drawn(Line line) {
        String from = line.arrow().from().name();
        String to = line.arrow().to().name();
        return line.arrow().kind() == Edge.Kind.SAME_PARTITION
                ? new Drawn(line.path(), "partition", "each partition of " + to + " waits for the same one of " + from)
                : new Drawn(line.path(), "all", to + " waits for all of " + from);
    }

    /** The ends of a long name tell more than its middle. */
    private static String name(Task task) {
        String name = Words.visible(task.name());
        int length = name.codePointCount(0, name.length());
        if (length <= LONGEST_NAME) {
            return name;
        }
        int half = LONGEST_NAME / 2;
        return name.substring(0, name.offsetByCodePoints(0, half - 1))
                + "\u2026"
                + name.substring(name.offsetByCodePoints(name.length(), -half));
    }
}
