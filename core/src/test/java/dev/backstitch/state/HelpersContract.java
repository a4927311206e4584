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

import dev.backstitch.error.ErrorCode;
import dev.backstitch.state.RunRecord.LeaseStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every state store must do when several engines work on a run. */
public abstract class HelpersContract {
    private static final String HELPER = OTHER.engine();
    private static final int TASK = 2;

    protected StateStore store;

    /** Opens an empty store. */
    protected abstract StateStore open();

    @BeforeEach
    void openStore() {
        store = open();
        store.create(run("r1"), instances(TASK, 4, InstanceState.READY));
        store.hold("r1", 1, TASK, ENGINE, 0, 4);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void aHelper_isKnownUntilItLeaves() {
        assertThat(store.helpers("r1")).isEmpty();

        assertThat(store.join("r1", 1, HELPER, LEASE)).isTrue();
        assertThat(store.join("r1", 1, HELPER, LEASE)).isTrue();
        assertThat(store.helpers("r1")).containsExactly(new Helper(HELPER, LeaseStatus.HELD, 0));
        assertThat(store.renewHelp("r1", 1, HELPER, LEASE)).isTrue();

        store.leave("r1", HELPER);
        assertThat(store.helpers("r1")).isEmpty();
        assertThat(store.renewHelp("r1", 1, HELPER, LEASE)).isFalse();
    }

    @Test
    void aRun_isHelped_onlyUnderItsEpochAndWhileItRuns() {
        assertThat(store.join("r1", 2, HELPER, LEASE)).isFalse();
        assertThat(store.join("r9", 1, HELPER, LEASE)).isFalse();

        store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.PAUSING, "", NOW);
        assertThat(store.join("r1", 1, HELPER, LEASE)).isFalse();
    }

    @Test
    void whatAHelperRuns_isCounted_andOutlivesItsLease() {
        store.join("r1", 1, HELPER, LEASE);
        store.claim(key("r1", TASK, 0), 1, ENGINE, NOW);
        store.claim(key("r1", TASK, 1), 1, HELPER, NOW);
        store.claim(key("r1", TASK, 2), 1, HELPER, NOW);
        assertThat(store.helpers("r1")).containsExactly(new Helper(HELPER, LeaseStatus.HELD, 2));
        assertThat(store.instances("r1"))
                .extracting(InstanceRecord::claimedBy)
                .containsExactly(ENGINE, HELPER, HELPER, "");

        store.renewHelp("r1", 1, HELPER, Duration.ZERO);
        assertThat(store.helpers("r1")).containsExactly(new Helper(HELPER, LeaseStatus.EXPIRED, 2));

        store.leave("r1", HELPER);
        assertThat(store.helpers("r1")).containsExactly(new Helper(HELPER, LeaseStatus.EXPIRED, 2));
    }

    @Test
    void aTakeOver_dismissesTheHelpers_andTakesTheirWork() {
        store.join("r1", 1, HELPER, LEASE);
        Claim claim = store.claim(key("r1", TASK, 1), 1, HELPER, NOW).orElseThrow();
        store.hold("r1", 1, TASK, HELPER, 1, 2);

        store.takeOver("r1", 1, OWNER, LEASE, OWNER).orElseThrow();
        assertThat(store.join("r1", 2, HELPER, LEASE))
                .as("before its owner has begun")
                .isFalse();

        assertThat(store.helpers("r1")).isEmpty();
        assertThat(store.renewHelp("r1", 1, HELPER, LEASE)).isFalse();
        assertThat(store.renewHelp("r1", 2, HELPER, LEASE)).isFalse();
        StateStoreContract.assertFails(ErrorCode.CONCURRENT_TRANSITION, () -> store.succeed(claim, List.of(), NOW));
        assertThat(store.hold("r1", 2, TASK, ENGINE, 2, 2)).isEqualTo(2);
    }

