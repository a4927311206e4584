package dev.backstitch.report;

import dev.backstitch.plan.Task;
import dev.backstitch.state.InstanceRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** When each task ran, as bars of a common length of time. Pure. */
final class Timeline {
    private static final double WIDTH = 1000.0;
    private static final double LEAST = 1.5;

    private final Instant begin;
    private final double width;

    private Timeline(Instant begin, Instant end) {
        this.begin = begin;
        this.width = Math.max(1, Duration.between(begin, end).toMillis());
    }

    /**
     * A task's row.
     *
     * @param took from its first beginning to its last end; empty when it never began
     */
    record Row(String task, String took, String done, List<Bar> bars) {}

    /** A bar of a picture that is 1000 wide. */
    record Bar(String x, String width, String state, String title) {}

    static List<Row> of(RunReport report) {
        List<Instant> times = report.instances().stream()
                .flatMap(instance -> Stream.concat(instance.startedAt().stream(), instance.endedAt().stream()))
                .toList();
        Instant begin =
                times.stream().min(Instant::compareTo).orElse(report.run().createdAt());
        Instant end = times.stream().max(Instant::compareTo).orElse(begin);
        Timeline timeline = new Timeline(begin, end);
        List<Progress> progress = Progress.of(report);
        List<Row> rows = new ArrayList<>();
        for (Task task : report.plan().tasks()) {
            rows.add(timeline.row(task, progress.get(task.number()), end));
        }
        return rows;
    }

    private Row row(Task task, Progress progress, Instant end) {
        List<InstanceRecord> instances = progress.instances();
        List<Bar> bars = instances.stream()
                .filter(instance -> instance.startedAt().isPresent())
                .map(instance -> bar(instance, end))
                .toList();
        Optional<Instant> first = instances.stream()
                .flatMap(instance -> instance.startedAt().stream())
                .min(Instant::compareTo);
        Optional<Instant> last = instances.stream()
                .flatMap(instance -> instance.endedAt().stream())
                .max(Instant::compareTo);
        String took =
                first.isPresent() && last.isPresent() ? Words.took(Duration.between(first.get(), last.get())) : "";
        return new Row(
                task.name(), took, Words.number(progress.done()) + " of " + Words.number(instances.size()), bars);
    }

    private Bar bar(InstanceRecord instance, Instant end) {
        Instant from = instance.startedAt().orElseThrow();
        Instant to = instance.endedAt().filter(ended -> !ended.isBefore(from)).orElse(end);
        double x = Duration.between(begin, from).toMillis() * WIDTH / width;
        double wide = Math.max(LEAST, Duration.between(from, to).toMillis() * WIDTH / width);
        String what = instance.partition().isEmpty() ? "" : instance.partition() + ": ";
        return new Bar(
                decimal(Math.min(x, WIDTH - LEAST)),
                decimal(wide),
                instance.state().name().toLowerCase(Locale.ROOT),
                what + instance.state().name().toLowerCase(Locale.ROOT) + " in "
                        + Words.took(Duration.between(from, to))
                        + (instance.attempt() > 1 ? ", attempt " + instance.attempt() : ""));
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
