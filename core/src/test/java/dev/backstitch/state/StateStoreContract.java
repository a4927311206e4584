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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.state.RunRecord.LeaseStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every state store must do, on one thread. */
public abstract class StateStoreContract {
    protected StateStore store;

    /** Opens an empty store. */
    protected abstract StateStore open();

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void create_storesRunPlanAndInstances() {
        store.create(run("r1"), instances(0, 3, InstanceState.READY));

        RunRecord stored = store.run("r1").orElseThrow();
        assertThat(stored.dag()).isEqualTo("margin");
        assertThat(stored.actor()).isEqualTo("ada");
        assertThat(stored.planSha()).isEqualTo("sha-r1");
        assertThat(stored.state()).isEqualTo(RunState.RUNNING);
        assertThat(stored.epoch()).isEqualTo(1);
        assertThat(stored.owner()).isEqualTo(OWNER);
        assertThat(stored.lease()).isEqualTo(LeaseStatus.HELD);
        assertThat(stored.createdAt()).isEqualTo(NOW);
        assertThat(stored.endedAt()).isEmpty();
        assertThat(store.plan("r1")).isEqualTo("{\"run\":\"r1\"}");
        assertThat(store.instances("r1"))
                .extracting(InstanceRecord::key)
                .containsExactly(key("r1", 0, 0), key("r1", 0, 1), key("r1", 0, 2));
        InstanceRecord first = store.instances("r1").get(0);
        assertThat(first.partition()).isEqualTo("p0");
        assertThat(first.state()).isEqualTo(InstanceState.READY);
        assertThat(first.attempt()).isZero();
        assertThat(first.notBefore()).isEqualTo(Instant.EPOCH);
        assertThat(first.error()).isEmpty();
        assertThat(first.startedAt()).isEmpty();
        assertThat(first.endedAt()).isEmpty();
    }

    @Test
    void create_isRefused_whenTheIdIsTaken() {
        store.create(run("r1"), instances(0, 1, InstanceState.READY));
        assertFails(ErrorCode.ACTIVE_BACKFILL, () -> store.create(run("r1"), instances(0, 2, InstanceState.READY)));
        assertThat(store.instances("r1")).hasSize(1);
    }

    @Test
    void create_isRefused_whileSomebodyWorksOnARunOfTheDag() {
        store.create(run("r1"), List.of());
        assertFails(ErrorCode.ACTIVE_BACKFILL, () -> store.create(run("r2", "margin", NOW), List.of()));
        assertThat(store.run("r2")).isEmpty();

        store.renew("r1", 1, Duration.ZERO);
        store.create(run("r2", "margin", NOW), List.of());
        store.transition("r2", 1, Set.of(RunState.RUNNING), RunState.FAILED, "", NOW);
        store.create(run("r3", "margin", NOW), List.of());
    }

    @Test
    void restore_storesARunAsNobodyActsForIt() {
        store.restore(run("r1"), 7, RunState.FAILED, "recovered", instances(0, 2, InstanceState.READY));

        RunRecord stored = store.run("r1").orElseThrow();
        assertThat(stored.state()).isEqualTo(RunState.FAILED);
        assertThat(stored.epoch()).isEqualTo(7);
        assertThat(stored.failure()).isEqualTo("recovered");
        assertThat(stored.endedAt()).contains(NOW);
        assertThat(store.takeOver("r1", 7, OTHER, LEASE, OTHER)).contains(8L);
        assertThat(store.claim(key("r1", 0, 1), 8, ENGINE, NOW)).isPresent();
        assertFails(ErrorCode.ACTIVE_BACKFILL, () -> store.restore(run("r1"), 7, RunState.PUBLISHED, "", List.of()));
    }

    @Test
    void create_storesNothing_whenAnInstanceOccursTwice() {
        List<NewInstance> twice = List.of(
                new NewInstance(0, 0, "p", InstanceState.READY), new NewInstance(0, 0, "p", InstanceState.READY));
        assertFails(ErrorCode.STATEMENT_REFUSED, () -> store.create(run("r1"), twice));
        assertThat(store.run("r1")).isEmpty();
    }

