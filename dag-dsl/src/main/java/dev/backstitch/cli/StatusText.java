package dev.backstitch.cli;

import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.run.Owners;
import dev.backstitch.spec.Windows;
import dev.backstitch.state.HoldRecord;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.TaskCount;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Runs in words, from what the state store knows. */
final class StatusText {
    private static final int NAMED = 5;
    private static final int LABEL = 9;

    private final StateStore state;
    private final String program;
    private final Clock clock;

    StatusText(StateStore state, String program) {
        this(state, program, Clock.systemUTC());
    }

    /** @param clock says which windows are closed */
    StatusText(StateStore state, String program, Clock clock) {
        this.clock = clock;
        this.state = state;
        this.program = program;
    }

    /** A line a run. */
    List<String> of(List<RunRecord> runs) {
        if (runs.isEmpty()) {
            return List.of("no run in " + state.location() + " yet");
        }
        return runs.stream().map(this::line).toList();
    }

    private String line(RunRecord run) {
        Plan plan = PlanFormat.read(state.plan(run.id()));
        return run.id() + "  " + run.dag() + "  " + run.state() + "  " + merged(run, plan) + "  begun "
                + Shown.time(run.createdAt())
                + run.endedAt().map(ended -> ", ended " + Shown.time(ended)).orElse("") + "  by " + run.actor()
                + (run.state().isActedFor() ? "  " + owner(run) : "");
    }

    private String merged(RunRecord run, Plan plan) {
        int done = state.counts(run.id()).stream()
                .filter(count -> plan.tasks().get(count.task()).kind() == TaskKind.MERGE)
                .filter(count -> count.state() == InstanceState.SUCCEEDED)
                .mapToInt(TaskCount::count)
                .sum();
        return "merged " + done + "/" + plan.partitions();
    }

    private static String owner(RunRecord run) {
        if (Owners.isSurelyDead(run.owner())) {
            return "(" + run.owner() + " has ended without finishing it)";
        }
        return run.lease() == RunRecord.LeaseStatus.EXPIRED
                ? "(" + run.owner() + " has not been heard of since " + Shown.time(run.leasedUntil()) + ")"
                : "(" + run.owner() + ")";
    }

    /** All of one run. */
    List<String> of(RunRecord run) {
        Plan plan = PlanFormat.read(state.plan(run.id()));
        List<InstanceRecord> instances = state.instances(run.id());
        List<String> lines = new ArrayList<>();
        lines.add("run " + run.id() + " of dag " + run.dag() + ": " + run.state()
                + (run.failure().isEmpty() ? "" : ": " + Shown.safeLines(run.failure())));
        lines.add("  target   " + Shown.targets(plan) + " on " + plan.connector());
        lines.add("  begun    " + Shown.time(run.createdAt()) + " by " + run.actor()
                + run.endedAt().map(ended -> ", ended " + Shown.time(ended)).orElse(""));
        lines.add("  plan     sha256 " + run.planSha());
        lines.add(
                "  epoch    " + run.epoch() + (run.state().isActedFor() ? " " + owner(run) : ", last " + run.owner()));
        int width = plan.tasks().stream()
                .mapToInt(task -> task.name().length())
                .max()
                .orElse(0);
        for (Task task : plan.tasks()) {
            lines.add("  " + pad(task.name(), Math.max(width + 1, LABEL)) + taskLine(instances, task));
        }
        instances.stream()
                .filter(instance -> !instance.error().isEmpty())
                .filter(instance -> instance.state() != InstanceState.SUCCEEDED)
                .forEach(instance -> lines.add("  " + failed(plan, instance)));
        if (run.state() == RunState.RUNNING) {
            TimeLeft.of(plan, instances).ifPresent(left -> lines.add("  " + left));
            waits(run, plan, instances).forEach(wait -> lines.add("  " + wait));
        }
        state.holds().stream()
                .filter(hold -> hold.run().equals(run.id()))
                .forEach(hold -> lines.add("  holds    " + Shown.safe(hold.hold()) + " since "
                        + Shown.time(hold.since())
                        + (hold.state() == HoldRecord.State.FOUND ? ", which was at rest before and is left so" : "")));
        state.watches().stream()
                .filter(watch -> watch.run().equals(run.id()))
                .forEach(watch -> lines.add("  " + WatchCommand.line(watch)));
        next(run).forEach(lines::add);
        return lines;
    }

    /** What keeps it from beginning what is ready. */
    private List<String> waits(RunRecord run, Plan plan, List<InstanceRecord> instances) {
        Instant now = clock.instant();
        List<String> waits = new ArrayList<>();
        for (Task task : plan.tasks()) {
            List<Windows> windows = plan.windows(task);
            boolean ready = instances.stream()
                    .anyMatch(instance ->
                            instance.key().task() == task.number() && instance.state() == InstanceState.READY);
            if (ready && !windows.stream().allMatch(each -> each.isOpen(now))) {
                waits.add(task.name() + " waits for its window"
                        + Windows.allOpenAt(windows, now)
                                .map(time -> " until " + Shown.time(time))
                                .orElse(", which does not open again")
                        + " (" + windows.get(0) + ")");
            }
        }
        state.waitsFor(run.id()).forEach(gate -> waits.add("waits for a place of " + gate));
        return waits;
    }

    private static String pad(String name, int width) {
        return name + " ".repeat(width - name.length());
    }

    private static String taskLine(List<InstanceRecord> instances, Task task) {
        List<InstanceRecord> own = instances.stream()
                .filter(instance -> instance.key().task() == task.number())
                .toList();
        List<String> parts = new ArrayList<>();
        for (InstanceState each : InstanceState.values()) {
            List<InstanceRecord> in =
                    own.stream().filter(instance -> instance.state() == each).toList();
            if (!in.isEmpty()) {
                parts.add((own.size() == 1 ? "" : in.size() + " ")
                        + each.name().toLowerCase(Locale.ROOT)
                        + (each == InstanceState.RUNNING || each == InstanceState.FAILED ? named(in) : ""));
            }
        }
        return String.join(", ", parts);
    }

    private static String named(List<InstanceRecord> instances) {
        String names = instances.stream()
                .map(InstanceRecord::partition)
                .filter(partition -> !partition.isEmpty())
                .limit(NAMED)
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : " (" + names + (instances.size() > NAMED ? ", .." : "") + ")";
    }

    private static String failed(Plan plan, InstanceRecord instance) {
        String task = plan.tasks().get(instance.key().task()).name();
        return (instance.partition().isEmpty() ? task : task + " " + instance.partition())
                + (instance.state() == InstanceState.FAILED ? " failed" : " is tried again")
                + " after attempt " + instance.attempt() + ": " + Shown.safeLines(instance.error());
    }

    private List<String> next(RunRecord run) {
        boolean orphaned = run.state().isActedFor()
                && (Owners.isSurelyDead(run.owner()) || run.lease() == RunRecord.LeaseStatus.EXPIRED);
        if (run.state() == RunState.PUBLISHED) {
            return List.of("  take it back: " + program + " rollback " + run.id());
        }
        if (orphaned && run.state() == RunState.CANCELLING) {
            return List.of("  give up: " + program + " cancel " + run.id());
        }
        if (orphaned || (!run.state().isActedFor() && !run.state().isFinal())) {
            return NextSteps.after(program, run.dag(), run.id(), run.failure());
        }
        return List.of();
    }
}
