package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Plan;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.NewInstance;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the state store is given for a new run. Pure. */
final class NewRuns {
    private NewRuns() {}

    /**
     * A plan that was made without a database, or on another one, says nothing of this one.
     *
     * @throws BackstitchException with {@code TARGET_CHANGED}
     */
    static void requireMadeOn(Plan plan, String connector) {
        if (!plan.connector().equals(connector)) {
            throw new BackstitchException(
                    ErrorCode.TARGET_CHANGED,
                    "start of dag " + plan.dag().name() + " refused: expected a plan that was made on " + connector
                            + ", found one that was made on " + plan.connector()
                            + ". Nothing was written. Plan it on this engine: plan(dag).");
        }
    }

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
