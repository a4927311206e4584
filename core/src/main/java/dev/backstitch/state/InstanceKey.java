package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

/**
 * Which task instance.
 *
 * @param run the run's id
 * @param task the task's number in the plan, in topological order from 0
 * @param position the instance's position in its task, from 0
 */
public record InstanceKey(String run, int task, int position) {
    public InstanceKey {
        requireNonNull(run, "run");
    }

    /** As messages name it, of which each claim and each success makes one. */
    @Override
    public String toString() {
        return "task " + task + " instance " + position + " of run " + run;
    }
}
