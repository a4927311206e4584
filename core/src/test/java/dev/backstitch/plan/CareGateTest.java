package dev.backstitch.plan;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Samples;
import dev.backstitch.error.Problem;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Hold;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Probe;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Wrong uses of holds and watches, each told with its place and what to do. */
class CareGateTest {
    private static final Backfill SUMS = Samples.backfill("sums");
    private static final Audit UNIQUE = new Audit.Unique(List.of("id"), Audit.Severity.BLOCKING);

    private static List<String> problems(Backfill backfill) {
        return BuildGate.check(new Dag("sums", backfill)).stream()
                .map(Problem::toString)
                .toList();
    }

    @Test
    void whatIsRight_isNotObjectedTo() {
        assertThat(problems(SUMS.holding(new Hold.QuartzGroup("a"), new Hold.QuartzGroup("b"))
                        .watch(ofHours(1))
                        .every(ofHours(1))
                        .check(UNIQUE)))
                .isEmpty();
    }

    @Test
    void theSameHoldTwice() {
        assertThat(problems(SUMS.holding(new Hold.QuartzGroup("a"), new Hold.QuartzGroup("a"))))
                .singleElement()
                .asString()
                .contains("BF-106", "sums.holding", "each hold once", "quartz group a");
    }

    @Test
    void aHoldWithoutAName() {
        assertThat(problems(SUMS.holding(new Hold.Coded(" ", 1, null))))
                .singleElement()
                .asString()
                .contains("BF-107", "sums.holding", "a name for what is held");
    }

    @Test
    void aHoldWithoutAProgram() {
        assertThat(problems(SUMS.holding(
                        new Hold.Command("loader", List.of("test"), List.of(), List.of("rm"), ofMinutes(1)))))
                .singleElement()
                .asString()
                .contains("BF-107", "a program for each of look, hold and release");
    }

    @Test
    void aHoldByStatements_withABind_orNoQueryToLook() {
        assertThat(problems(SUMS.holding(new Hold.Sql(
                        "loader",
                        "delete from ops.jobs",
                        "update ops.jobs set paused = true where name = :name",
                        "update ops.jobs set paused = false; select 1"))))
                .hasSize(3)
                .allMatch(problem -> problem.contains("sums.holding"))
                .anyMatch(problem -> problem.contains(":name"));
    }

    @Test
    void aProbe_withABind_orWithoutAName() {
        assertThat(problems(SUMS.waitWhile(new Probe(" ", "select :lag"))))
                .hasSize(2)
                .allMatch(problem -> problem.contains("sums.waitWhile"));
        assertThat(problems(SUMS.waitWhile(new Probe("lag", "select 1 where 1 = 0"))))
                .isEmpty();
    }

    @Test
    void computeOfNothing() {
        assertThat(problems(SUMS.compute(size())))
                .singleElement()
                .asString()
                .contains("BF-107", "sums.compute", "threads, memory or both", "threads(4).megabytes(512)");
    }

    @Test
    void computeThatNoDatabaseHas() {
        assertThat(problems(SUMS.compute(size().threads(0).megabytes(1_000_001))))
                .hasSize(2)
                .anyMatch(problem -> problem.contains("sums.compute.threads") && problem.contains("from 1 to 1000"))
                .anyMatch(problem -> problem.contains("sums.compute.megabytes") && problem.contains("1000001"));
        assertThat(problems(SUMS.compute(size().threads(-1)))).hasSize(1);
        assertThat(problems(SUMS.compute(size().threads(1).megabytes(1)))).isEmpty();
    }

    private static Compute size() {
        return new Compute(OptionalInt.empty(), OptionalLong.empty(), Optional.empty());
    }

    @Test
    void aWatchThatIsOverAtOnce() {
        assertThat(problems(SUMS.watch(Duration.ZERO).every(Duration.ZERO).check(UNIQUE)))
                .hasSize(2)
                .anyMatch(problem -> problem.contains("how long it lasts"))
                .anyMatch(problem -> problem.contains("how often it looks"));
    }

    @Test
    void aWatchThatNeverLooks() {
        assertThat(problems(SUMS.watch(ofHours(1)).every(ofHours(2)).check(UNIQUE)))
                .singleElement()
                .asString()
                .contains("BF-107", "sums.watch.every", "at most 1 hour", "2 hours");
    }

    @Test
    void aCheckThatComparesWithWhatIsGone() {
        assertThat(problems(SUMS.watch(ofHours(2))
                        .every(ofHours(1))
                        .check(new Audit.Measured(
                                Metric.rowCount(),
                                Optional.empty(),
                                new Expectation.LikeLive(
                                        BigDecimal.ONE,
                                        new Expectation.Tolerance.Percent(BigDecimal.ONE),
                                        Optional.empty()),
                                Audit.Grain.WHOLE,
                                Audit.Severity.BLOCKING))))
                .singleElement()
                .asString()
                .contains("sums.watch.check", "which compares it with what was live before");
    }

    @Test
    void theSameCheckTwice() {
        assertThat(problems(SUMS.watch(ofHours(2)).every(ofHours(1)).check(UNIQUE, UNIQUE)))
                .isNotEmpty()
                .allMatch(problem -> problem.contains("sums.watch.check"));
    }
}
