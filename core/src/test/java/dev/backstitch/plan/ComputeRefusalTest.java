package dev.backstitch.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.Samples;
import dev.backstitch.error.RefusedException;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Dag;
import java.time.Clock;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A database that has one size for everybody is not asked for another. */
class ComputeRefusalTest {
    @Test
    void aConnectorWithoutIt_refusesThePlan() {
        Compute large = new Compute(OptionalInt.of(4), OptionalLong.empty(), Optional.empty());
        Dag dag = new Dag("sums", Samples.backfill("sums").compute(large));

        RefusedException refused = catchThrowableOfType(
                RefusedException.class, () -> new Planner(new MemoryConnector(), Clock.systemUTC()).plan(dag));

        assertThat(refused)
                .hasMessageContaining("BF-213 sums.compute")
                .hasMessageContaining("a connector that gives a merge more of the machine, or less")
                .hasMessageContaining("Leave it out");
    }
}
