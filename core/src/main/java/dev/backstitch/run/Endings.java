package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import java.time.Clock;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a run ends here: in the state store, to whoever waits for it, and in the engine's memory. */
final class Endings {
    private static final Logger LOG = LoggerFactory.getLogger(Endings.class);

    private static final String ANOTHER_OWNER = "the run has another owner or state";
    private static final Set<RunState> ACTED_FOR =
            Stream.of(RunState.values()).filter(RunState::isActedFor).collect(Collectors.toUnmodifiableSet());

    private final StateStore state;
    private final Clock clock;
    private final Consumer<ActiveRun> forget;
    private final Consumer<ActiveRun> release;
    private final Consumer<RunEvent> events;
    private final Cancels cancels;
    private final Holding holding;

    /**
     * @param forget takes a run out of the engine's memory
     * @param release ends this engine's lease, or its help
     */
    Endings(
            StateStore state,
            Clock clock,
            Consumer<ActiveRun> forget,
            Consumer<ActiveRun> release,
            Consumer<RunEvent> events,
            Cancels cancels,
            Holding holding) {
        this.state = state;
        this.clock = clock;
        this.forget = forget;
        this.release = release;
        this.events = events;
        this.cancels = cancels;
        this.holding = holding;
    }

    /** Ends a run by itself, unless somebody wants something else of it since it was looked at. */
    void end(ActiveRun active, RunState outcome, String failure) {
        if (!store(active, outcome, failure) && !hasEnded(active, outcome)) {
            if (!isOurs(active)) {
                standDown(active, ANOTHER_OWNER);
            }
            // Else the sweep settles it again.
            return;
        }
        active.stop(ErrorCode.CANCELLED, "the run has ended");
        forget.accept(active);
        holding.release(active.id(), active.epoch());
        LOG.info("run={} ended: {} {}", active.id(), outcome, failure);
        if (outcome == RunState.PAUSED) {
            events.accept(new RunEvent.RunPaused(active.id(), failure));
        } else if (outcome != RunState.PUBLISHED) {
            events.accept(new RunEvent.RunFailed(active.id(), failure));
        }
        active.result().complete(new RunResult(active.id(), outcome, failure));
    }

    /** Ends a run that can't go on for a reason outside of it; it is resumed when the reason is gone. */
    void pause(ActiveRun active, BackstitchException reason) {
        if (active.isHelping()) {
            standDown(active, String.valueOf(reason.getMessage()));
            return;
        }
        active.paused(String.valueOf(reason.getMessage()));
        if (!active.stop(ErrorCode.CANCELLED, "the run pauses: " + reason.getMessage())) {
            return;
        }
        RunState outcome = RunState.FAILED;
        try {
            if (!store(active, RunState.FAILED, active.failure()) && store(active, RunState.PAUSED, active.failure())) {
                outcome = RunState.PAUSED;
            }
            cancels.lookAt(active);
        } catch (BackstitchException e) {
            // What is missing in the warehouse may be missing here too, such as room on a disk that both share. The
            // lease then ends by itself, and the run can be resumed.
            LOG.warn("run={} pauses, which could not be stored: {}", active.id(), e.getMessage());
        } finally {
            forget.accept(active);
            holding.release(active.id(), active.epoch());
            events.accept(new RunEvent.RunFailed(active.id(), active.failure()));
            active.result().complete(new RunResult(active.id(), outcome, active.failure()));
        }
    }

    /**
     * Stops acting for a run that somebody else took over, and says so; or helping with one that can't be helped any more.
     * Nothing is written.
     */
    void standDown(ActiveRun active, String reason) {
        if (!active.stop(ErrorCode.FENCED, reason)) {
            return;
        }
        forget.accept(active);
        String message = "this engine stands down from run " + active.id() + " at epoch " + active.epoch()
                + " and writes nothing more: " + reason;
        if (active.isHelping()) {
            LOG.info("run={} {}", active.id(), message);
            leaveIfEmpty(active);
        } else {
            LOG.warn("run={} {}", active.id(), message);
            events.accept(new RunEvent.StoodDown(active.id(), message));
        }
        active.result().completeExceptionally(new BackstitchException(ErrorCode.FENCED, message));
    }

    /** A helper's help has ended when nothing of it runs here any more. */
    void leaveIfEmpty(ActiveRun active) {
        if (active.isHelping() && active.isEmpty()) {
            release.accept(active);
        }
    }

    /** What runs is finished, on every engine, and then the run fails for this reason. */
    void beginNothingMore(ActiveRun active, String reason) {
        if (state.transition(
                active.id(), active.epoch(), Set.of(RunState.RUNNING), RunState.FAILING, reason, clock.instant())) {
            LOG.warn("run={} begins nothing more: {}", active.id(), reason);
        }
    }

    /**
     * Whether a lane may look for more. False also when the state store has given the run to somebody else, or ended it;
     * this engine then stands down.
     */
    boolean goesOnWith(ActiveRun active) {
        RunState now = state.run(active.id())
                .filter(record -> record.epoch() == active.epoch())
                .map(record -> record.state())
                .orElse(RunState.CANCELLED);
        if (!now.isActedFor()) {
            standDown(active, ANOTHER_OWNER);
        }
        return now == RunState.RUNNING;
    }

    private boolean store(ActiveRun active, RunState outcome, String failure) {
        return state.transition(active.id(), active.epoch(), endsFrom(outcome), outcome, failure, clock.instant());
    }

    /** A wish must not be lost to what the run came to by itself, but for its publish. */
    private static Set<RunState> endsFrom(RunState outcome) {
        return switch (outcome) {
            case PUBLISHED -> ACTED_FOR;
            case PAUSED -> Set.of(RunState.PAUSING);
            case FAILED -> Set.of(RunState.RUNNING, RunState.FAILING);
            default -> Set.of(RunState.RUNNING);
        };
    }

    private boolean isOurs(ActiveRun active) {
        return state.run(active.id())
                .filter(run -> run.epoch() == active.epoch() && run.state().isActedFor())
                .isPresent();
    }

    /** An earlier try may have been stored although its answer was lost. */
    private boolean hasEnded(ActiveRun active, RunState outcome) {
        return state.run(active.id())
                .filter(record -> record.epoch() == active.epoch() && record.state() == outcome)
                .isPresent();
    }
}
