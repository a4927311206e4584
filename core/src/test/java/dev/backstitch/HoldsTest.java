package dev.backstitch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.quartz.QuartzLanes;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.LaneSource;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Hold;
import dev.backstitch.state.HoldRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.StateStores;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.StdSchedulerFactory;

/** What is downstream of a run is held before its first task, and released however it ends; what was at rest stays so. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HoldsTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final List<Backstitch> open = new ArrayList<>();
    private final List<Scheduler> schedulers = new ArrayList<>();
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final Downstream downstream = new Downstream();

    /** Something that can be held, and says what was done to it. */
    private final class Downstream implements Hold.Port {
        private final AtomicBoolean atRest = new AtomicBoolean();
        private final AtomicInteger failingHolds = new AtomicInteger();
        private final AtomicInteger failingReleases = new AtomicInteger();
        private final List<String> log = new CopyOnWriteArrayList<>();

        @Override
        public Hold.Before look() {
            return new Hold.Before(atRest.get(), "as it was");
        }

        @Override
        public void hold(String note) throws IOException {
            if (failingHolds.getAndDecrement() > 0) {
                throw new IOException("no answer");
            }
            atRest.set(true);
            log.add("hold " + note + " after " + connector.mergesCommitted.size() + " merges");
        }

        @Override
        public void release(String note) throws IOException {
            if (failingReleases.getAndDecrement() > 0) {
                throw new IOException("no answer");
            }
            atRest.set(false);
            log.add("release " + note + " after " + connector.publishes.size() + " publishes");
        }
    }

    private Dag holding(String name, Hold... holds) {
        Hold[] rest = new Hold[holds.length - 1];
        System.arraycopy(holds, 1, rest, 0, rest.length);
        return new Dag(name, Samples.backfill(name).holding(holds[0], rest));
    }

    private Dag coded() {
        return holding("sums", new Hold.Coded("loader", 1, downstream));
    }

    private Backstitch engine(Dag dag) {
        return engine(dag, QuartzLanes.own(), LONG);
    }

    private Backstitch engine(Dag dag, LaneSource lanes, Duration sweep) {
        Backstitch engine = Backstitch.open(BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                        .lanes(lanes)
                        .sweep(sweep)
                        .listener(events::add))
                .register(dag);
        open.add(engine);
        return engine;
    }

    @AfterEach
    void closeAll() throws SchedulerException {
        open.forEach(Backstitch::close);
        for (Scheduler scheduler : schedulers) {
            scheduler.shutdown(true);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void itIsHeldBeforeTheFirstTask_andReleasedAfterThePublish() {
        Dag dag = coded();
        List<Boolean> atPublish = new CopyOnWriteArrayList<>();
        connector.inPublish = () -> atPublish.add(downstream.atRest.get());
        Backstitch engine = engine(dag);

        assertThat(engine.run(engine.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);

        // Again before the publish, in case somebody has let it go meanwhile.
        assertThat(downstream.log)
                .containsExactly(
                        "hold as it was after 0 merges",
                        "hold as it was after 3 merges",
                        "release as it was after 1 publishes");
        assertThat(atPublish).containsExactly(true);
        assertThat(engine.holds()).isEmpty();
        assertThat(events).filteredOn(RunEvent.Held.class::isInstance).hasSize(1);
        assertThat(events).filteredOn(RunEvent.Released.class::isInstance).hasSize(1);
    }

    @Test
    void whatWasAtRestBefore_isLeftSo() {
        downstream.atRest.set(true);
        Dag dag = coded();
        Backstitch engine = engine(dag);

        assertThat(engine.run(engine.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);

        assertThat(downstream.log).isEmpty();
        assertThat(downstream.atRest).isTrue();
        assertThat(engine.holds()).isEmpty();
    }

    @Test
    void aHoldThatFails_isTriedAgain() {
        downstream.failingHolds.set(2);
        Dag dag = coded();
        Backstitch engine = engine(dag);

        assertThat(engine.run(engine.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);

        assertThat(events).filteredOn(RunEvent.TaskRetried.class::isInstance).hasSize(2);
    }

    @Test
    void aHoldThatKeepsFailing_failsTheRun_beforeAnythingIsWritten() {
        downstream.failingHolds.set(1000);
        Dag dag = coded();
        Backstitch engine = engine(dag);

        RunResult failed = engine.run(engine.plan(dag));

        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        assertThat(failed.failure())
                .startsWith("BF-331 loader could not be held for run ")
                .contains("no answer");
        assertThat(connector.log).isEmpty();
        assertThat(engine.holds()).isEmpty();
        // It may have been held although the answer was lost.
        assertThat(downstream.log).containsExactly("release as it was after 0 publishes");
    }

    @Test
    void aFailedRun_letsItGo_andAResumedOneHoldsItAgain() {
        connector.found = 1;
        Dag dag = coded();
        Backstitch engine = engine(dag);
        RunResult failed = engine.run(engine.plan(dag));
        assertThat(failed.state()).isEqualTo(RunState.FAILED);
        assertThat(downstream.atRest).isFalse();

        connector.found = 0;
        downstream.log.clear();
        assertThat(engine.resume(failed.run()).await().state()).isEqualTo(RunState.PUBLISHED);

        assertThat(downstream.log).hasSize(3);
        assertThat(downstream.log.get(0)).startsWith("hold ");
        assertThat(downstream.log.get(2)).startsWith("release ");
    }

    /** A run that merges until somebody interrupts it. */
    private Run stoppedInAMerge(Backstitch engine, Dag dag) {
        CountDownLatch merging = new CountDownLatch(1);
        connector.inMerge = (partition, interrupt) -> {
            merging.countDown();
            while (!interrupt.isPulled()) {
                Thread.onSpinWait();
            }
            interrupt.throwIfPulled();
        };
        Run run = engine.start(engine.plan(dag));
        await(merging);
        return run;
    }

    @Test
    void aCancelledRun_letsItGo() {
        Dag dag = coded();
        Backstitch engine = engine(dag);
        Run run = stoppedInAMerge(engine, dag);
        assertThat(downstream.atRest).isTrue();
        assertThat(engine.holds()).extracting(HoldRecord::state).containsExactly(HoldRecord.State.HELD);

        engine.cancel(run.id());

        assertThat(downstream.atRest).isFalse();
        assertThat(engine.holds()).isEmpty();
    }

    @Test
    void anEngineThatCloses_letsItGo() {
        Dag dag = coded();
        Backstitch engine = engine(dag);
        stoppedInAMerge(engine, dag);

        engine.close();

        assertThat(downstream.atRest).isFalse();
    }

    @Test
    void whatAnEndedProcessHasLeftHeld_isReleasedByAnotherEngine() {
        Dag dag = coded();
        Backstitch engine = engine(dag);
        String run = engine.run(engine.plan(dag)).run();
        downstream.log.clear();
        for (boolean wasHeld : new boolean[] {false, true}) {
            // A process that ended between its note and the hold, or after the publish and before the release.
            try (StateStore state = StateStores.h2(dir.resolve("state"))) {
                state.want(run, "loader", new Hold.Before(false, "noted"), Instant.EPOCH);
                if (wasHeld) {
                    assertThat(state.held(run, "loader")).isTrue();
                    downstream.atRest.set(true);
                }
            }

            assertThat(engine.releaseLeftHolds()).isEqualTo(1);
            assertThat(engine.releaseLeftHolds()).isZero();
        }

        assertThat(downstream.log)
                .containsExactly("release noted after 1 publishes", "release noted after 1 publishes");
        assertThat(downstream.atRest).isFalse();
    }

    @Test
    void whatSomebodyActsFor_isNotReleasedByAnother() {
        Dag dag = coded();
        Backstitch engine = engine(dag);
        Run run = stoppedInAMerge(engine, dag);

        try (StateStore state = StateStores.h2(dir.resolve("state"))) {
            // Who found it left before a resume, or ended it under an epoch before.
            assertThat(state.releasing(run.id(), "loader", 0)).isEmpty();
            assertThat(state.releasing(run.id(), "loader", 7)).isEmpty();
            assertThat(state.holds()).extracting(HoldRecord::state).containsExactly(HoldRecord.State.HELD);
            assertThat(state.releasing(run.id(), "loader", 1)).isPresent();
        }
    }

    @Test
    void whoReleasesTooLate_doesNotForgetWhatIsHeldAnew() {
        Dag dag = coded();
        Backstitch engine = engine(dag);
        String run = engine.run(engine.plan(dag)).run();
        Hold.Before running = new Hold.Before(false, "");
        try (StateStore state = StateStores.h2(dir.resolve("state"))) {
            state.want(run, "loader", running, Instant.EPOCH);
            assertThat(state.releasing(run, "loader", 1)).isPresent();
            assertThat(state.want(run, "loader", running, Instant.EPOCH).state())
                    .isEqualTo(HoldRecord.State.WANTED);
            state.released(run, "loader");

            assertThat(state.holds()).hasSize(1);
        }
        assertThat(engine.releaseLeftHolds()).isEqualTo(1);
        assertThat(engine.holds()).isEmpty();
    }

    @Test
    void aReleaseThatFails_isTriedAgainByTheSweep() {
        downstream.failingReleases.set(2);
        Dag dag = coded();
        Backstitch engine = engine(dag, QuartzLanes.own(), Duration.ofMillis(20));

        assertThat(engine.run(engine.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);

        while (!engine.holds().isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(downstream.atRest).isFalse();
        assertThat(events).filteredOn(RunEvent.NotReleased.class::isInstance).hasSize(2);
    }

    @Test
    void ofTwoRunsThatHoldTheSame_theLastOneReleasesIt() {
        Hold shared = new Hold.Coded("loader", 1, downstream);
        Dag first = holding("first", shared);
        Dag second = holding("second", shared);
        Backstitch engine = engine(first).register(second);
        CountDownLatch merging = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger merges = new AtomicInteger();
        connector.inMerge = (partition, interrupt) -> {
            if (merges.incrementAndGet() == 1) {
                merging.countDown();
                await(goOn);
            }
        };
        Run one = engine.start(engine.plan(first));
        await(merging);
        Run other = engine.start(engine.plan(second));
        assertThat(other.await().state()).isEqualTo(RunState.PUBLISHED);

        assertThat(downstream.atRest).isTrue();
        assertThat(downstream.log).noneMatch(line -> line.startsWith("release"));
        goOn.countDown();
        assertThat(one.await().state()).isEqualTo(RunState.PUBLISHED);
        assertThat(downstream.atRest).isFalse();
        assertThat(downstream.log)
                .filteredOn(line -> line.startsWith("release"))
                .hasSize(1);
    }

    @Test
    void theStore_sharesWhatIsHeld_andWaitsForWhoReleases() {
        Dag dag = coded();
        Backstitch engine = engine(dag);
        String first = engine.run(engine.plan(dag)).run();
        String second = engine.run(engine.plan(dag)).run();
        try (StateStore state = StateStores.h2(dir.resolve("state"))) {
            Hold.Before running = new Hold.Before(false, "by the first");
            Hold.Before atRest = new Hold.Before(true, "");
            assertThat(state.want(first, "loader", running, Instant.EPOCH).state())
                    .isEqualTo(HoldRecord.State.WANTED);
            // At rest by the first run, and not by somebody else.
            assertThat(state.want(second, "loader", atRest, Instant.EPOCH))
                    .extracting(HoldRecord::state, HoldRecord::note)
                    .containsExactly(HoldRecord.State.WANTED, "by the first");
            assertThat(state.releasing(first, "loader", 0)).isEmpty();
            Optional<HoldRecord> last = state.releasing(second, "loader", 0);
            assertThat(last).map(HoldRecord::note).contains("by the first");
            assertThatThrownBy(() -> state.want(first, "loader", atRest, Instant.EPOCH))
                    .isInstanceOf(BackstitchException.class)
                    .hasMessageStartingWith("BF-331 loader can't be held for run " + first)
                    .hasMessageContaining("run " + second + " is about to release it");
            state.released(second, "loader");
            assertThat(state.want(first, "loader", atRest, Instant.EPOCH).state())
                    .isEqualTo(HoldRecord.State.FOUND);
            assertThat(state.releasing(first, "loader", 0)).isEmpty();
            assertThat(state.holds()).isEmpty();
        }
    }

    /** A job of the host's. */
    public static final class HostJob implements Job {
        @Override
        public void execute(JobExecutionContext context) {}
    }

    private Scheduler host() throws SchedulerException {
        Properties properties = new Properties();
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_NAME, "host-" + UUID.randomUUID());
        properties.setProperty(StdSchedulerFactory.PROP_THREAD_POOL_CLASS, "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", "4");
        Scheduler scheduler = new StdSchedulerFactory(properties).getScheduler();
        schedulers.add(scheduler);
        for (String trigger : List.of("hourly", "daily", "resting")) {
            scheduler.scheduleJob(
                    JobBuilder.newJob(HostJob.class)
                            .withIdentity(trigger, "dashboards")
                            .build(),
                    TriggerBuilder.newTrigger()
                            .withIdentity(trigger, "dashboards")
                            .withSchedule(SimpleScheduleBuilder.repeatHourlyForever())
                            .build());
        }
        scheduler.pauseTrigger(TriggerKey.triggerKey("resting", "dashboards"));
        scheduler.start();
        return scheduler;
    }

    private static List<Trigger.TriggerState> states(Scheduler scheduler) {
        try {
            List<Trigger.TriggerState> states = new ArrayList<>();
            for (String trigger : List.of("hourly", "daily", "resting")) {
                states.add(scheduler.getTriggerState(TriggerKey.triggerKey(trigger, "dashboards")));
            }
            return states;
        } catch (SchedulerException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aGroupOfTheHostsScheduler_isPaused_andWhatAPersonPausedStaysSo() throws SchedulerException {
        Scheduler host = host();
        Dag dag = holding("sums", new Hold.QuartzGroup("dashboards"));
        List<List<Trigger.TriggerState>> atPublish = new CopyOnWriteArrayList<>();
        connector.inPublish = () -> atPublish.add(states(host));
        Backstitch engine = engine(dag, QuartzLanes.on(host), LONG);

        assertThat(engine.run(engine.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);

        assertThat(atPublish.get(0)).containsOnly(Trigger.TriggerState.PAUSED);
        assertThat(states(host))
                .containsExactly(Trigger.TriggerState.NORMAL, Trigger.TriggerState.NORMAL, Trigger.TriggerState.PAUSED);
    }

    @Test
    void aGroup_withoutTheHostsScheduler_isRefused() {
        Dag dag = holding("sums", new Hold.QuartzGroup("dashboards"));
        Backstitch engine = engine(dag);

        assertThat(engine.run(engine.plan(dag)).failure())
                .startsWith("BF-213 quartz group dashboards can't be held here")
                .contains("QuartzLanes.on(scheduler)");
        assertThat(connector.log).isEmpty();
    }

    @Test
    void somethingBehindHttp_isHeldByItsOwnInterface() throws IOException {
        AtomicBoolean paused = new AtomicBoolean();
        List<String> requests = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v2/dags/refresh", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            requests.add(exchange.getRequestMethod() + " " + body + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            if (requests.size() == 2) {
                exchange.sendResponseHeaders(503, -1);
                exchange.close();
                return;
            }
            if (exchange.getRequestMethod().equals("PATCH")) {
                paused.set(body.contains("true"));
            }
            byte[] answer = ("{\"is_paused\": " + paused + "}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(answer);
            }
        });
        server.start();
        try {
            URI uri = URI.create("http://localhost:" + server.getAddress().getPort() + "/api/v2/dags/refresh");
            Dag dag = holding(
                    "sums",
                    new Hold.Http(
                            "airflow dag refresh",
                            uri,
                            "/is_paused",
                            new Hold.Request("PATCH", uri, "{\"is_paused\": true}"),
                            new Hold.Request("PATCH", uri, "{\"is_paused\": false}"),
                            Optional.of("PATH"),
                            Duration.ofSeconds(10)));
            List<Boolean> atPublish = new CopyOnWriteArrayList<>();
            connector.inPublish = () -> atPublish.add(paused.get());
            Backstitch engine = engine(dag);

            assertThat(engine.run(engine.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);

            assertThat(atPublish).containsExactly(true);
            assertThat(paused).isFalse();
            assertThat(requests).allMatch(line -> line.endsWith("Bearer " + System.getenv("PATH")));
            assertThat(requests.get(0)).startsWith("GET ");
            assertThat(requests.get(requests.size() - 1)).startsWith("PATCH {\"is_paused\": false}");
            assertThat(engine.report(engine.runs().get(0).id()).toString()).doesNotContain(System.getenv("PATH"));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void somethingThatProgramsHold_isHeldByThem() {
        Path flag = dir.resolve("held");
        Dag dag = holding(
                "sums",
                new Hold.Command(
                        "loader",
                        List.of("test", "-e", flag.toString()),
                        List.of("touch", flag.toString()),
                        List.of("rm", "-f", flag.toString()),
                        Duration.ofSeconds(10)));
        List<Boolean> atPublish = new CopyOnWriteArrayList<>();
        connector.inPublish = () -> atPublish.add(Files.exists(flag));
        Backstitch engine = engine(dag);

        assertThat(engine.run(engine.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);

        assertThat(atPublish).containsExactly(true);
        assertThat(flag).doesNotExist();
    }

    @Test
    void aProgramThatIsNotThere_isNamed() {
        List<String> missing = List.of("/nowhere/pause");
        Dag dag = holding("sums", new Hold.Command("loader", missing, missing, missing, Duration.ofSeconds(10)));
        Backstitch engine = engine(dag);

        assertThat(engine.run(engine.plan(dag)).failure())
                .startsWith("BF-331 loader")
                .contains("/nowhere/pause");
    }

    @Test
    void everyKindOfHold_isFrozenWithThePlan_withoutItsCode() {
        URI uri = URI.create("http://localhost/dags/refresh");
        Hold.Request request = new Hold.Request("PATCH", uri, "{}");
        Dag dag = holding(
                "sums",
                new Hold.QuartzGroup("dashboards"),
                new Hold.Coded("loader", 3, downstream),
                new Hold.Http("a", uri, "/is_paused", request, request, Optional.of("TOKEN"), Duration.ofSeconds(3)),
                new Hold.Http("b", uri, "/is_paused", request, request, Optional.empty(), Duration.ofSeconds(3)),
                new Hold.Command("c", List.of("look"), List.of("hold"), List.of("release"), Duration.ofSeconds(3)));
        Backstitch engine = engine(dag);

        Dag read = PlanFormat.read(PlanFormat.write(engine.plan(dag))).dag();

        assertThat(read).isEqualTo(dag);
        assertThat(read.backfills().get(0).holds().orElseThrow().all().get(1))
                .isInstanceOfSatisfying(
                        Hold.Coded.class, coded -> assertThat(coded.port()).isNull());
    }

    @Test
    void thePlan_says_whatIsHeld() {
        Dag dag = coded();
        Backstitch engine = engine(dag);

        assertThat(PlanText.of(engine.plan(dag)))
                .contains("holds loader meanwhile, and lets it go however it ends")
                .contains("held from the first task to the end: loader");
    }
}
