package dev.backstitch;

import static java.util.Objects.requireNonNull;

import dev.backstitch.plan.Estimate;
import dev.backstitch.plan.Rehearsed;
import dev.backstitch.run.RunResult;
import dev.backstitch.spi.Sandbox;
import java.util.List;
import java.util.Optional;

/**
 * How a rehearsal went.
 *
 * @param result of the run in the sandbox: published there, or why not
 * @param sandbox where it took place
 * @param isKept whether the sandbox is still there: because it was wanted, or since the rehearsal failed
 * @param measured nothing when it failed
 * @param estimate what to expect of a run of the plan; nothing when it failed
 * @param changed the targets of which rehearsed rows, structure or comment were others after it than before: written by
 *     somebody meanwhile, since a rehearsal writes only to its sandbox
 * @param leftOut the single tasks that were not run
 */
public record Rehearsal(
        RunResult result,
        Sandbox sandbox,
        boolean isKept,
        Optional<Rehearsed> measured,
        Optional<Estimate> estimate,
        List<String> changed,
        List<String> leftOut) {
    public Rehearsal {
        requireNonNull(result, "result");
        requireNonNull(sandbox, "sandbox");
        requireNonNull(measured, "measured");
        requireNonNull(estimate, "estimate");
        changed = List.copyOf(changed);
        leftOut = List.copyOf(leftOut);
    }
}
