package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

/**
 * How many instances of a task are in a state.
 *
 * @param task the task's number in the plan
 */
public record TaskCount(int task, InstanceState state, int count) {
    public TaskCount {
        requireNonNull(state, "state");
    }
}
