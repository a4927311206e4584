package dev.backstitch.run;

import dev.backstitch.plan.Task;
import dev.backstitch.state.Claim;
import dev.backstitch.state.Helper;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.TaskCount;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What comes when no lane of this engine works on a run: its end, or lanes for what can go on. */
final class Settlement {
    private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);

    private final StateStore state;
    private final Lanes lanes;
    private final Clock clock;
    private final Readiness readiness;
    private final Cancels cancels;
    private final Endings endings;
    private final Timing timing;

    Settlement(
            StateStore state,
            Lanes lanes,
            Clock clock,
            Readiness readiness,
            Cancels cancels,
            Endings endings,
            Timing timing) {
        this.state = state;
        this.lanes = lanes;
        this.clock = clock;
        this.readiness = readiness;
        this.cancels = cancels;
        this.endings = endings;
        this.timing = timing;
    }

    /** Does nothing while a lane works. */
    void settle(ActiveRun active) {
        synchronized (active) {
            if (!active.isIdle()) {
                return;
            }
            if (active.isHelping()) {
                if (state.helpers(active.id()).stream()
                        .anyMatch(helper -> helper.engine().equals(active.engine()) && helper.running() > 0)) {
                    tryOrphansAgain(active);
                }
                wakeWhereReady(active, active.sharedTasks(), Integer.MAX_VALUE);
                return;
            }
            List<TaskCount> counts = state.counts(active.id());
            if (counts.stream().allMatch(count -> count.state() == InstanceState.SUCCEEDED)) {
                endings.end(active, RunState.PUBLISHED, "");
            } else if (heedsRequest(active, counts)) {
                LOG.info("run={} does what it was asked for", active.id());
            } else if (has(counts, InstanceState.RUNNING) || has(counts, InstanceState.READY)) {
                if (count(counts, InstanceState.RUNNING) > runningElsewhere(active)) {
                    tryOrphansAgain(active);
                }
                resumeWork(active);
            } else if (!openWhatWaits(active) && !hasMoved(active, counts)) {
                endings.end(active, active.onlyWaits() ? RunState.AUDITED : RunState.FAILED, failureOf(active));
            }
        }
    }

    /** Ends a run that a person has paused or of which too much has failed, or has one that is cancelled given up. */
    private boolean heedsRequest(ActiveRun active, List<TaskCount> counts) {
        Optional<RunRecord> record = state.run(active.id()).filter(run -> run.epoch() == active.epoch());
        RunState asked = record.map(RunRecord::state).orElse(RunState.RUNNING);
        if (asked == RunState.CANCELLING) {
            cancels.giveUp(active);
            return true;
        }
        if (asked != RunState.PAUSING && asked != RunState.FAILING) {
            return false;
        }
        // Orphans of this engine's own end with it; what helpers run is finished first.
        if (!has(counts, InstanceState.RUNNING) || runningElsewhere(active) == 0) {
            String stored = record.map(RunRecord::failure).orElse("");
            if (asked == RunState.FAILING) {
                endings.end(active, RunState.FAILED, stored);
            } else {
                endings.end(active, RunState.PAUSED, active.failure().isEmpty() ? stored : active.failure());
            }
        }
        return true;
    }

    private int runningElsewhere(ActiveRun active) {
        return state.helpers(active.id()).stream().mapToInt(Helper::running).sum();
    }

    /**
     * An instance that this engine has {@code RUNNING} while no lane works was claimed or finished in a transaction whose
     * outcome it did not hear of: it is tried again, and asks the ledger first.
     */
    private void tryOrphansAgain(ActiveRun active) {
        Instant now = active.storeTime().stored(clock.instant());
        state.instances(active.id()).stream()
                .filter(instance -> instance.state() == InstanceState.RUNNING
                        && instance.claimedBy().equals(active.engine()))
                .forEach(orphan -> state.retry(claimOf(orphan, active), Instant.EPOCH, "outcome unknown", now));
    }

    /** Opens what waits no more, and wakes lanes for all that is ready. */
    void resumeWork(ActiveRun active) {
        openWhatWaits(active);
        wakeWhereReady(active, active.plan().tasks(), Integer.MAX_VALUE);
    }

    /** While lanes work: one lane for each task that has work and a place left. */
    void wakeOneMore(ActiveRun active) {
        wakeWhereReady(
                active,
                active.isHelping() ? active.sharedTasks() : active.plan().tasks(),
                1);
    }

    private void wakeWhereReady(ActiveRun active, List<Task> tasks, int atMost) {
        Instant now = clock.instant();
        Instant stored = active.storeTime().stored(now);
        boolean woken = false;
        for (Task task : tasks) {
            boolean held = active.isHeldBack(task, now);
            int free = held ? 0 : active.wanted(task, Integer.MAX_VALUE);
            if (held
                    && !state.runnable(active.id(), List.of(task.number()), stored, 1)
                            .isEmpty()) {
                timing.awaitWindows(active, task, now);
            }
            int ready = free == 0
                    ? 0
                    : state.runnable(active.id(), List.of(task.number()), stored, active.places(task))
                            .size();
            if (ready > 0) {
                lanes.wake(active.id(), task, Math.min(atMost, active.wanted(task, ready)));
                woken = true;
            }
        }
        if (!woken && !tasks.isEmpty() && active.isIdle()) {
            state.nextRunnableAt(active.id())
                    .filter(time -> time.isAfter(stored))
                    .map(active.storeTime()::here)
                    .filter(time -> active.isNewWake(tasks.get(0), time))
                    .ifPresent(time -> lanes.wakeAt(active.id(), tasks.get(0), time));
        }
    }

    /** A helper that recorded the last merge may have opened what waited for it since the instances were counted. */
    private boolean hasMoved(ActiveRun active, List<TaskCount> counts) {
        return !state.counts(active.id()).equals(counts);
    }

    private boolean openWhatWaits(ActiveRun active) {
        boolean opened = false;
        for (Task task : active.plan().tasks()) {
            int ready = readiness.open(active, task);
            if (ready > 0) {
                lanes.wake(active.id(), task, active.wanted(task, ready));
                opened = true;
            }
        }
        return opened;
    }

    private static boolean has(List<TaskCount> counts, InstanceState wanted) {
        return count(counts, wanted) > 0;
    }

    private static long count(List<TaskCount> counts, InstanceState wanted) {
        return counts.stream()
                .filter(count -> count.state() == wanted)
                .mapToLong(TaskCount::count)
                .sum();
    }

    private static Claim claimOf(InstanceRecord orphan, ActiveRun active) {
        return new Claim(
                orphan.key(),
                orphan.partition(),
                orphan.attempt(),
                active.epoch(),
                active.engine(),
                active.gates(active.task(orphan.key().task())));
    }

    private String failureOf(ActiveRun active) {
        if (!active.failure().isEmpty()) {
            return active.failure();
        }
        return state.instances(active.id()).stream()
                .filter(instance -> instance.state() == InstanceState.FAILED)
                .map(InstanceRecord::error)
                .findFirst()
                .orElse("");
    }
}
