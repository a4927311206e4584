package dev.backstitch.faults;

import static dev.backstitch.state.RunState.PUBLISHED;
import static dev.backstitch.state.RunState.ROLLED_BACK;

import dev.backstitch.Backstitch;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.util.Optional;

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

    /** Takes back what is published; does nothing when that was done. */
    static void rollBack(Backstitch engine, Dag dag) {
        engine.register(dag);
        RunState now = engine.runs().get(0).state();
        if (now != ROLLED_BACK) {
            engine.rollback(engine.runs().get(0).id());
        }
    }
}
