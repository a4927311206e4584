package dev.backstitch.faults;

import static dev.backstitch.state.RunState.PAUSED;
import static dev.backstitch.state.RunState.PUBLISHED;
import static dev.backstitch.state.RunState.ROLLED_BACK;

import dev.backstitch.Backstitch;
import dev.backstitch.Rehearsal;
import dev.backstitch.Rehearse;
import dev.backstitch.event.RunEvent;
import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** What somebody does who gives the same command again after a crash. */
final class Forward {
    private Forward() {}

    /** Goes on with the run that was interrupted, or begins one; does nothing when it is published. */
    static void publish(Backstitch engine, Dag dag) {
        engine.register(dag);
        if (engine.runs().stream().anyMatch(run -> run.state() == PUBLISHED)) {
            return;
        }
        Optional<RunRecord> unfinished = engine.unfinished(dag);
        RunResult result = unfinished.isPresent()
                ? engine.resume(unfinished.get().id()).await()
                : engine.start(engine.plan(dag)).await();
        if (result.state() != PUBLISHED) {
            throw new IllegalStateException("not published: " + result);
        }
    }

    /** Begins the backfill and pauses it when so many partitions are merged. */
    static void pauseAfterMerges(Site site, Publishing publishing, int merges) throws SQLException {
        AtomicReference<Backstitch> engine = new AtomicReference<>();
        AtomicInteger merged = new AtomicInteger();
        Tap tap = new Tap();
        try (Rig rig = site.open(
                tap,
                tap,
                Child.settings(site, publishing)
                        .andThen(config -> config.listener(event -> {
                            if (event instanceof RunEvent.PartitionMerged && merged.incrementAndGet() == merges) {
                                engine.get().pause(event.run());
                            }
                        }))::apply)) {
            engine.set(rig.engine());
            Dag dag = Orders.dag(publishing);
            rig.engine().register(dag);
            RunResult result = rig.engine().start(rig.engine().plan(dag)).await();
            if (result.state() != PAUSED) {
                throw new IllegalStateException("not paused: " + result);
            }
        }
    }

    /** Two partitions, in a sandbox that whoever comes next may drop. */
    static Rehearsal rehearse(Backstitch engine, Dag dag) {
        return engine.rehearse(
                dag, new Rehearse(OptionalInt.of(2), Duration.ofMillis(1), Rehearse.After.DROP), event -> {});
    }

    /** Takes the second partition back, if it was not yet. */
    static void restore(Backstitch engine) {
        engine.restore(engine.runs().get(0).id(), Optional.empty(), Set.of(Orders.PARTITIONS.get(1)), 0);
    }

    /** Moves readers on, if they were not yet. */
    static void unpin(Backstitch engine) {
        engine.unpin(engine.runs().get(0).id(), Optional.empty());
    }

    /** Gives the run up that is unfinished; does nothing when there is none. */
    static void cancel(Backstitch engine, Dag dag) {
        engine.register(dag);
        engine.unfinished(dag).ifPresent(run -> engine.cancel(run.id()));
    }

    /** Takes back what is published; does nothing when that was done. */
    static void rollBack(Backstitch engine, Dag dag) {
        engine.register(dag);
        RunState now = engine.runs().get(0).state();
        if (now != ROLLED_BACK) {
            engine.rollback(engine.runs().get(0).id());
        }
    }
}
