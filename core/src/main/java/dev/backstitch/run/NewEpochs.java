package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Plan;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.StateStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a run over from this very engine when a helper has died in the middle of a merge: at a new epoch, under which nothing
 * that the dead helper still does can be committed. Thread-safe.
 */
final class NewEpochs {
    private static final Logger LOG = LoggerFactory.getLogger(NewEpochs.class);

    private static final Duration PAUSE = Duration.ofMillis(500);

    private final StateStore state;
    private final Takeover takeover;
    private final ScheduledExecutorService timer;
    private final Function<String, Optional<ActiveRun>> acting;
    private final Consumer<ActiveRun> forget;
    private final Beginning begin;
    private final Set<ActiveRun> between = ConcurrentHashMap.newKeySet();

    /** Begins to act for a run that the state store has given to this engine. */
    interface Beginning {
        void begin(Plan plan, List<WorkOrder> orders, CompletableFuture<RunResult> result);
    }

    /**
     * @param takeover takes a run over from this engine
     * @param timer waits for lanes and tries again
     * @param acting the run of this id for which this engine acts
     * @param forget takes a run out of the engine's memory
     */
    NewEpochs(
            StateStore state,
            Takeover takeover,
            ScheduledExecutorService timer,
            Function<String, Optional<ActiveRun>> acting,
            Consumer<ActiveRun> forget,
            Beginning begin) {
        this.state = state;
        this.takeover = takeover;
        this.timer = timer;
        this.acting = acting;
        this.forget = forget;
        this.begin = begin;
    }

    /** Stops a run here and goes on with it at a new epoch. Whoever waits for it waits on. */
    void beginAnew(ActiveRun active) {
        between.add(active);
        if (!active.stop(ErrorCode.CANCELLED, "the run goes on at a new epoch, since a helper died")) {
            between.remove(active);
            return;
        }
        forget.accept(active);
        timer.execute(() -> {
            active.awaitLanes();
            takeOver(active);
        });
    }

    /** Under the plan that it has: nothing is looked at that a person's resume would look at, nor merged again. */
    private void takeOver(ActiveRun active) {
        try {
            synchronized (takeover) {
                RunRecord record =
                        state.run(active.id()).orElseThrow(() -> RunRequests.unknown(active.id(), state.location()));
                Optional<ActiveRun> here = acting.apply(active.id());
                if (here.isPresent()) {
                    // Somebody has resumed it here meanwhile.
                    active.endsAs(here.get().result());
                } else if (!record.state().isActedFor() || !record.owner().equals(takeover.self())) {
                    active.result()
                            .completeExceptionally(new BackstitchException(
                                    ErrorCode.FENCED,
                                    "run " + active.id() + " is " + record.state() + ", and " + record.owner()
                                            + " acts for it or did last"));
                } else {
                    begin.begin(active.plan(), takeover.of(record, active.orders()), active.result());
                }
            }
            between.remove(active);
        } catch (BackstitchException e) {
            if (e.code().remedy() == ErrorCode.Remedy.RETRY || e.code().remedy() == ErrorCode.Remedy.ASK_LEDGER) {
                LOG.warn("run={} can't go on at a new epoch as yet, and tries again: {}", active.id(), e.getMessage());
                Future<?> unused = timer.schedule(() -> takeOver(active), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
                return;
            }
            between.remove(active);
            active.result().completeExceptionally(e);
        } catch (RuntimeException e) {
            // A defect must not keep whoever waits for the run waiting for ever.
            between.remove(active);
            active.result().completeExceptionally(e);
        }
    }

    /** Whoever waits for a run that is between two epochs is told that it can be resumed. */
    void close() {
        for (ActiveRun active : between) {
            active.result()
                    .completeExceptionally(new BackstitchException(
                            ErrorCode.CANCELLED, "the engine closes; run " + active.id() + " can be resumed"));
        }
    }
}
