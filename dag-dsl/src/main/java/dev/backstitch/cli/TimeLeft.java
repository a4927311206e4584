package dev.backstitch.cli;

import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How long the merges of a run may still take, judged by those that are done: as if all that are left took as long as the
 * quarter mark of these, and as the three-quarter mark, as many side by side as declared. Audits and publish are not in it.
 *
 * @param merges how many are left
 */
record TimeLeft(int merges, Duration atLeast, Duration atMost) {
    /** With fewer there is nothing to judge by. */
    private static final int LEAST_DONE = 3;

    /** Nothing where no merge is left, or too few are done to judge by. */
    static Optional<TimeLeft> of(Plan plan, List<InstanceRecord> instances) {
        int left = 0;
        Duration least = Duration.ZERO;
        Duration most = Duration.ZERO;
        for (Task task : plan.tasks()) {
            if (task.kind() == TaskKind.MERGE) {
                List<InstanceRecord> own = instances.stream()
                        .filter(instance -> instance.key().task() == task.number())
                        .toList();
                Optional<TimeLeft> ofTask = of(own, task.concurrency());
                boolean isOver = own.stream().allMatch(instance -> instance.state() == InstanceState.SUCCEEDED);
                if (ofTask.isEmpty() && !isOver) {
                    return Optional.empty();
                }
                left += ofTask.map(TimeLeft::merges).orElse(0);
                // Backfills may run side by side or one after the other.
                least = longer(least, ofTask.map(TimeLeft::atLeast).orElse(Duration.ZERO));
                most = most.plus(ofTask.map(TimeLeft::atMost).orElse(Duration.ZERO));
            }
        }
        return left == 0 ? Optional.empty() : Optional.of(new TimeLeft(left, least, most));
    }

    /** Of one backfill's merges. */
    static Optional<TimeLeft> of(List<InstanceRecord> merges, int concurrency) {
        List<Duration> took = new ArrayList<>();
        int left = 0;
        for (InstanceRecord merge : merges) {
            if (merge.state() == InstanceState.SUCCEEDED) {
                merge.startedAt()
                        .flatMap(from -> merge.endedAt().map(to -> Duration.between(from, to)))
                        .ifPresent(took::add);
            } else {
                left++;
            }
        }
        if (left == 0 || took.size() < LEAST_DONE) {
            return Optional.empty();
        }
        took.sort(null);
        int rounds = (left + concurrency - 1) / concurrency;
        return Optional.of(new TimeLeft(
                left,
                took.get(took.size() / 4).multipliedBy(rounds),
                took.get(took.size() - 1 - took.size() / 4).multipliedBy(rounds)));
    }

    private static Duration longer(Duration one, Duration other) {
        return one.compareTo(other) >= 0 ? one : other;
    }

    /** {@code 12 merges are left, which may take 40 s to 70 s}. */
    @Override
    public String toString() {
        return Shown.count(merges, "merge") + (merges == 1 ? " is" : " are") + " left, which may take " + words(atLeast)
                + (words(atLeast).equals(words(atMost)) ? "" : " to " + words(atMost));
    }

    private static String words(Duration duration) {
        long seconds = Math.max(1, Math.round(duration.toMillis() / 1000.0));
        if (seconds < 120) {
            return seconds + " s";
        }
        long minutes = Math.round(seconds / 60.0);
        return minutes < 120 ? minutes + " min" : Math.round(minutes / 60.0) + " h";
    }
}
