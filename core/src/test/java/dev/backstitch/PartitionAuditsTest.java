package dev.backstitch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Audit.Severity;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Expectation;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Limits.Retry;
import dev.backstitch.spec.Limits.Start;
import dev.backstitch.spec.Metric;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Audits of a partition right after its merge: what fails, when, and what a resume does about it. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PartitionAuditsTest {
    private static final int DAYS = 8;
    private static final String AUDIT = "sum(delay) between 0 and 5 per partition";

    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private Backstitch backstitch;
    private Dag dag;

    @BeforeEach
    void openWith() {
        open(Start.TOGETHER, Severity.BLOCKING);
    }

    private void open(Start start, Severity severity) {
        if (backstitch != null) {
            backstitch.close();
        }
        Limits together = new Limits(2, Duration.ofMinutes(1), new Retry(3, Duration.ZERO, Duration.ZERO));
        Limits limits = start == Start.FIRST_ALONE ? together.firstPartitionAlone() : together;
        dag = audited(Samples.flights(DAYS, limits), severity);
        backstitch = Backstitch.open(BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                        .sweep(Duration.ofMillis(200))
                        .listener(events::add))
                .register(dag);
    }

    private static Dag audited(Dag dag, Severity severity) {
        Backfill backfill = dag.backfills().get(0);
        return new Dag(
                dag.name(),
                new Backfill(
                        backfill.name(),
                        backfill.owner(),
                        backfill.reason(),
                        backfill.target(),
                        backfill.scope(),
                        backfill.shadow(),
                        backfill.merge(),
                        backfill.limits(),
                        List.of(new Audit.Measured(
                                new Metric(Metric.Kind.SUM, "delay", BigDecimal.ZERO),
                                Optional.empty(),
                                new Expectation.Between(BigDecimal.ZERO, BigDecimal.valueOf(5)),
                                Audit.Grain.EACH_PARTITION,
                                severity)),
                        backfill.publish()));
    }

    @AfterEach
    void close() {
        backstitch.close();
    }

    private void tooMuchOn(String... partitions) {
        connector.figure = partition -> List.of(partitions).contains(partition) ? "6" : "5";
    }

    @Test
    void aPartitionThatFailsItsAudit_failsAtOnce_andTheShadowAsAWholeIsNotAudited() {
        tooMuchOn("2001-01-03");

        RunResult result = backstitch.start(backstitch.plan(dag)).await();

        assertThat(result.state()).isEqualTo(RunState.FAILED);
        assertThat(result.failure())
                .contains("BF-320")
                .contains("audit of partition 2001-01-03 of ")
                .contains(AUDIT)
                .contains("observed 6")
                .contains("The target is untouched");
        assertThat(connector.mergesCommitted).hasSize(DAYS);
        assertThat(events).noneMatch(RunEvent.Audited.class::isInstance);
        assertThat(events).noneMatch(RunEvent.TaskRetried.class::isInstance);
        assertThat(connector.publishes).isEmpty();
        assertThat(notes(result))
                .singleElement()
                .extracting(AuditNote::name, AuditNote::outcome, AuditNote::observed)
                .containsExactly(
                        AUDIT, "FAILED", "1 of 8 partitions not: 2001-01-03 (expected between 0 and 5, observed 6)");
    }

    private List<AuditNote> notes(RunResult result) {
        return backstitch.audits(result.run()).get("flights_delay_class");
    }

    @Test
    void firstPartitionAlone_keepsTheOthersFromBeginning() {
        open(Start.FIRST_ALONE, Severity.BLOCKING);
        tooMuchOn("2001-01-01");

        RunResult result = backstitch.start(backstitch.plan(dag)).await();

        assertThat(result.failure()).contains("partition 2001-01-01");
        assertThat(connector.mergesCommitted).containsOnlyKeys("2001-01-01");
    }

    @Test
    void aWarning_waitsForTheAuditOfTheWhole() {
        open(Start.TOGETHER, Severity.WARNING);
        tooMuchOn("2001-01-03");

        RunResult result = backstitch.start(backstitch.plan(dag)).await();

        assertThat(result.state()).isEqualTo(RunState.PUBLISHED);
        assertThat(notes(result))
                .filteredOn(note -> note.name().equals(AUDIT))
                .extracting(AuditNote::outcome)
                .containsExactly("FAILED");
    }

    @Test
    void aResume_mergesAgainWhatFailed_andNothingElse() {
        tooMuchOn("2001-01-03", "2001-01-05");
        RunResult failed = backstitch.start(backstitch.plan(dag)).await();
        assertThat(notes(failed))
                .singleElement()
                .extracting(AuditNote::observed)
                .asString()
                .startsWith("2 of 8 partitions not: 2001-01-03 (")
                .contains("2001-01-05 (");
        tooMuchOn();

        RunResult resumed = backstitch.resume(failed.run()).await();

        assertThat(resumed.failure()).isEmpty();
        assertThat(resumed.state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.mergesCommitted)
                .containsEntry("2001-01-03", 2)
                .containsEntry("2001-01-05", 2)
                .containsEntry("2001-01-04", 1);
        assertThat(notes(resumed))
                .filteredOn(note -> note.name().equals(AUDIT))
                .extracting(AuditNote::outcome)
                .containsExactly("PASSED");
    }

    @Test
    void aResumeWithoutACorrection_failsTheSameWay() {
        tooMuchOn("2001-01-03");
        RunResult failed = backstitch.start(backstitch.plan(dag)).await();

        assertThat(backstitch.resume(failed.run()).await().failure()).contains("partition 2001-01-03");
        assertThat(connector.mergesCommitted).containsEntry("2001-01-03", 2).containsEntry("2001-01-04", 1);
    }

    @Test
    void aReaudit_mergesNothing_andGoesOnWhenItPasses() {
        tooMuchOn("2001-01-03");
        RunResult failed = backstitch.start(backstitch.plan(dag)).await();
        AtomicInteger merges = new AtomicInteger();
        connector.inMerge = (partition, interrupt) -> merges.incrementAndGet();
        assertThat(backstitch.reaudit(failed.run()).await().failure()).contains("partition 2001-01-03");
        tooMuchOn();

        assertThat(backstitch.reaudit(failed.run()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(merges).as("merges begun").hasValue(0);
        assertThat(connector.mergesCommitted.values()).containsOnly(1);
    }

    @Test
    void whatIsAccepted_doesNotHoldForAnotherValueOfThePartition() {
        tooMuchOn("2001-01-03");
        RunResult failed = backstitch.start(backstitch.plan(dag)).await();
        backstitch.accept(failed.run(), AUDIT, "ann", "a storm");
        connector.figure = partition -> partition.equals("2001-01-03") ? "600" : "5";

        assertThat(backstitch.reaudit(failed.run()).await().failure())
                .contains("partition 2001-01-03")
                .contains("observed 600");
    }

    @Test
    void whatIsAccepted_holdsForThePartition_whenAnotherOneFailsBeforeIt() {
        tooMuchOn("2001-01-03");
        RunResult failed = backstitch.start(backstitch.plan(dag)).await();
        backstitch.accept(failed.run(), AUDIT, "ann", "a storm");
        WorkOrder order = backstitch.ordersOf(failed.run()).get(0);
        connector.figure = partition -> {
            if (partition.equals("2001-01-03")) {
                awaitNoteOf("2001-01-05", order);
            }
            return partition.equals("2001-01-03") || partition.equals("2001-01-05") ? "6" : "5";
        };
        connector.reseed(order, order.scope().subList(4, 5), Interrupt.never());

        assertThat(backstitch.reaudit(failed.run()).await().failure()).contains("partition 2001-01-05");
        assertThat(backstitch.config().state().instances(failed.run()))
                .filteredOn(instance -> instance.partition().equals("2001-01-03"))
                .extracting(InstanceRecord::state)
                .containsOnly(InstanceState.SUCCEEDED);
    }

    private void awaitNoteOf(String partition, WorkOrder order) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (connector.notes(order).stream().noneMatch(note -> note.evidence().contains(partition))) {
            assertThat(System.nanoTime()).as("noted in time").isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Test
    void whatIsAccepted_holdsForThePartitionAndForTheWhole_andForNothingElse() {
        tooMuchOn("2001-01-03");
        RunResult failed = backstitch.start(backstitch.plan(dag)).await();
        backstitch.accept(failed.run(), AUDIT, "ann", "a storm");
        tooMuchOn("2001-01-03", "2001-01-05");
        connector.reseed(
                backstitch.ordersOf(failed.run()).get(0),
                backstitch.ordersOf(failed.run()).get(0).scope().subList(4, 5),
                Interrupt.never());

        RunResult second = backstitch.reaudit(failed.run()).await();

        assertThat(second.failure()).contains("partition 2001-01-05");
        backstitch.accept(failed.run(), AUDIT, "ann", "another storm");
        RunResult third = backstitch.resume(failed.run()).await();
        assertThat(third.state()).as(third.failure()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.mergesCommitted).containsEntry("2001-01-03", 1).containsEntry("2001-01-05", 2);
        assertThat(notes(third))
                .filteredOn(note -> note.name().equals(AUDIT))
                .extracting(AuditNote::outcome)
                .containsExactly("ACCEPTED");
    }

    @Test
    void aPartitionThatMayLoseRowsYet_isJudgedWithTheWhole() {
        connector.counts = new MergeCounts(3, 0, 3, 0, 0, 0, 4);
        connector.figure = partition -> "6";
        RunResult result = backstitch.start(backstitch.plan(dag)).await();

        assertThat(events).anyMatch(RunEvent.Audited.class::isInstance);
        assertThat(result.state()).isEqualTo(RunState.FAILED);
        assertThat(connector.mergesCommitted).hasSize(DAYS);
    }

    @Test
    void aMeasurementThatFails_isTriedAgain_andTheMergeIsNotRepeated() {
        connector.figure = new java.util.function.UnaryOperator<>() {
            private boolean failed;

            @Override
            public synchronized String apply(String partition) {
                if (!failed) {
                    failed = true;
                    throw new BackstitchException(ErrorCode.CONNECTION_LOST, "gone");
                }
                return "5";
            }
        };

        assertThat(backstitch.start(backstitch.plan(dag)).await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.mergesCommitted.values()).containsOnly(1);
    }
}