    @Test
    void create_keepsALargePlanAndUnicodeText() {
        String plan = "ü𝄞{\"\\".repeat(400_000);
        store.create(
                new NewRun("r1", "dág", "ad'a", plan, "sha", OWNER, LEASE, NOW),
                List.of(new NewInstance(0, 0, "Zürich/2001-01-01", InstanceState.READY)));
        assertThat(store.plan("r1")).isEqualTo(plan);
        assertThat(store.run("r1").orElseThrow().actor()).isEqualTo("ad'a");
        assertThat(store.instances("r1").get(0).partition()).isEqualTo("Zürich/2001-01-01");
    }

    @Test
    void unknownRun_isNothing_andItsPlanIsRefused() {
        assertThat(store.run("r9")).isEmpty();
        assertThat(store.runs()).isEmpty();
        assertThat(store.instances("r9")).isEmpty();
        assertThat(store.nextRunnableAt("r9")).isEmpty();
        assertThat(store.renew("r9", 1, LEASE)).isFalse();
        assertFails(ErrorCode.UNKNOWN_RUN, () -> store.plan("r9"));
    }

    @Test
    void runs_areNewestFirst() {
        store.create(run("r1", NOW), List.of());
        store.create(run("r3", NOW.plusSeconds(2)), List.of());
        store.create(run("r2", NOW.plusSeconds(1)), List.of());
        assertThat(store.runs()).extracting(RunRecord::id).containsExactly("r3", "r2", "r1");
    }

    @Test
    void claim_takesAReadyInstanceOnce() {
        store.create(run("r1"), instances(0, 1, InstanceState.READY));
        assertThat(store.claim(key("r1", 0, 0), 1, ENGINE, NOW))
                .contains(new Claim(key("r1", 0, 0), "p0", 1, 1, ENGINE));
        assertThat(store.claim(key("r1", 0, 0), 1, ENGINE, NOW)).isEmpty();

        InstanceRecord running = store.instances("r1").get(0);
        assertThat(running.state()).isEqualTo(InstanceState.RUNNING);
        assertThat(running.startedAt()).contains(NOW);
        assertThat(running.endedAt()).isEmpty();
    }

    @Test
    void claim_isNothing_whenWaitingUnknownOrOfAnotherEpoch() {
        store.create(run("r1"), instances(0, 1, InstanceState.WAITING));
        store.create(run("r2"), instances(0, 1, InstanceState.READY));
        assertThat(store.claim(key("r1", 0, 0), 1, ENGINE, NOW)).isEmpty();
        assertThat(store.claim(key("r1", 7, 0), 1, ENGINE, NOW)).isEmpty();
        assertThat(store.claim(key("r2", 0, 0), 2, ENGINE, NOW)).isEmpty();
        assertThat(store.claim(key("r2", 0, 0), 0, ENGINE, NOW)).isEmpty();
    }

    @Test
    void aRunThatIsAskedToStop_keepsItsLease_butNothingIsClaimed() {
        for (RunState asked : List.of(RunState.PAUSING, RunState.CANCELLING)) {
            String id = "r-" + asked;
            store.create(run(id), instances(0, 2, InstanceState.READY));
            Claim before = store.claim(key(id, 0, 0), 1, ENGINE, NOW).orElseThrow();

            assertThat(store.transition(id, 1, Set.of(RunState.RUNNING), asked, "by ann", NOW))
                    .isTrue();

            assertThat(store.claim(key(id, 0, 1), 1, ENGINE, NOW)).isEmpty();
            assertThat(store.succeed(before, List.of(key(id, 0, 1)), NOW)).isEmpty();
            assertThat(store.renew(id, 1, LEASE)).isTrue();
            RunRecord record = store.run(id).orElseThrow();
            assertThat(record.lease()).isEqualTo(RunRecord.LeaseStatus.HELD);
            assertThat(record.endedAt()).isEmpty();
            assertThat(store.takeOver(id, 1, OTHER, LEASE, OTHER)).isEmpty();
            assertThat(store.transition(id, 1, Set.of(asked), RunState.PAUSED, "by ann", NOW))
                    .isTrue();
            assertThat(store.run(id).orElseThrow().endedAt()).contains(NOW);
            assertThat(store.takeOver(id, 1, OTHER, LEASE, OTHER)).contains(2L);
            assertThat(store.claim(key(id, 0, 1), 2, ENGINE, NOW)).isPresent();
        }
    }

