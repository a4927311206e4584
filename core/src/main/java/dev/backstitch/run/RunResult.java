package dev.backstitch.run;

import static java.util.Objects.requireNonNull;

import dev.backstitch.state.RunState;

/**
 * How a run ended here.
 *
 * @param run its id
 * @param state {@code PUBLISHED}, or one from which it can be resumed
 * @param failure what went wrong, or empty
 */
public record RunResult(String run, RunState state, String failure) {
    public RunResult {
        requireNonNull(run, "run");
        requireNonNull(state, "state");
        requireNonNull(failure, "failure");
    }
}
