package dev.backstitch.report;

import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.RunState;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * How far a task is in a run.
 *
 * @param state {@code done}, {@code failed}, {@code running} or {@code waiting}
 * @param done how many of its instances have succeeded
 * @param instances those that the state store has, in order
 */
record Progress(String state, long done, List<InstanceRecord> instances) {
    /** Of each task of the run's plan, in its order. */
    static List<Progress> of(RunReport report) {
        Map<Integer, List<InstanceRecord>> byTask = report.instances().stream()
                .collect(Collectors.groupingBy(instance -> instance.key().task()));
        return report.plan().tasks().stream()
                .map(task -> of(report, task, byTask.getOrDefault(task.number(), List.of())))
                .toList();
    }

    private static Progress of(RunReport report, Task task, List<InstanceRecord> instances) {
        long done = count(instances, InstanceState.SUCCEEDED);
        return new Progress(state(report, task, instances, done), done, instances);
    }

    private static String state(RunReport report, Task task, List<InstanceRecord> instances, long done) {
        if (count(instances, InstanceState.FAILED) > 0) {
            // A publish without its lock or its approval ends as a failed one, and waits.
            boolean waits = task.kind() == TaskKind.PUBLISH && report.run().state() == RunState.AUDITED;
            return waits ? "waiting" : "failed";
        }
        if (count(instances, InstanceState.RUNNING) > 0) {
            return "running";
        }
        return !instances.isEmpty() && done == instances.size() ? "done" : "waiting";
    }

    private static long count(List<InstanceRecord> instances, InstanceState state) {
        return instances.stream().filter(instance -> instance.state() == state).count();
    }
}