    @Test
    void takeOver_keepsAWishToCancel_andNothingIsClaimed() {
        store.create(run("r1"), instances(0, 1, InstanceState.READY));
        assertThat(store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.CANCELLING, "by ann", NOW))
                .isTrue();

        assertThat(store.takeOver("r1", 1, OTHER, LEASE, OWNER)).contains(2L);

        assertThat(store.run("r1").orElseThrow().state()).isEqualTo(RunState.CANCELLING);
        assertThat(store.claim(key("r1", 0, 0), 2, ENGINE, NOW)).isEmpty();
    }

    @Test
    void claim_isNothing_whenTheRunHasEnded() {
        store.create(run("r1"), instances(0, 1, InstanceState.READY));
        assertThat(store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.CANCELLED, "", NOW))
                .isTrue();
        assertThat(store.claim(key("r1", 0, 0), 1, ENGINE, NOW)).isEmpty();
    }

    @Test
    void succeed_endsOneAndClaimsTheFirstCandidateThatIsReady() {
        store.create(run("r1"), instances(0, 4, InstanceState.READY));
        Claim first = claim(0);
        claim(1);

        Optional<Claim> next =
                store.succeed(first, List.of(key("r1", 0, 1), key("r1", 0, 3), key("r1", 0, 2)), NOW.plusSeconds(1));

        assertThat(next).contains(new Claim(key("r1", 0, 3), "p3", 1, 1, ENGINE));
        assertThat(store.instances("r1"))
                .extracting(InstanceRecord::state)
                .containsExactly(
                        InstanceState.SUCCEEDED, InstanceState.RUNNING, InstanceState.READY, InstanceState.RUNNING);
        assertThat(store.instances("r1").get(0).endedAt()).contains(NOW.plusSeconds(1));
        assertThat(store.succeed(next.orElseThrow(), List.of(), NOW)).isEmpty();
    }

    @Test
    void succeed_ofWhatIsNoLongerTheCallers_changesNothing() {
        store.create(run("r1"), instances(0, 2, InstanceState.READY));
        Claim first = claim(0);
        store.succeed(first, List.of(), NOW);

        assertFails(ErrorCode.CONCURRENT_TRANSITION, () -> store.succeed(first, List.of(key("r1", 0, 1)), NOW));
        assertThat(store.instances("r1").get(1).state()).isEqualTo(InstanceState.READY);
    }

    @Test
    void retry_makesItRunnableFromItsTimeOn() {
        store.create(run("r1"), instances(0, 1, InstanceState.READY));
        Instant later = NOW.plusSeconds(30);
        store.retry(claim(0), later, "no\0space", NOW.plusSeconds(1));

        assertThat(store.runnable("r1", later.minusNanos(1000), 10)).isEmpty();
        assertThat(store.claim(key("r1", 0, 0), 1, ENGINE, later.minusNanos(1000)))
                .isEmpty();
        assertThat(store.nextRunnableAt("r1")).contains(later);
        assertThat(store.runnable("r1", later, 10)).containsExactly(key("r1", 0, 0));
        assertThat(store.instances("r1").get(0).error()).isEqualTo("no space");
        assertThat(store.instances("r1").get(0).endedAt()).contains(NOW.plusSeconds(1));
        assertThat(store.claim(key("r1", 0, 0), 1, ENGINE, later).orElseThrow().attempt())
                .isEqualTo(2);
        assertThat(store.instances("r1").get(0).error()).isEmpty();
    }

    @Test
    void times_areCutToMicroseconds_andNeverRoundedUp() {
        store.create(run("r1"), instances(0, 1, InstanceState.READY));
        store.retry(claim(0), NOW.plusNanos(999_999), "x", NOW);
        assertThat(store.nextRunnableAt("r1")).contains(NOW.plusNanos(999_000));
    }

    @Test
    void fail_keepsTheError_cutIfTooLong() {
        store.create(run("r1"), instances(0, 1, InstanceState.READY));
        store.fail(claim(0), Budget.PLATFORM, "x".repeat(20_000), NOW);
        InstanceRecord failed = store.instances("r1").get(0);
        assertThat(failed.state()).isEqualTo(InstanceState.FAILED);
        assertThat(failed.error()).hasSize(10_000).endsWith("x…");
        assertThat(store.runnable("r1", NOW, 10)).isEmpty();
    }

    @Test
    void runnable_isOrderedAndBounded() {
        store.create(
                run("r1"),
                List.of(
                        new NewInstance(1, 0, "b", InstanceState.READY),
                        new NewInstance(0, 10, "k", InstanceState.READY),
                        new NewInstance(0, 9, "j", InstanceState.READY),
                        new NewInstance(0, 2, "c", InstanceState.WAITING)));
        store.create(run("r2"), instances(0, 5, InstanceState.READY));
        assertThat(store.runnable("r1", NOW, 10)).containsExactly(key("r1", 0, 9), key("r1", 0, 10), key("r1", 1, 0));
        assertThat(store.runnable("r1", NOW, 2)).containsExactly(key("r1", 0, 9), key("r1", 0, 10));
    }

    @Test
    void open_waitsForEveryUpstreamInstance() {
        List<NewInstance> all = new ArrayList<>(instances(0, 2, InstanceState.READY));
        all.addAll(instances(1, 1, InstanceState.READY));
        all.addAll(instances(2, 3, InstanceState.WAITING));
        store.create(run("r1"), all);
        store.succeed(claim(0), List.of(), NOW);
        Claim last = claim(1);
        assertThat(store.open("r1", 1, 2, Set.of(0))).isZero();
        store.succeed(last, List.of(), NOW);
        assertThat(store.open("r1", 1, 2, Set.of(0, 1))).isZero();
        assertThat(store.open("r1", 2, 2, Set.of(0))).isZero();
        assertThat(store.open("r1", 1, 2, Set.of(0))).isEqualTo(3);
        assertThat(store.open("r1", 1, 2, Set.of(0))).isZero();
        assertThat(store.claim(key("r1", 2, 2), 1, ENGINE, NOW)).isPresent();
    }

    @Test
    void reopen_makesSucceededInstancesReady_andWhatFollowsWait() {
        List<NewInstance> all = new ArrayList<>(instances(0, 2, InstanceState.READY));
        all.addAll(instances(1, 1, InstanceState.READY));
        store.create(run("r1"), all);
        for (InstanceKey key : List.of(key("r1", 0, 0), key("r1", 0, 1))) {
            store.succeed(store.claim(key, 1, ENGINE, NOW).orElseThrow(), List.of(), NOW);
        }

        assertThat(store.reopen("r1", 2, List.of(key("r1", 0, 1)), List.of(1))).isZero();
        assertThat(store.reopen("r1", 1, List.of(key("r1", 1, 0)), List.of(1))).isZero();
        assertThat(store.instances("r1"))
                .extracting(InstanceRecord::state)
                .containsExactly(InstanceState.SUCCEEDED, InstanceState.SUCCEEDED, InstanceState.READY);
        assertThat(store.reopen("r1", 1, List.of(key("r1", 0, 1)), List.of(1))).isEqualTo(1);

        assertThat(store.instances("r1"))
                .extracting(InstanceRecord::state)
                .containsExactly(InstanceState.SUCCEEDED, InstanceState.READY, InstanceState.WAITING);
        assertThat(store.claim(key("r1", 0, 1), 1, ENGINE, NOW))
                .hasValueSatisfying(claim -> assertThat(claim.attempt()).isEqualTo(1));
    }

    @Test
    void counts_areByTaskAndState() {
        List<NewInstance> all = new ArrayList<>(instances(0, 5, InstanceState.READY));
        all.addAll(instances(1, 2, InstanceState.WAITING));
        store.create(run("r1"), all);
        store.succeed(claim(0), List.of(key("r1", 0, 1)), NOW);
        assertThat(store.counts("r1"))
                .containsExactlyInAnyOrder(
                        new TaskCount(0, InstanceState.SUCCEEDED, 1),
                        new TaskCount(0, InstanceState.RUNNING, 1),
                        new TaskCount(0, InstanceState.READY, 3),
                        new TaskCount(1, InstanceState.WAITING, 2));
    }

    @Test
    void transition_needsEpochAndState() {
        store.create(run("r1"), List.of());
        assertThat(store.transition("r1", 2, Set.of(RunState.RUNNING), RunState.FAILED, "x", NOW))
                .isFalse();
        assertThat(store.transition("r1", 1, Set.of(RunState.AUDITED), RunState.FAILED, "x", NOW))
                .isFalse();
        assertThat(store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.PUBLISHED, "", NOW))
                .isTrue();

        RunRecord published = store.run("r1").orElseThrow();
        assertThat(published.state()).isEqualTo(RunState.PUBLISHED);
        assertThat(published.endedAt()).contains(NOW);
        assertThat(published.lease()).isEqualTo(LeaseStatus.EXPIRED);
        assertThat(store.renew("r1", 1, LEASE)).isFalse();

        Instant later = NOW.plusSeconds(9);
        assertThat(store.transition("r1", 1, Set.of(RunState.PUBLISHED), RunState.ROLLED_BACK, "bad", later))
                .isTrue();
        RunRecord rolledBack = store.run("r1").orElseThrow();
        assertThat(rolledBack.failure()).isEqualTo("bad");
        assertThat(rolledBack.endedAt()).contains(NOW);
    }

    @Test
    void takeOver_isRefused_whileTheLeaseIsHeld() {
        store.create(run("r1"), List.of());
        assertThat(store.takeOver("r1", 1, OTHER, LEASE, OTHER)).isEmpty();
        assertThat(store.run("r1").orElseThrow().owner()).isEqualTo(OWNER);
    }

    @Test
    void takeOver_fromADeadOwner_returnsItsInstances() {
        store.create(run("r1"), instances(0, 5, InstanceState.READY));
        Claim running = claim(0);
        store.fail(claim(1), Budget.PLATFORM, "boom", NOW);
        store.succeed(claim(2), List.of(), NOW);
        store.retry(claim(3), NOW.plusSeconds(60), "later", NOW);

        assertThat(store.takeOver("r1", 2, OTHER, LEASE, OWNER)).isEmpty();
        assertThat(store.takeOver("r1", 1, OTHER, LEASE, OWNER)).contains(2L);
        assertThat(store.takeOver("r1", 1, OTHER, LEASE, OWNER)).isEmpty();

        RunRecord taken = store.run("r1").orElseThrow();
        assertThat(taken.owner()).isEqualTo(OTHER);
        assertThat(taken.epoch()).isEqualTo(2);
        assertThat(taken.lease()).isEqualTo(LeaseStatus.HELD);
        List<InstanceRecord> instances = store.instances("r1");
        assertThat(instances)
                .extracting(InstanceRecord::state)
                .containsExactly(
                        InstanceState.READY,
                        InstanceState.READY,
                        InstanceState.SUCCEEDED,
                        InstanceState.READY,
                        InstanceState.READY);
        assertThat(instances).extracting(InstanceRecord::attempt).containsExactly(1, 0, 1, 1, 0);
        assertThat(instances.get(3).notBefore()).isEqualTo(NOW.plusSeconds(60));
        assertThat(store.claim(key("r1", 0, 0), 2, ENGINE, NOW))
                .contains(new Claim(key("r1", 0, 0), running.partition(), 2, 2, ENGINE));
    }

    @Test
    void takeOver_fencesOldClaims() {
        store.create(run("r1"), instances(0, 3, InstanceState.READY));
        Claim old = claim(0);
        store.takeOver("r1", 1, OTHER, LEASE, OWNER);
        Claim taken = store.claim(key("r1", 0, 0), 2, ENGINE, NOW).orElseThrow();
        List<InstanceRecord> before = store.instances("r1");

        assertFails(ErrorCode.CONCURRENT_TRANSITION, () -> store.succeed(old, List.of(key("r1", 0, 1)), NOW));
        assertFails(ErrorCode.CONCURRENT_TRANSITION, () -> store.retry(old, NOW, "x", NOW));
        assertFails(ErrorCode.CONCURRENT_TRANSITION, () -> store.fail(old, Budget.PLATFORM, "x", NOW));
        assertThat(store.claim(key("r1", 0, 1), 1, ENGINE, NOW)).isEmpty();
        assertThat(store.renew("r1", 1, LEASE)).isFalse();
        assertThat(store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.FAILED, "", NOW))
                .isFalse();
        assertThat(store.instances("r1")).isEqualTo(before);

        store.succeed(taken, List.of(), NOW);
    }

    @Test
    void takeOver_resumesAFailedRun() {
        store.create(run("r1"), instances(0, 1, InstanceState.READY));
        store.fail(claim(0), Budget.PLATFORM, "boom", NOW);
        store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.FAILED, "boom", NOW);

        assertThat(store.takeOver("r1", 1, OTHER, LEASE, OTHER)).contains(2L);
        RunRecord resumed = store.run("r1").orElseThrow();
        assertThat(resumed.state()).isEqualTo(RunState.RUNNING);
        assertThat(resumed.failure()).isEmpty();
        assertThat(resumed.endedAt()).isEmpty();
        assertThat(store.claim(key("r1", 0, 0), 2, ENGINE, NOW)).isPresent();
    }

    @Test
    void takeOver_isRefused_whenTheRunWasGivenUp() {
        store.create(run("r1"), List.of());
        store.transition("r1", 1, Set.of(RunState.RUNNING), RunState.CANCELLED, "", NOW);
        assertThat(store.takeOver("r1", 1, OTHER, LEASE, OWNER)).isEmpty();
    }

    @Test
    void takeOver_opensNothingThatStillWaits_butOpenDoesUnderTheNewEpoch() {
        List<NewInstance> all = new ArrayList<>(instances(0, 1, InstanceState.READY));
        all.addAll(instances(1, 1, InstanceState.WAITING));
        store.create(run("r1"), all);
        store.takeOver("r1", 1, OTHER, LEASE, OWNER);
        store.succeed(store.claim(key("r1", 0, 0), 2, ENGINE, NOW).orElseThrow(), List.of(), NOW);
        assertThat(store.open("r1", 1, 1, Set.of(0))).isZero();
        assertThat(store.open("r1", 2, 1, Set.of(0))).isEqualTo(1);
        assertThat(store.claim(key("r1", 1, 0), 2, ENGINE, NOW)).isPresent();
    }

    @Test
    void lease_expiresByTheDatabasesClock_andIsProlongedByRenewal() {
        store.create(new NewRun("r1", "margin", "ada", "{}", "sha", OWNER, Duration.ofMillis(300), NOW), List.of());
        Polling.until(() -> store.run("r1").orElseThrow().lease() == LeaseStatus.EXPIRED);

        assertThat(store.renew("r1", 1, LEASE)).isTrue();
        assertThat(store.run("r1").orElseThrow().lease()).isEqualTo(LeaseStatus.HELD);
        assertThat(store.takeOver("r1", 1, OTHER, LEASE, OTHER)).isEmpty();

        store.renew("r1", 1, Duration.ofMillis(300));
        Polling.until(() -> store.takeOver("r1", 1, OTHER, LEASE, OTHER).isPresent());
        assertThat(store.renew("r1", 1, LEASE)).isFalse();
    }

    @Test
    void interruptedThread_stillRecordsWhatItDid_andStaysInterrupted() {
        store.create(run("r1"), instances(0, 1, InstanceState.READY));
        Claim claim = claim(0);
        Thread.currentThread().interrupt();
        store.succeed(claim, List.of(), NOW);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(store.instances("r1").get(0).state()).isEqualTo(InstanceState.SUCCEEDED);
    }

    @Test
    void theLastRehearsalOfADag_isKept() {
        assertThat(store.rehearsal("margin")).isEmpty();
        store.keepRehearsal("margin", NOW, "first");
        store.keepRehearsal("other", NOW, "another dag's");
        store.keepRehearsal("margin", NOW, "x".repeat(200_000));
        assertThat(store.rehearsal("margin")).contains("x".repeat(200_000));
    }

    private Claim claim(int position) {
        return store.claim(key("r1", 0, position), 1, ENGINE, NOW).orElseThrow();
    }

    static void assertFails(ErrorCode code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        BackstitchException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageStartingWith(code.code());
    }
}
