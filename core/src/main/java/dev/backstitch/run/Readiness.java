package dev.backstitch.run;

import dev.backstitch.plan.Task;
import dev.backstitch.state.InstanceKey;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.StateStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Makes instances ready that need not wait any more. The store decides about barriers in the transaction that opens; that
 * an instance of the same partition has succeeded is read before, since it stays so. Thread-safe.
 */
final class Readiness {
    private final StateStore state;

    Readiness(StateStore state) {
        this.state = state;
    }

    /** Opens all of a task that may begin; how many instances became ready. */
    int open(ActiveRun active, Task task) {
        if (task.samePartition().isEmpty()) {
            return state.open(active.id(), active.epoch(), task.number(), task.upstream());
        }
        List<Integer> positions = waitingNoMore(active, task);
        return positions.isEmpty()
                ? 0
                : state.open(active.id(), active.epoch(), task.number(), task.upstream(), positions);
    }

    /** Opens the instance of one partition, if it may begin; how many became ready. */
    int open(ActiveRun active, Task task, String partition) {
        OptionalInt position = active.positionOf(task, partition);
        if (position.isEmpty() || !state.haveSucceeded(active.id(), upstreamOf(active, task, partition))) {
            return 0;
        }
        return state.open(active.id(), active.epoch(), task.number(), task.upstream(), List.of(position.getAsInt()));
    }

    private static List<InstanceKey> upstreamOf(ActiveRun active, Task task, String partition) {
        List<InstanceKey> upstream = new ArrayList<>();
        for (int number : task.samePartition()) {
            active.positionOf(active.task(number), partition)
                    .ifPresent(position -> upstream.add(new InstanceKey(active.id(), number, position)));
        }
        return upstream;
    }

    private List<Integer> waitingNoMore(ActiveRun active, Task task) {
        Set<InstanceKey> succeeded = new HashSet<>();
        List<InstanceRecord> waiting = new ArrayList<>();
        for (InstanceRecord instance : state.instances(active.id())) {
            if (instance.state() == InstanceState.SUCCEEDED) {
                succeeded.add(instance.key());
            } else if (instance.state() == InstanceState.WAITING
                    && instance.key().task() == task.number()) {
                waiting.add(instance);
            }
        }
        return waiting.stream()
                .filter(instance -> succeeded.containsAll(upstreamOf(active, task, instance.partition())))
                .map(instance -> instance.key().position())
                .toList();
    }
}
