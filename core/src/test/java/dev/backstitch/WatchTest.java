package dev.backstitch;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.report.HtmlReport;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import dev.backstitch.state.WatchRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is published is looked at for a while, by whatever engine is open, and a breach is told once. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WatchTest {
    private static final Audit CHECK =
            new Audit.FindsNothing("odd_rows", "select 1 from :shadow where false", Audit.Severity.BLOCKING);

    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final MutableClock clock = new MutableClock("2026-03-01T12:00:00Z");
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final List<Backstitch> open = new ArrayList<>();
    private final Dag dag = new Dag(
            "sums",
            Samples.backfill("sums").watch(ofHours(24)).every(ofMinutes(15)).check(CHECK));

    /** Whose own looks never come, so that a test says when. */
    private Backstitch engine() {
        Backstitch engine = Backstitch.open(BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                        .clock(clock)
                        .sweep(ofMinutes(5))
                        .listener(events::add))
                .register(dag);
        open.add(engine);
        return engine;
    }

    @AfterEach
    void closeAll() {
        open.forEach(Backstitch::close);
    }

    private WatchRecord watch() {
        return open.get(open.size() - 1).watches().get(0);
    }

    private List<RunEvent.Watched> told() {
        return events.stream()
                .filter(RunEvent.Watched.class::isInstance)
                .map(RunEvent.Watched.class::cast)
                .toList();
    }

    private static RunResult published(Backstitch engine, Dag dag) {
        RunResult result = engine.run(engine.plan(dag));
        assertThat(result.state()).isEqualTo(RunState.PUBLISHED);
        return result;
    }

    @Test
    void theRunEnds_andItsWatchGoesOn_untilItsTimeIsOver() {
        Backstitch engine = engine();
        String run = published(engine, dag).run();

        assertThat(engine.watches())
                .containsExactly(new WatchRecord(
                        run,
                        "sums",
                        WatchRecord.State.WATCHING,
                        Instant.parse("2026-03-01T12:15:00Z"),
                        Instant.parse("2026-03-02T12:00:00Z"),
                        0,
                        0,
                        ""));
        assertThat(engine.lookAtWatches()).isZero();

        for (int look = 1; look <= 96; look++) {
            clock.forward(ofMinutes(15));
            assertThat(engine.lookAtWatches()).isEqualTo(1);
            assertThat(engine.lookAtWatches()).isZero();
        }

        assertThat(connector.looksAtLive).hasValue(96);
        assertThat(watch())
                .extracting(WatchRecord::state, WatchRecord::looks, WatchRecord::breaches, WatchRecord::last)
                .containsExactly(WatchRecord.State.ENDED, 96, 0, "all held to the end");
        assertThat(told()).isEmpty();
        assertThat(events).filteredOn(RunEvent.WatchEnded.class::isInstance).hasSize(1);
        clock.forward(ofHours(24));
        assertThat(engine.lookAtWatches()).isZero();
    }

    @Test
    void aBreach_isToldOnce_andThatItIsOver() {
        Backstitch engine = engine();
        published(engine, dag);
        connector.found = 3;

        for (int look = 0; look < 3; look++) {
            clock.forward(ofMinutes(15));
            engine.lookAtWatches();
        }
        assertThat(HtmlReport.of(engine.report(engine.runs().get(0).id()), "java -jar sums.jar"))
                .contains("is watched until 2026-03-02 12:00:00 UTC")
                .contains("3 looks, 3 with a breach; BREACH: odd_rows: expected no row, observed 3 rows");
        connector.found = 0;
        clock.forward(ofMinutes(15));
        engine.lookAtWatches();

        assertThat(told()).hasSize(2);
        assertThat(told().get(0).failed().get(0)).hasToString("odd_rows: expected no row, observed 3 rows");
        assertThat(told().get(1).failed()).isEmpty();
        assertThat(watch())
                .extracting(WatchRecord::looks, WatchRecord::breaches, WatchRecord::last)
                .containsExactly(4, 3, "");
        assertThat(engine.runs().get(0).state()).isEqualTo(RunState.PUBLISHED);
    }

    @Test
    void anotherEngine_goesOnWithIt_andLooksThatNobodyMade_areOne() {
        published(engine(), dag);
        open.get(0).close();
        Backstitch other = engine();

        clock.forward(ofMinutes(100));

        assertThat(other.lookAtWatches()).isEqualTo(1);
        assertThat(watch().nextAt()).isEqualTo("2026-03-01T13:45:00Z");
    }

    @Test
    void ofTwoEnginesThatFindItDue_oneLooks() {
        Backstitch engine = engine();
        published(engine, dag);
        WatchRecord due = watch();
        Instant next = due.nextAt().plus(ofMinutes(15));

        assertThat(engine.config().state().claim(due, next)).isTrue();
        assertThat(engine.config().state().claim(due, next)).isFalse();
    }

    @Test
    void aLookThatFails_isMadeUpForByTheNext() {
        Backstitch engine = engine();
        published(engine, dag);
        connector.failLooksAtLive = new BackstitchException(ErrorCode.DATABASE_UNAVAILABLE, "the database is away");
        clock.forward(ofMinutes(15));
        engine.lookAtWatches();
        assertThat(watch().looks()).isZero();

        connector.failLooksAtLive = null;
        clock.forward(ofMinutes(15));
        engine.lookAtWatches();

        assertThat(watch().looks()).isEqualTo(1);
        assertThat(watch().state()).isEqualTo(WatchRecord.State.WATCHING);
    }

    @Test
    void aNewerPublish_endsTheWatchOfTheFormer() {
        Backstitch engine = engine();
        String first = published(engine, dag).run();
        clock.forward(ofMinutes(1));
        String second = published(engine, dag).run();
        clock.forward(ofMinutes(20));

        assertThat(engine.lookAtWatches()).isEqualTo(2);

        assertThat(engine.watches())
                .filteredOn(watch -> watch.run().equals(first))
                .extracting(WatchRecord::state, WatchRecord::last)
                .containsExactly(tuple(WatchRecord.State.ENDED, "run " + second + " has published since"));
        assertThat(engine.watches())
                .filteredOn(watch -> watch.run().equals(second))
                .extracting(WatchRecord::looks)
                .containsExactly(1);
    }

    @Test
    void aWatch_isFrozenWithThePlan_andShown() {
        Backstitch engine = engine();

        assertThat(PlanFormat.read(PlanFormat.write(engine.plan(dag))).dag()).isEqualTo(dag);
        assertThat(PlanText.of(engine.plan(dag)))
                .contains("watched for 1 day after the publish, every 15 minutes: odd_rows");
    }

    @Test
    void aWatchByAnOpenEngine_needsNobody() {
        Backstitch engine = Backstitch.open(BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                        .clock(clock)
                        .sweep(Duration.ofMillis(20)))
                .register(dag);
        open.add(engine);
        published(engine, dag);
        clock.forward(ofMinutes(15));

        while (watch().looks() == 0) {
            Thread.onSpinWait();
        }
    }
}
