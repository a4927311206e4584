package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

/**
 * A task instance to be stored.
 *
 * @param task the task's number in the plan
 * @param position its position in the task
 * @param partition its partition's id; empty for a task that runs once
 * @param state {@code WAITING} or {@code READY}
 */
public record NewInstance(int task, int position, String partition, InstanceState state) {
    public NewInstance {
        requireNonNull(partition, "partition");
        requireNonNull(state, "state");
    }
}
