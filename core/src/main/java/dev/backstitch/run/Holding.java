package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Holds;
import dev.backstitch.state.HoldRecord;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what is downstream of runs and lets it go again. That something is wanted held is in the state store before it is
 * held, and until it is released, so that whoever finds the row of a run that has ended, or whose process has, can release
 * it. A run that goes on later holds it again. Thread-safe.
 */
final class Holding {
    private static final Logger LOG = LoggerFactory.getLogger(Holding.class);

    /** Of whoever finds that something is left. */
    static final long NOBODYS = 0;

    private final StateStore state;
    private final HoldPorts ports;
    private final Clock clock;
    private final Consumer<RunEvent> events;
    private final Function<String, Optional<Dag>> registered;

    /** @param registered the dag of a name with its code, which frozen plans lack */
    Holding(
            StateStore state,
            HoldPorts ports,
            Clock clock,
            Consumer<RunEvent> events,
            Function<String, Optional<Dag>> registered) {
        this.state = state;
        this.ports = ports;
        this.clock = clock;
        this.events = events;
        this.registered = registered;
    }

    /** What a plan holds, each once. */
    static List<Hold> of(Plan plan) {
        return plan.dag().backfills().stream()
                .filter(backfill -> !plan.backfill(backfill.name()).rests())
                .flatMap(Holding::of)
                .distinct()
                .toList();
    }

    private static Stream<Hold> of(Backfill backfill) {
        return backfill.holds().map(Holds::all).orElse(List.of()).stream();
    }

    /** Holds what the run wants held, unless it does. Called before the first task here, and before each publish again. */
    void require(ActiveRun active) {
        for (Hold hold : of(active.plan())) {
            require(active.id(), hold);
        }
    }

    private void require(String run, Hold hold) {
        Hold.Port port = ports.of(hold);
        HoldRecord row = wanted(run, hold, port);
        if (row.state() == HoldRecord.State.FOUND) {
            return;
        }
        try {
            port.hold(row.note());
        } catch (Exception e) {
            throw notHeld(run, hold, e);
        }
        state.held(run, hold.name());
        if (row.state() == HoldRecord.State.WANTED) {
            LOG.info("run={} holds {}", run, hold.name());
            events.accept(new RunEvent.Held(run, hold.name()));
        }
    }

    /** What was found at rest is looked at again: another run may have released it meanwhile. */
    private HoldRecord wanted(String run, Hold hold, Hold.Port port) {
        Optional<HoldRecord> stored = rows(run, hold.name());
        if (stored.filter(row -> row.state() == HoldRecord.State.HELD || row.state() == HoldRecord.State.WANTED)
                .isPresent()) {
            return stored.get();
        }
        HoldRecord row = state.want(run, hold.name(), look(run, hold, port), clock.instant());
        if (row.state() == HoldRecord.State.FOUND && !look(run, hold, port).atRest()) {
            state.released(run, hold.name());
            row = state.want(run, hold.name(), look(run, hold, port), clock.instant());
        }
        return row;
    }

    private Optional<HoldRecord> rows(String run, String hold) {
        return state.holds().stream()
                .filter(row -> row.run().equals(run) && row.hold().equals(hold))
                .findFirst();
    }

    private static Hold.Before look(String run, Hold hold, Hold.Port port) {
        try {
            return port.look();
        } catch (Exception e) {
            throw notHeld(run, hold, e);
        }
    }

    private static BackstitchException notHeld(String run, Hold hold, Exception cause) {
        if (cause instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        return new BackstitchException(
                ErrorCode.NOT_HELD,
                hold.name() + " could not be held for run " + run + ": " + cause
                        + ". Nothing was written since. It is tried again, and released if the run ends.",
                cause);
    }

    /**
     * Releases what a run holds, as far as nobody else does; what fails is tried again by the sweep.
     *
     * @param epoch under which it was acted for: whoever acts for it under another one by now holds it himself
     */
    void release(String run, long epoch) {
        try {
            for (HoldRecord row : state.holds()) {
                if (row.run().equals(run)) {
                    release(row, epoch);
                }
            }
        } catch (BackstitchException e) {
            LOG.warn("run={} what it holds is released later: {}", run, e.getMessage());
        }
    }

    private void release(HoldRecord row, long epoch) {
        Optional<Hold> hold = holdOf(row);
        if (hold.isEmpty()) {
            LOG.warn("run={} holds {}, which its plan does not have; it is left", row.run(), row.hold());
            return;
        }
        try {
            Hold.Port port = ports.of(hold.get());
            if (state.releasing(row.run(), row.hold(), epoch).isPresent()) {
                port.release(row.note());
                state.released(row.run(), row.hold());
                LOG.info("run={} releases {}", row.run(), row.hold());
                events.accept(new RunEvent.Released(row.run(), row.hold()));
            }
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            LOG.warn("run={} {} could not be released and is tried again: {}", row.run(), row.hold(), e.toString());
            events.accept(new RunEvent.NotReleased(row.run(), row.hold(), e.toString()));
        }
    }

    private Optional<Hold> holdOf(HoldRecord row) {
        Plan plan = PlanFormat.read(state.plan(row.run()));
        Dag dag = registered.apply(plan.dag().name()).orElse(plan.dag());
        return Stream.concat(dag.backfills().stream(), plan.dag().backfills().stream())
                .flatMap(Holding::of)
                .filter(hold -> hold.name().equals(row.hold()))
                .findFirst();
    }

    /**
     * Releases what runs have left held: those that have ended, and those whose process has, by their lease.
     *
     * @return how many holds of such runs there were
     */
    int sweep() {
        List<HoldRecord> left =
                state.holds().stream().filter(row -> isLeft(row.run())).toList();
        left.forEach(row -> release(row, NOBODYS));
        return left.size();
    }

    private boolean isLeft(String run) {
        Optional<RunRecord> record = state.run(run);
        RunState now = record.map(RunRecord::state).orElse(RunState.CANCELLED);
        return !now.isActedFor()
                || record.filter(found -> found.lease() == RunRecord.LeaseStatus.EXPIRED)
                        .isPresent();
    }
}
