package dev.backstitch.run;

import dev.backstitch.plan.Task;
import dev.backstitch.state.Helper;
import dev.backstitch.state.StateStore;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shares a run's merges among its owner and the engines that help it. The limit of a task holds for all of them together:
 * each holds a number of places in the state store, which never exceed it, and runs no more instances than it holds. An
 * owner gives places back when somebody comes to help, and takes them again when he goes. Thread-safe.
 */
final class Helping {
    private static final Logger LOG = LoggerFactory.getLogger(Helping.class);

    private final StateStore state;
    private final Lanes lanes;
    private final Endings endings;
    private final Settlement settlement;

    Helping(StateStore state, Lanes lanes, Endings endings, Settlement settlement) {
        this.state = state;
        this.lanes = lanes;
        this.endings = endings;
        this.settlement = settlement;
    }

    /** Before an owner's first claim: all places are his, unless somebody was faster. */
    void begin(ActiveRun active) {
        share(active, 0);
    }

    /**
     * Brings the places here in line with who works on the run, and looks for what others have made ready.
     *
     * @return false when a helper died and left instances running: none but a new epoch keeps it from writing
     */
    boolean look(ActiveRun active) {
        if (active.sharedTasks().isEmpty() || active.isStopped()) {
            return true;
        }
        List<Helper> helpers = state.helpers(active.id());
        if (active.isHelping()) {
            if (!endings.goesOnWith(active)) {
                leaveIfNothingRuns(active);
                return true;
            }
        } else {
            for (Helper helper : helpers) {
                if (!helper.isAlive() && helper.running() > 0) {
                    LOG.warn(
                            "run={} engine {} has stopped helping and left {} instances running; the run goes on at a"
                                    + " new epoch",
                            active.id(),
                            helper.engine(),
                            helper.running());
                    return false;
                }
                if (!helper.isAlive()) {
                    state.leave(active.id(), helper.engine());
                }
            }
        }
        share(active, (int) helpers.stream().filter(Helper::isAlive).count());
        if (active.isHelping() || !helpers.isEmpty()) {
            if (active.isIdle()) {
                settlement.settle(active);
            } else {
                settlement.wakeOneMore(active);
            }
        }
        return true;
    }

    /** When the run pauses or is given up: what runs here is its owner's to wait for, or to interrupt. */
    private void leaveIfNothingRuns(ActiveRun active) {
        if (active.isIdle()) {
            endings.standDown(active, "the run begins nothing more");
        }
    }

    private void share(ActiveRun active, int helpers) {
        synchronized (active) {
            for (Task task : active.sharedTasks()) {
                int forHelper = Math.max(1, task.concurrency() / (helpers + 1));
                int wanted = active.isHelping() ? forHelper : Math.max(1, task.concurrency() - helpers * forHelper);
                hold(active, task, wanted);
            }
        }
    }

    /** What runs here keeps its place until it has ended, so that the store never counts too few. */
    private void hold(ActiveRun active, Task task, int wanted) {
        if (wanted < active.places(task)) {
            active.places(task, wanted);
        }
        int needed = Math.max(wanted, active.busy(task));
        if (needed != active.held(task)) {
            active.held(
                    task,
                    state.hold(
                            active.id(), active.epoch(), task.number(), active.engine(), needed, task.concurrency()));
        }
        int before = active.places(task);
        active.places(task, Math.min(wanted, active.held(task)));
        int more = active.places(task) - Math.max(before, active.busy(task));
        if (more > 0) {
            lanes.wake(active.id(), task, more);
        }
    }
}
