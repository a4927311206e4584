package dev.backstitch.assertj;

import dev.backstitch.run.RunResult;
import dev.backstitch.state.RunState;
import org.assertj.core.api.AbstractAssert;

/** Assertions on how a run has ended. */
public final class RunResultAssert extends AbstractAssert<RunResultAssert, RunResult> {
    RunResultAssert(RunResult actual) {
        super(actual, RunResultAssert.class);
    }

    /** It ended in this state. */
    public RunResultAssert reached(RunState state) {
        isNotNull();
        if (actual.state() != state) {
            failWithMessage(
                    "expected run %s to have reached %s, found %s%s",
                    actual.run(), state, actual.state(), actual.failure().isEmpty() ? "" : ": " + actual.failure());
        }
        return this;
    }
}
