package dev.backstitch.assertj;

import dev.backstitch.plan.Plan;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import java.time.Clock;

/**
 * Assertions on dags, plans and runs, for AssertJ, which a project that uses them has on its class path.
 *
 * <pre>{@code
 * assertThat(dag).isSound().publishesOnlyAfterAudits().hasTask("merge").forEachPartition().atMost(2);
 * assertThat(plan).runs(31).skips(0);
 * }</pre>
 */
public final class BackstitchAssertions {
    private BackstitchAssertions() {}

    /** Begins an assertion on a dag; relative scopes are resolved by the system's clock, in UTC. */
    public static DagAssert assertThat(Dag dag) {
        return assertThat(dag, Clock.systemUTC());
    }

    /** Begins an assertion on a dag whose relative scopes are resolved by this clock. */
    public static DagAssert assertThat(Dag dag, Clock clock) {
        return new DagAssert(dag, clock);
    }

    /** Begins an assertion on a plan. */
    public static PlanAssert assertThat(Plan plan) {
        return new PlanAssert(plan);
    }

    /** Begins an assertion on how a run has ended. */
    public static RunResultAssert assertThat(RunResult result) {
        return new RunResultAssert(result);
    }
}