    @Test
    void whoTakesARunOverFromItself_doesNotUndoAPause_andAnotherDoes() {
        store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.PAUSING, "", NOW);
        store.takeOver("r1", 1, OWNER, LEASE, OWNER).orElseThrow();
        assertThat(store.run("r1").orElseThrow().state()).isEqualTo(RunState.PAUSING);

        store.takeOver("r1", 2, OTHER, LEASE, OWNER).orElseThrow();
        assertThat(store.run("r1").orElseThrow().state()).isEqualTo(RunState.RUNNING);
    }

    @Test
    void anOwner_isNoHelper_andKeepsItsPlacesWhenItsFormerHelpEnds() {
        assertThat(store.join("r1", 1, ENGINE, LEASE)).isFalse();
        assertThat(store.hold("r1", 1, TASK, ENGINE, 4, 4)).isEqualTo(4);

        store.leave("r1", ENGINE);

        store.join("r1", 1, HELPER, LEASE);
        assertThat(store.hold("r1", 1, TASK, HELPER, 1, 4)).isZero();
    }

    @Test
    void anEngineThatTakesNoPart_holdsNoPlace() {
        assertThat(store.hold("r1", 1, TASK, HELPER, 1, 4)).isZero();
        store.join("r1", 1, HELPER, LEASE);
        assertThat(store.hold("r1", 1, TASK, HELPER, 1, 4)).isEqualTo(1);
        store.leave("r1", HELPER);
        assertThat(store.hold("r1", 1, TASK, HELPER, 1, 4)).isZero();
        assertThat(store.hold("r1", 1, TASK, ENGINE, 4, 4)).isEqualTo(4);
    }

    @Test
    void anEnd_leavesNoHelperAndNoPlace() {
        store.join("r1", 1, HELPER, LEASE);
        store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.PAUSED, "", NOW);

        assertThat(store.helpers("r1")).isEmpty();
    }

    @Test
    void places_areGivenUpToTheLimit_andNoFurther() {
        store.join("r1", 1, HELPER, LEASE);
        assertThat(store.hold("r1", 1, TASK, ENGINE, 4, 4)).isEqualTo(4);
        assertThat(store.hold("r1", 1, TASK, HELPER, 2, 4)).isZero();

        assertThat(store.hold("r1", 1, TASK, ENGINE, 3, 4)).isEqualTo(3);
        assertThat(store.hold("r1", 1, TASK, HELPER, 2, 4)).isEqualTo(1);

        store.leave("r1", HELPER);
        assertThat(store.hold("r1", 1, TASK, ENGINE, 4, 4)).isEqualTo(4);
        store.join("r1", 1, HELPER, LEASE);
        assertThat(store.hold("r1", 1, TASK + 1, HELPER, 2, 4)).isEqualTo(2);
        assertThat(store.hold("r1", 2, TASK, HELPER, 2, 4)).isZero();
    }

    @Test
    void enginesThatHoldAtTheSameTime_neverHoldTooMany() throws Exception {
        int limit = 5;
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 10; round++) {
                List<Callable<Integer>> calls = new ArrayList<>();
                for (int engine = 0; engine < 4; engine++) {
                    String name = "worker-" + engine;
                    store.join("r1", 1, name, LEASE);
                    int wanted = (engine + round) % 4;
                    calls.add(() -> store.hold("r1", 1, TASK, name, wanted, limit));
                }
                int held = 0;
                for (Future<Integer> each : threads.invokeAll(calls)) {
                    held += each.get();
                }
                assertThat(held).isLessThanOrEqualTo(limit);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void actedFor_areTheRunsThatSomebodyActsFor_oldestFirst() {
        store.create(run("r0", NOW.minusSeconds(5)), List.of());
        store.create(run("r2", NOW.plusSeconds(5)), List.of());
        store.transition("r2", 1, Set.of(RunState.RUNNING), RunState.FAILED, "", NOW);

        assertThat(store.actedFor()).extracting(RunRecord::id).containsExactly("r0", "r1");
    }
}
