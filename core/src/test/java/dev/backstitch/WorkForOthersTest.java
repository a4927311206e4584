package dev.backstitch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.state.InstanceRecord;
import dev.backstitch.state.InstanceState;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Engines that share a state store and work on each other's runs. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkForOthersTest {
    private static final int DAYS = 60;
    private static final int CONCURRENCY = 4;

    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final List<RunEvent> events = new CopyOnWriteArrayList<>();
    private final List<Backstitch> open = new CopyOnWriteArrayList<>();
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private final CountDownLatch helped = new CountDownLatch(1);
    private final Shares shares = new Shares();
    private final Dag dag = Samples.flights(
            DAYS,
            new Limits(
                    CONCURRENCY,
                    Duration.ofMinutes(1),
                    new Limits.Retry(5, Duration.ofMillis(10), Duration.ofMillis(50))));
    private Backstitch owner;

    @BeforeEach
    void openOwner() {
        owner = engine(Duration.ofSeconds(30)).register(dag);
        connector.inMerge = (partition, interrupt) -> {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            try {
                Thread.sleep(40);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                atOnce.decrementAndGet();
            }
        };
    }

    private Backstitch engine(Duration lease) {
        return engine(lease, Duration.ZERO);
    }

    /** @param ahead how far its clock is ahead of the right time */
    private Backstitch engine(Duration lease, Duration ahead) {
        Backstitch engine =
                Backstitch.open(BackstitchConfig.of(connector, shares.of(StateStores.h2(dir.resolve("state"))))
                        .sweep(Duration.ofMillis(200))
                        .lease(lease)
                        .clock(Clock.offset(Clock.systemUTC(), ahead))
                        .listener(events::add));
        open.add(engine);
        return engine;
    }

    @AfterEach
    void closeAll() {
        helped.countDown();
        open.forEach(Backstitch::close);
    }

    /** Holds the shadow's making until somebody helps, so that both are there before the first merge. */
    private Run startHelped(Backstitch... helpers) throws InterruptedException {
        connector.inShadow = () -> await(helped);
        Run run = owner.start(owner.plan(dag));
        for (Backstitch helper : helpers) {
            helper.register(dag).work();
        }
        awaitThat(() -> owner.config().state().helpers(run.id()).size() == helpers.length);
        awaitThat(() -> shares.areDivided(helpers.length + 1, CONCURRENCY));
        helped.countDown();
        return run;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Long enough that merges which may run at the same time do. */
    private static void aWhile() {
        try {
            Thread.sleep(40);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Map<String, Long> mergesByEngine(String run) {
        return owner.config().state().instances(run).stream()
                .filter(instance -> instance.key().task() == 2)
                .collect(Collectors.groupingBy(InstanceRecord::claimedBy, Collectors.counting()));
    }

    private void assertMergedOnce() {
        assertThat(connector.mergesCommitted).hasSize(DAYS);
        assertThat(connector.mergesCommitted.values()).containsOnly(1);
    }

    @Test
    void merges_areSharedWithinTheTasksConcurrency() throws InterruptedException {
        Run run = startHelped(engine(Duration.ofSeconds(30)), engine(Duration.ofSeconds(30)));

        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);

        assertMergedOnce();
        assertThat(mostAtOnce.get()).isEqualTo(CONCURRENCY);
        Map<String, Long> shares = mergesByEngine(run.id());
        assertThat(shares).hasSize(3);
        // One place in four each, and the owner two; how fast each is, is the machine's affair.
        assertThat(shares.values()).allMatch(merges -> merges >= DAYS / 20);
        awaitThat(() -> owner.config().state().helpers(run.id()).isEmpty());
    }

    private static void awaitThat(BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.sleep(20);
        }
    }

    /** Until the owner has looked who helps, from beginning to end. */
    private void awaitALook() throws InterruptedException {
        int before = shares.looks();
        // The one that is under way may have begun before.
        awaitThat(() -> shares.looks() >= before + 3);
    }

    @Test
    void aHelperThatCloses_givesBackWhatItRan_andTheOwnerTakesItsPlaces() throws InterruptedException {
        Backstitch helper = engine(Duration.ofSeconds(30));
        Run run = startHelped(helper);
        awaitThat(() -> mergesByEngine(run.id()).size() > 2);

        helper.close();
        open.remove(helper);

        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
        assertMergedOnce();
        assertThat(mostAtOnce.get()).isEqualTo(CONCURRENCY);
        assertThat(owner.runs().get(0).epoch()).isEqualTo(1);
    }

    @Test
    void aHelperThatDies_isReplacedAtANewEpoch() throws InterruptedException {
        connector.inShadow = () -> await(helped);
        Run run = owner.start(owner.plan(dag));
        StateStore state = owner.config().state();
        // Of a process that ends with its claim.
        assertThat(state.join(run.id(), 1, "dead", Duration.ofSeconds(3))).isTrue();
        awaitThat(() -> state.hold(run.id(), 1, 2, "dead", 2, CONCURRENCY) == 2);
        helped.countDown();
        awaitThat(() -> claimsOne(state, run.id()));

        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);

        assertMergedOnce();
        assertThat(owner.runs().get(0).epoch()).isEqualTo(2);
        assertThat(mergesByEngine(run.id())).doesNotContainKey("dead");
        assertThat(mostAtOnce.get()).isLessThanOrEqualTo(CONCURRENCY);
    }

    /** The owner gives the dead helper's work to itself, and does not forget what a person has asked for meanwhile. */
    @Test
    void aPause_outlivesTheDeathOfAHelper() throws InterruptedException {
        connector.inShadow = () -> await(helped);
        Run run = owner.start(owner.plan(dag));
        StateStore state = owner.config().state();
        assertThat(state.join(run.id(), 1, "dead", Duration.ofSeconds(3))).isTrue();
        helped.countDown();
        awaitThat(() -> claimsOne(state, run.id()));

        owner.pause(run.id());

        assertThat(run.await().state()).isEqualTo(RunState.PAUSED);
        assertThat(owner.runs().get(0).epoch()).isEqualTo(2);
        assertThat(connector.publishes).isEmpty();
        assertThat(owner.resume(run.id()).await().state()).isEqualTo(RunState.PUBLISHED);
        assertMergedOnce();
    }

    @Test
    void aHelperThatComesAndGoesWithinAMerge_leavesTheOwnerAllItsPlaces() throws InterruptedException {
        CountDownLatch held = new CountDownLatch(1);
        AtomicInteger begun = new AtomicInteger();
        connector.inMerge = (partition, interrupt) -> {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            begun.incrementAndGet();
            await(held);
            aWhile();
            atOnce.decrementAndGet();
        };
        Run run = owner.start(owner.plan(dag));
        awaitThat(() -> begun.get() == CONCURRENCY);
        StateStore state = owner.config().state();
        assertThat(state.join(run.id(), 1, "guest", Duration.ofSeconds(30))).isTrue();
        awaitALook();
        state.leave(run.id(), "guest");
        awaitALook();
        mostAtOnce.set(0);

        held.countDown();

        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
        assertMergedOnce();
        assertThat(mostAtOnce.get()).isEqualTo(CONCURRENCY);
    }

    /** What the one puts off by a moment, the other would wait for ten minutes. */
    @Test
    void clocksThatDifferByMinutes_keepNobodyWaiting() throws InterruptedException {
        owner.close();
        open.remove(owner);
        owner = engine(Duration.ofSeconds(30), Duration.ofMinutes(-10)).register(dag);
        Backstitch helper = engine(Duration.ofSeconds(30), Duration.ofMinutes(10));
        Set<String> failed = ConcurrentHashMap.newKeySet();
        BiConsumer<Partition, Interrupt> slowly = connector.inMerge;
        connector.inMerge = (partition, interrupt) -> {
            slowly.accept(partition, interrupt);
            if (failed.add(partition.id())) {
                throw new BackstitchException(ErrorCode.CONFLICT, "somebody else was faster");
            }
        };
        Run run = startHelped(helper);
        awaitThat(() -> failed.size() > DAYS / 2);

        helper.close();
        open.remove(helper);

        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
        assertMergedOnce();
        assertThat(owner.config().state().instances(run.id()))
                .filteredOn(instance -> instance.key().task() == 2)
                .allSatisfy(instance -> assertThat(instance.startedAt().orElseThrow())
                        .isCloseTo(Instant.now(), within(1, ChronoUnit.MINUTES)));
    }

    private static boolean claimsOne(StateStore state, String run) {
        return state.runnable(run, List.of(2), Instant.now(), 200).stream()
                .skip(30)
                .anyMatch(key -> state.claim(key, 1, "dead", Instant.now()).isPresent());
    }

    @Test
    void aRunWhoseEngineDied_isTakenOver() {
        Run run = owner.start(owner.plan(dag));
        Backstitch worker = engine(Duration.ofSeconds(30)).register(dag);
        owner.close();
        open.remove(owner);
        assertThatThrownBy(run::await).hasMessageContaining("can be resumed");

        worker.work();

        owner = worker;
        try {
            awaitThat(() -> worker.runs().get(0).state() == RunState.PUBLISHED);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertMergedOnce();
    }

    @Test
    void aRunOfAnUnknownDag_isLeftToOthers() throws InterruptedException {
        Backstitch worker =
                engine(Duration.ofSeconds(30)).register(Samples.flights(3)).work();
        Run run = owner.start(owner.plan(dag));

        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);

        assertThat(mergesByEngine(run.id())).hasSize(1);
        assertThat(worker.runs()).hasSize(1);
    }

    @Test
    void aPause_waitsForTheHelpers_andACancelInterruptsThem() throws InterruptedException {
        Backstitch helper = engine(Duration.ofSeconds(30));
        Run run = startHelped(helper);
        awaitThat(() -> mergesByEngine(run.id()).size() > 2);

        helper.pause(run.id());
        RunResult paused = run.await();

        assertThat(paused.state()).isEqualTo(RunState.PAUSED);
        assertThat(atOnce.get()).isZero();
        assertThat(owner.config().state().instances(run.id()))
                .noneMatch(instance -> instance.state() == InstanceState.RUNNING);

        helper.resume(run.id());
        helper.cancel(run.id());
        assertThat(owner.runs().get(0).state()).isEqualTo(RunState.CANCELLED);
        assertThat(connector.publishes).isEmpty();
    }
}
