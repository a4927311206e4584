package dev.backstitch.state;

import static dev.backstitch.state.Fixtures.ENGINE;
import static dev.backstitch.state.Fixtures.LEASE;
import static dev.backstitch.state.Fixtures.NOW;
import static dev.backstitch.state.Fixtures.OTHER;
import static dev.backstitch.state.Fixtures.OWNER;
import static dev.backstitch.state.Fixtures.instances;
import static dev.backstitch.state.Fixtures.key;
import static dev.backstitch.state.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every state store must do about pools, rates, and failures by whose fault they are. */
public abstract class GatesContract {
    private static final Gate POOL = Gate.ofPool("warehouse", 2);
    private static final int INSTANCES = 20;
    private static final Duration WORK = Duration.ofMillis(25);

    protected StateStore store;

    private DataSource database;

    /** An empty database. */
    protected abstract DataSource emptyDatabase();

    @BeforeEach
    void openStore() {
        database = emptyDatabase();
        store = StateStores.on(database);
        for (String run : List.of("r1", "r2", "r3")) {
            store.create(run(run), instances(0, INSTANCES, InstanceState.READY));
        }
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private Claiming ask(String run, int position, Gate... gates) {
        return store.claim(key(run, 0, position), 1, ENGINE, List.of(gates), NOW);
    }

    private Claim claim(String run, int position, Gate... gates) {
        return ask(run, position, gates).claim().orElseThrow();
    }

    /** As if everybody who waits had done so a minute longer. */
    private void waitAMinute() throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("update bf_ticket set since = since - interval '1' minute");
        }
    }

    @Test
    void aPool_givesItsPlaces_andNoMore() {
        claim("r1", 0, POOL);
        claim("r2", 0, POOL);

        assertThat(ask("r3", 0, POOL)).isEqualTo(new Claiming.Held(POOL, Optional.empty()));
        assertThat(ask("r1", 1, POOL).claim()).isEmpty();
        assertThat(store.waitsFor("r3")).containsExactly(POOL.name());
        assertThat(store.waitsFor("r2")).isEmpty();
        assertThat(claim("r3", 0).gates()).isEmpty();
        assertThat(claim("r3", 1, Gate.ofPool("another", 1)).gates()).hasSize(1);
    }

    @Test
    void whateverEndsAClaim_givesItsPlaceBack() {
        Gate one = Gate.ofPool("one", 1);

        store.succeed(claim("r1", 0, one), List.of(), NOW);
        store.retry(claim("r1", 1, one), NOW, "again", NOW);
        store.retry(claim("r1", 2, one), Budget.TIMEOUT, NOW, "again", NOW);
        store.fail(claim("r1", 3, one), Budget.ERROR, "never", NOW);
        claim("r1", 4, one);
        assertThat(ask("r2", 0, one).claim()).isEmpty();
        store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.FAILED, "", NOW);
        claim("r2", 0, one);
        assertThat(ask("r3", 0, one).claim()).isEmpty();
        store.takeOver("r2", 1, OTHER, LEASE, OWNER);

        assertThat(ask("r3", 0, one).claim()).isPresent();
    }

    @Test
    void anInstanceThatIsTaken_takesNoPlace() {
        claim("r1", 0);

        assertThat(ask("r1", 0, POOL)).isEqualTo(new Claiming.NotReady());
        claim("r2", 0, POOL);
        claim("r2", 1, POOL);
    }

    @Test
    void aRunWhoseLeaseIsOver_doesNotCount() {
        store.create(
                new NewRun("dead", "dead", "ada", "{}", "sha", OWNER, Duration.ZERO, NOW),
                instances(0, 2, InstanceState.READY));
        claim("dead", 0, POOL);
        claim("dead", 1, POOL);

        claim("r1", 0, POOL);
        claim("r1", 1, POOL);
        assertThat(ask("r2", 0, POOL).claim()).isEmpty();
    }

    @Test
    void whoWorks_goesOnForAMoment_beforeWhoWaits() throws SQLException {
        Claim first = claim("r1", 0, POOL);
        Claim second = claim("r1", 1, POOL);
        ask("r2", 0, POOL);
        store.succeed(first, List.of(), NOW);

        claim("r1", 2, POOL);
        waitAMinute();
        store.succeed(second, List.of(), NOW);
        assertThat(ask("r1", 3, POOL).claim()).isEmpty();
        claim("r2", 0, POOL);
    }

    @Test
    void aPlaceGoesToWhoHasFewest_andThenToWhoWaitsLongest() throws SQLException {
        Claim first = claim("r1", 0, POOL);
        Claim second = claim("r1", 1, POOL);
        ask("r3", 0, POOL);
        ask("r2", 0, POOL);
        waitAMinute();

        store.succeed(first, List.of(), NOW);
        assertThat(ask("r1", 2, POOL).claim()).isEmpty();
        assertThat(ask("r2", 0, POOL).claim()).isEmpty();
        Claim third = claim("r3", 0, POOL);

        store.succeed(second, List.of(), NOW);
        assertThat(ask("r1", 2, POOL).claim()).isEmpty();
        claim("r2", 0, POOL);
        waitAMinute();

        store.succeed(third, List.of(), NOW);
        assertThat(ask("r3", 1, POOL).claim()).as("r1 waits longer").isEmpty();
        claim("r1", 2, POOL);
    }

    @Test
    void twoFreePlaces_areNotKeptForOneWhoWaits() throws SQLException {
        Claim first = claim("r1", 0, POOL);
        Claim second = claim("r1", 1, POOL);
        ask("r2", 0, POOL);
        waitAMinute();
        store.succeed(first, List.of(), NOW);
        store.succeed(second, List.of(), NOW);

        claim("r1", 2, POOL);
        assertThat(ask("r1", 3, POOL).claim()).isEmpty();
        claim("r2", 0, POOL);
    }

    @Test
    void beginnings_areSpaced() {
        Gate rate = Gate.ofRate("r1", "flights", Duration.ofMinutes(10));

        claim("r1", 0, rate);

        assertThat(ask("r1", 1, rate))
                .isInstanceOfSatisfying(
                        Claiming.Held.class,
                        held -> assertThat(held.after().orElseThrow())
                                .isBetween(Duration.ofMinutes(9), Duration.ofMinutes(10)));
        claim("r1", 1, Gate.ofRate("r1", "others", Duration.ofMinutes(10)));
        Gate quick = Gate.ofRate("r1", "quick", Duration.ofNanos(1000));
        claim("r1", 2, quick);
        Polling.until(() -> ask("r1", 3, quick).claim().isPresent());
    }

    @Test
    void whatARunNamedAlone_isGoneWithIt() throws SQLException {
        claim("r1", 0, POOL, Gate.ofRun("r1", 5), Gate.ofRate("r1", "flights", Duration.ofMinutes(10)));
        claim("r2", 0, Gate.ofRun("r2", 5));

        store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.FAILED, "", NOW);

        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet names = statement.executeQuery("select name from bf_pool order by name")) {
            List<String> left = new ArrayList<>();
            while (names.next()) {
                left.add(names.getString(1));
            }
            assertThat(left).containsExactly("pool warehouse", "run r2");
        }
    }

    @Test
    void eachGateHasToLetItPass() {
        Gate ofRun = Gate.ofRun("r1", 1);
        Claim first = claim("r1", 0, POOL, ofRun);

        assertThat(ask("r1", 1, POOL, ofRun)).isEqualTo(new Claiming.Held(ofRun, Optional.empty()));
        claim("r2", 0, POOL);
        store.succeed(first, List.of(), NOW);
        claim("r1", 1, POOL, ofRun);
    }

    @Test
    void failures_areCountedByWhoseTheyAre_untilTheRunIsTakenOver() {
        store.retry(claim("r1", 0), Budget.PLATFORM, NOW, "lost", NOW);
        store.retry(claim("r1", 0), Budget.PLATFORM, NOW, "lost", NOW);
        store.retry(claim("r1", 0), Budget.TIMEOUT, NOW, "late", NOW);
        store.retry(claim("r1", 0), NOW, "given back", NOW);
        store.fail(claim("r1", 1), Budget.ERROR, "wrong", NOW);

        assertThat(store.failures(key("r1", 0, 0))).isEqualTo(Map.of(Budget.PLATFORM, 2, Budget.TIMEOUT, 1));
        assertThat(store.failures(key("r1", 0, 1))).isEqualTo(Map.of(Budget.ERROR, 1));
        assertThat(store.failures("r1", 0)).isEqualTo(4);
        assertThat(store.failures("r1", 1)).isZero();

        store.takeOver("r1", 1, OTHER, LEASE, OWNER);
        assertThat(store.failures("r1", 0)).isZero();
    }

    @Test
    void howeverManyAsk_neverMoreRunThanThePoolHolds() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        List<Callable<Void>> lanes = new ArrayList<>();
        for (String run : List.of("r1", "r2", "r3")) {
            for (int lane = 0; lane < 2; lane++) {
                int first = lane;
                lanes.add(() -> {
                    for (int position = first; position < INSTANCES; position += 2) {
                        Optional<Claim> claim = Optional.empty();
                        while (claim.isEmpty()) {
                            claim = ask(run, position, POOL).claim();
                        }
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        LockSupport.parkNanos(WORK.toNanos());
                        running.decrementAndGet();
                        store.succeed(claim.get(), List.of(), NOW);
                        done.incrementAndGet();
                    }
                    return null;
                });
            }
        }

        ExecutorService threads = Executors.newFixedThreadPool(lanes.size());
        try {
            for (Future<Void> lane : threads.invokeAll(lanes)) {
                lane.get();
            }
        } finally {
            threads.shutdown();
        }

        assertThat(most).hasPositiveValue().hasValueLessThanOrEqualTo(2);
        assertThat(done).hasValue(3 * INSTANCES);
    }
}
