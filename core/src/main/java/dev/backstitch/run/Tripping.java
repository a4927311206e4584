package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Limits.AfterFailure;
import dev.backstitch.spec.Limits.Breaker;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.TaskCount;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes a run begin nothing more when too much of it fails, on whatever engine that is noticed. The counts are in the state
 * store, so that they are those of all engines. Thread-safe.
 */
final class Tripping {
    private final StateStore state;
    private final Endings endings;

    Tripping(StateStore state, Endings endings) {
        this.state = state;
        this.endings = endings;
    }

    /** After an attempt that is followed by another. */
    void afterFailure(ActiveRun active, Task task) {
        breaker(active, task).ifPresent(message -> endings.beginNothingMore(active, message));
    }

    /** After the last attempt of an instance. */
    void afterFailureForGood(ActiveRun active, Task task, BackstitchException failure) {
        Optional<String> tripped = breaker(active, task);
        if (tripped.isPresent()) {
            endings.beginNothingMore(active, tripped.get());
        } else if (active.limits(task).afterFailure().equals(Optional.of(AfterFailure.BEGIN_NOTHING))
                && !ActiveRun.onlyWaits(task, failure.code())) {
            endings.beginNothingMore(active, String.valueOf(failure.getMessage()));
        }
    }

    private Optional<String> breaker(ActiveRun active, Task task) {
        Limits limits = active.limits(task);
        if (task.kind() != TaskKind.MERGE || limits.breaker().isEmpty()) {
            return Optional.empty();
        }
        Breaker breaker = limits.breaker().get();
        List<Task> merges = active.plan().tasks().stream()
                .filter(each -> each.kind() == TaskKind.MERGE && each.member().equals(task.member()))
                .toList();
        Set<Integer> numbers = merges.stream().map(Task::number).collect(Collectors.toSet());
        long failed = merges.stream()
                .mapToLong(merge -> state.failures(active.id(), merge.number()))
                .sum();
        long succeeded = state.counts(active.id()).stream()
                .filter(count -> count.state() == InstanceState.SUCCEEDED && numbers.contains(count.task()))
                .mapToLong(TaskCount::count)
                .sum();
        if (!breaker.trips(failed, succeeded)) {
            return Optional.empty();
        }
        String latest = state.instances(active.id()).stream()
                .filter(instance -> numbers.contains(instance.key().task())
                        && !instance.error().isEmpty())
                .map(instance -> " The first of them, " + instance.partition() + ": " + instance.error())
                .findFirst()
                .orElse("");
        BackstitchException tripped = new BackstitchException(
                ErrorCode.TOO_MANY_FAILURES,
                "the breaker of " + task.member() + " has tripped: expected at most " + breaker.share()
                        + " of its merges' attempts to fail, found " + failed + " of " + (failed + succeeded)
                        + ". No further partition begins; what is merged stays merged, the target is untouched. Mend the"
                        + " cause, then resume run " + active.id() + "." + latest);
        return Optional.of(String.valueOf(tripped.getMessage()));
    }
}
