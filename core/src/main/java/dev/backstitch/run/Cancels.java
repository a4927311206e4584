package dev.backstitch.run;

import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notices that somebody elsewhere wants a run cancelled, and has it given up. Thread-safe. */
final class Cancels {
    private static final Logger LOG = LoggerFactory.getLogger(Cancels.class);

    private final StateStore state;
    private final Executor apart;
    private final Consumer<String> canceller;

    /**
     * @param apart runs what gives a run up, which waits for lanes and locks
     * @param canceller gives a run up, by its id
     */
    Cancels(StateStore state, Executor apart, Consumer<String> canceller) {
        this.state = state;
        this.apart = apart;
        this.canceller = canceller;
    }

    /** What works doesn't look: a merge may take hours. */
    void lookAt(ActiveRun active) {
        try {
            if (state.run(active.id())
                    .filter(run -> run.epoch() == active.epoch() && run.state() == RunState.CANCELLING)
                    .isPresent()) {
                giveUp(active);
            }
        } catch (RuntimeException e) {
            LOG.warn("run={} could not be looked at, the sweep will try again: {}", active.id(), e.getMessage());
        }
    }

    /** Once, however often it is noticed. A helper just leaves: the owner gives the run up. */
    void giveUp(ActiveRun active) {
        if (!active.isHelping() && active.isFirstCancel()) {
            apart.execute(() -> {
                try {
                    canceller.accept(active.id());
                } finally {
                    active.cancelEnded();
                }
            });
        }
    }
}
