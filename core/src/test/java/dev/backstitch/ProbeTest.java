package dev.backstitch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Probe;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** While a probe objects, or can't be asked, no further partition begins; and it is said since when and why, once. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProbeTest {
    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final MutableClock clock = new MutableClock("2026-03-01T12:00:00Z");
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final AtomicReference<Optional<String>> objection = new AtomicReference<>(Optional.empty());
    private final AtomicInteger asked = new AtomicInteger();
    private final Dag dag = probing(() -> {
        asked.incrementAndGet();
        return objection.get();
    });
    private Backstitch engine;

    private static Dag probing(Probe.Check check) {
        return new Dag("sums", Samples.backfill("sums").waitWhile(new Probe("replica lag", 1, check)));
    }

    @BeforeEach
    void open() {
        engine = Backstitch.open(BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                .clock(clock)
                .sweep(Duration.ofMillis(20))
                .listener(events::add));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private List<String> waits() {
        return events.stream()
                .filter(RunEvent.TaskWaits.class::isInstance)
                .map(event -> ((RunEvent.TaskWaits) event).reason())
                .toList();
    }

    @Test
    void aProbeThatNeverObjects_isAskedBeforeEachPartition() {
        engine.register(dag);

        assertThat(engine.run(engine.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);

        assertThat(asked).hasValueGreaterThanOrEqualTo(3);
        assertThat(waits()).isEmpty();
    }

    @Test
    void whileItObjects_noPartitionBegins_andThatIsSaidOnce() {
        objection.set(Optional.of("40 s behind"));
        engine.register(dag);
        Run run = engine.start(engine.plan(dag));
        until(() -> !waits().isEmpty());
        clock.forward(Duration.ofSeconds(3));
        int before = asked.get();
        until(() -> asked.get() > before);

        assertThat(connector.mergesCommitted).isEmpty();
        assertThat(waits()).containsExactly("replica lag: 40 s behind, since 2026-03-01T12:00:00Z");

        objection.set(Optional.empty());
        clock.forward(Duration.ofSeconds(3));
        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(connector.mergesCommitted).hasSize(3);
    }

    @Test
    void oneThatCantBeAsked_objects() {
        AtomicInteger failures = new AtomicInteger(1);
        Dag failing = probing(() -> {
            if (failures.getAndDecrement() > 0) {
                throw new IllegalStateException("no answer");
            }
            return Optional.empty();
        });
        engine.register(failing);
        Run run = engine.start(engine.plan(failing));
        until(() -> !waits().isEmpty());

        assertThat(waits().get(0))
                .startsWith("replica lag: it can't be asked, java.lang.IllegalStateException: no answer");
        clock.forward(Duration.ofSeconds(3));
        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
    }

    @Test
    void itIsFrozenWithoutItsCode_andShown() {
        Dag read = PlanFormat.read(PlanFormat.write(engine.plan(dag))).dag();

        assertThat(read).isEqualTo(dag);
        assertThat(read.backfills().get(0).probe().orElseThrow().check()).isNull();
        assertThat(PlanText.of(engine.plan(dag))).contains("begins no partition while replica lag objects");
    }
}
