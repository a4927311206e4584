package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.state.Owner;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a person wants of a run that some process acts for. It is written into the state store, where that process finds
 * it; the database of the targets isn't needed. Thread-safe.
 */
public final class RunRequests {
    private static final Set<RunState> PAUSABLE = Set.of(RunState.RUNNING, RunState.PAUSING);
    private static final Set<RunState> CANCELLABLE =
            Set.of(RunState.RUNNING, RunState.PAUSING, RunState.FAILING, RunState.CANCELLING);
    private static final Set<RunState> UNFINISHED =
            Stream.of(RunState.values()).filter(state -> !state.isFinal()).collect(Collectors.toUnmodifiableSet());
    private static final Duration LOOK = Duration.ofMillis(200);

    private final StateStore state;
    private final Clock clock;
    private final String actor;

    /** @param actor who asks */
    public RunRequests(StateStore state, Clock clock, String actor) {
        this.state = state;
        this.clock = clock;
        this.actor = actor;
    }

    /** Whether somebody who may be alive acts for it. */
    public static boolean isHeld(RunRecord run) {
        return run.state().isActedFor()
                && run.lease() == RunRecord.LeaseStatus.HELD
                && !Owners.isSurelyDead(run.owner());
    }

    /**
     * Asks for a pause: what runs is finished, and from the return of this call on no task instance begins.
     *
     * @throws BackstitchException with {@code WRONG_STATE} when nobody acts for it, or it is being cancelled
     */
    public void pause(String id) {
        while (true) {
            RunRecord run = record(id);
            if (!PAUSABLE.contains(run.state())) {
                throw refused(run, "found it " + run.state());
            }
            if (!isHeld(run)) {
                throw refused(run, "found that " + run.owner() + " has ended without finishing it");
            }
            if (ask(run, PAUSABLE, RunState.PAUSING, "paused by " + actor)) {
                return;
            }
        }
    }

    /**
     * Asks for a cancel, which whoever acts for the run carries out within a few seconds.
     *
     * @return false when nobody acts for it by now: the caller may cancel it
     */
    public boolean cancel(String id) {
        while (true) {
            RunRecord run = record(id);
            if (!isHeld(run)) {
                return false;
            }
            if (ask(run, CANCELLABLE, RunState.CANCELLING, "cancel asked for by " + actor)) {
                return true;
            }
        }
    }

    /**
     * Writes down that a run is to be given up, for the caller who is about to do that himself: whoever comes after a crash
     * then gives it up instead of going on. Nothing is written when it is over, or somebody else acts for it.
     *
     * @param self who may give it up although somebody acts for it, being that one
     * @return the run as it is then
     */
    public RunRecord giveUp(String id, Owner self) {
        while (true) {
            RunRecord run = record(id);
            boolean another = isHeld(run) && !run.owner().equals(self);
            if (run.state().isFinal()
                    || another
                    || ask(run, UNFINISHED, RunState.CANCELLING, "cancelled by " + actor)) {
                return run;
            }
        }
    }

    private boolean ask(RunRecord run, Set<RunState> from, RunState to, String why) {
        return state.transition(run.id(), run.epoch(), from, to, why, clock.instant());
    }

    private static BackstitchException refused(RunRecord run, String found) {
        return new BackstitchException(
                ErrorCode.WRONG_STATE,
                "pause of run " + run.id() + " refused: expected one that somebody works on, " + found
                        + ". Nothing was changed. See with status how far it is.");
    }

    /** Waits until nobody acts for the run any more, or for so long: the run as it is then. */
    public RunRecord await(String id, Duration longest) {
        long begun = System.nanoTime();
        RunRecord run = record(id);
        while (isHeld(run) && System.nanoTime() - begun < longest.toNanos()) {
            LockSupport.parkNanos(LOOK.toNanos());
            run = record(id);
        }
        return run;
    }

    private RunRecord record(String id) {
        return state.run(id).orElseThrow(() -> unknown(id, state.location()));
    }

    /** The failure of whatever names a run that isn't there. */
    public static BackstitchException unknown(String id, String location) {
        return new BackstitchException(
                ErrorCode.UNKNOWN_RUN,
                "no run " + id + " in " + location
                        + ". Nothing was changed. List the runs with status; if the state store was lost, recover"
                        + " rebuilds them from the ledger.");
    }
}
