package dev.backstitch;

import dev.backstitch.plan.Plan;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.NewInstance;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the state store is given for a new run. Pure. */
final class NewRuns {
    private NewRuns() {}

    /** The instances of a plan's tasks: ready where they wait for nothing. */
    static List<NewInstance> instances(Plan plan) {
        return plan.tasks().stream()
                .flatMap(task -> {
                    InstanceState state =
                            task.upstream().isEmpty() && task.samePartition().isEmpty()
                                    ? InstanceState.READY
                                    : InstanceState.WAITING;
                    return task.partitions().isEmpty()
                            ? Stream.of(new NewInstance(task.number(), 0, "", state))
                            : IntStream.range(0, task.partitions().size())
                                    .mapToObj(i -> new NewInstance(
                                            task.number(), i, task.partitions().get(i), state));
                })
                .toList();
    }
}
