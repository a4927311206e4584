package dev.backstitch.run;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.ErrorCode.Remedy;
import dev.backstitch.plan.TaskKind;
import dev.backstitch.spec.Limits.Retry;
import dev.backstitch.state.Budget;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Whether a failed attempt is followed by another, and when. Pure but for the randomness that is handed in. */
final class Retries {
    /** What a query or its data say may be another thing a moment later; what an audit or a publish found is a fact. */
    private static final Set<TaskKind> OF_QUERIES =
            Set.of(TaskKind.SHADOW, TaskKind.MERGE, TaskKind.SQL, TaskKind.CALL);

    private final Retry retry;
    private final TaskKind kind;

    Retries(Retry retry, TaskKind kind) {
        this.retry = retry;
        this.kind = kind;
    }

    /** Whose fault a failure is. */
    static Budget budget(ErrorCode code) {
        if (code == ErrorCode.TIMED_OUT) {
            return Budget.TIMEOUT;
        }
        return code.remedy() == Remedy.REFUSE ? Budget.ERROR : Budget.PLATFORM;
    }

    /** Whether another attempt may follow at all. */
    boolean mayHelp(Budget budget) {
        return allowed(budget) > 1;
    }

    /**
     * How long to wait before the next attempt, or nothing when this was the last one.
     *
     * @param before the failures of the instance but for this one
     */
    Optional<Duration> after(Budget budget, Map<Budget, Integer> before, RandomGenerator random) {
        int ofThisKind = before.getOrDefault(budget, 0) + 1;
        if (ofThisKind >= allowed(budget)) {
            return Optional.empty();
        }
        int all = before.values().stream().mapToInt(Integer::intValue).sum() + 1;
        return Optional.of(RetryWait.after(retry, all, random));
    }

    private int allowed(Budget budget) {
        return switch (budget) {
            case PLATFORM -> retry.attempts();
            case TIMEOUT -> retry.timeouts().orElse(retry.attempts());
            case ERROR -> OF_QUERIES.contains(kind) ? retry.errors().orElse(1) : 1;
        };
    }
}
