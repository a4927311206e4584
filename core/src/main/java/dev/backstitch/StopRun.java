package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.run.Engine;
import dev.backstitch.run.RunRequests;
import dev.backstitch.run.Takeover;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pauses a run or gives it up, whichever process acts for it. */
final class StopRun {
    private static final Logger LOG = LoggerFactory.getLogger(StopRun.class);
    private static final Duration PATIENCE_WITH_OTHERS = Duration.ofMinutes(1);

    private final BackstitchConfig config;
    private final Engine engine;
    private final Takeover takeover;
    private final StoredRuns runs;
    private final RunRequests requests;

    StopRun(BackstitchConfig config, Engine engine, Takeover takeover) {
        this.config = config;
        this.engine = engine;
        this.takeover = takeover;
        this.runs = new StoredRuns(config.state());
        this.requests = new RunRequests(config.state(), config.clock(), config.actor());
    }

    void pause(String id) {
        requests.pause(id);
        // If no lane works, none would notice it.
        engine.sweep();
    }

    void cancel(String id) {
        RunRecord now = runs.record(id);
        if (engine.actsFor(id) || !RunRequests.isHeld(now) || now.owner().equals(takeover.self())) {
            cancelHere(id);
            return;
        }
        if (!requests.cancel(id)) {
            cancelHere(id);
            return;
        }
        RunRecord then = requests.await(id, PATIENCE_WITH_OTHERS);
        if (then.state().isActedFor() && !RunRequests.isHeld(then)) {
            // It ended, or hangs, before it had noticed.
            cancelHere(id);
            return;
        }
        if (then.state() != RunState.CANCELLED) {
            throw new BackstitchException(
                    then.state().isFinal() ? ErrorCode.WRONG_STATE : ErrorCode.STATE_IN_USE,
                    "cancel of run " + id + ": expected that " + now.owner() + " gives it up, found it " + then.state()
                            + (then.state().isFinal() ? "." : " still. It may be given up yet."));
        }
    }

    /** For an engine that finds that somebody elsewhere wants it. */
    void cancelAsAsked(String id) {
        try {
            cancelHere(id);
        } catch (RuntimeException e) {
            LOG.warn("run={} could not be cancelled as asked; cancel it again: {}", id, e.getMessage());
        }
    }

    private void cancelHere(String id) {
        synchronized (takeover) {
            RunRecord before = requests.giveUp(id, takeover.self());
            CancelRun cancel = new CancelRun(config);
            if (before.state() == RunState.CANCELLED) {
                cancel.again(runs.orders(before));
                return;
            }
            if (before.state().isFinal()) {
                throw new BackstitchException(
                        ErrorCode.WRONG_STATE,
                        "cancel of run " + id + " refused: expected one that is not over, found it " + before.state()
                                + ". Nothing was changed."
                                + (before.state() == RunState.PUBLISHED
                                        ? " Its publish is taken back by rollback(" + id + ")."
                                        : ""));
            }
            engine.stopFor(
                    id,
                    "run " + id + " is cancelled",
                    () -> cancel.run(takeover.of(runs.record(id), runs.orders(before))));
        }
    }
}
