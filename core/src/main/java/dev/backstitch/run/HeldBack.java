package dev.backstitch.run;

import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Member;
import dev.backstitch.spec.RunLimits;
import dev.backstitch.spec.Windows;
import dev.backstitch.state.Claiming;
import dev.backstitch.state.Gate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What keeps a run's tasks from beginning although they are ready: places of pools, rates, windows. A hint that saves
 * questions to the state store, which decides about gates; windows are decided here, by the clock of the engine. Not
 * thread-safe: its run's lock guards it.
 */
final class HeldBack {
    private final List<List<Gate>> gates;
    private final List<List<Windows>> windows;

    /** Until when a task is held by a rate; and which gate it waits for whose places depend on others. */
    private final Map<Integer, Instant> until = new HashMap<>();

    private final Map<Integer, Gate> full = new HashMap<>();

    /** For when a lane was last asked for, so that it is once for each time. */
    private final Map<Integer, Instant> wakes = new HashMap<>();

    private final Set<Object> told = new HashSet<>();

    HeldBack(String run, Plan plan) {
        this.gates = plan.tasks().stream().map(task -> gates(run, plan, task)).toList();
        this.windows = plan.tasks().stream().map(plan::windows).toList();
    }

    private static List<Gate> gates(String run, Plan plan, Task task) {
        Member member = plan.dag().member(task.member()).orElseThrow();
        Limits limits = member.limits();
        List<Gate> gates = new ArrayList<>();
        plan.dag()
                .limits()
                .map(RunLimits::concurrency)
                .ifPresent(most -> most.ifPresent(places -> gates.add(Gate.ofRun(run, places))));
        limits.pool().ifPresent(pool -> gates.add(Gate.ofPool(pool.name(), pool.size())));
        if (task.kind() == TaskKind.MERGE) {
            limits.rate().ifPresent(rate -> gates.add(Gate.ofRate(run, member.name(), rate.spacing())));
        }
        return List.copyOf(gates);
    }

    /** What a claim of a task's instance has to pass. */
    List<Gate> gates(Task task) {
        return gates.get(task.number());
    }

    /** Those that have to be open for a task to begin. */
    List<Windows> windows(Task task) {
        return windows.get(task.number());
    }

    /** Whether a task isn't to be asked for now. */
    boolean holds(Task task, Instant now) {
        Instant time = until.get(task.number());
        return (time != null && now.isBefore(time))
                || full.containsKey(task.number())
                || !windows(task).stream().allMatch(each -> each.isOpen(now));
    }

    /** A gate held an instance of a task. */
    void hold(Task task, Claiming.Held held, Instant now) {
        held.after()
                .ifPresentOrElse(
                        length -> until.put(task.number(), now.plus(length)),
                        () -> full.put(task.number(), held.gate()));
    }

    /** Nothing of a task begins before this time. */
    void hold(Task task, Instant time) {
        until.put(task.number(), time);
    }

    /** The tasks that wait for places which may be free now; they are asked for again. */
    List<Integer> release() {
        List<Integer> released = List.copyOf(full.keySet());
        full.clear();
        return released;
    }

    /** Those of them that wait for one of these gates. */
    List<Integer> release(List<Gate> freed) {
        List<Integer> released = full.entrySet().stream()
                .filter(waiting -> freed.contains(waiting.getValue()))
                .map(Map.Entry::getKey)
                .toList();
        released.forEach(full::remove);
        return released;
    }

    /** Whether a lane for a task is to be asked for at this time: not when it was already. */
    boolean isNewWake(Task task, Instant time) {
        return !time.equals(wakes.put(task.number(), time));
    }

    /** Whether this is the first time that it is asked, for what is to be told once. */
    boolean isFirst(Object what) {
        return told.add(what);
    }
}
