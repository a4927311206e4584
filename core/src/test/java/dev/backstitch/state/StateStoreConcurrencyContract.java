package dev.backstitch.state;

import static dev.backstitch.state.Fixtures.ENGINE;
import static dev.backstitch.state.Fixtures.LEASE;
import static dev.backstitch.state.Fixtures.NOW;
import static dev.backstitch.state.Fixtures.OWNER;
import static dev.backstitch.state.Fixtures.instances;
import static dev.backstitch.state.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every state store must do when several threads use it at once. */
public abstract class StateStoreConcurrencyContract {
    private static final int THREADS = 8;
    private static final int TAKE_OVERS = 40;

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
    void create_letsOneOfSeveralThatStartADagAtOnce() throws Exception {
        Queue<String> created = new ConcurrentLinkedQueue<>();
        inParallel(thread -> {
            try {
                store.create(run("run-" + thread, "margin", NOW), instances(0, 3, InstanceState.READY));
                created.add("run-" + thread);
            } catch (BackstitchException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.ACTIVE_BACKFILL);
            }
        });
        assertThat(created).hasSize(1);
        assertThat(store.runs()).extracting(RunRecord::id).containsExactlyElementsOf(created);
    }

    @Test
    void claim_givesEachInstanceToOneThread() throws Exception {
        int count = 1_000;
        store.create(run("r1"), instances(0, count, InstanceState.READY));
        List<InstanceKey> runnable = store.runnable("r1", NOW, count);
        Queue<Claim> claims = new ConcurrentLinkedQueue<>();
        inParallel(thread -> {
            for (InstanceKey key : runnable) {
                store.claim(key, 1, ENGINE, NOW).ifPresent(claims::add);
            }
        });
        assertThat(claims).hasSize(count).extracting(Claim::key).containsExactlyInAnyOrderElementsOf(runnable);
    }

    @Test
    void succeed_givesEachInstanceToOneLane_whenCandidatesOverlapInAnyOrder() throws Exception {
        int count = 600;
        store.create(run("r1"), instances(0, count, InstanceState.READY));
        Queue<InstanceKey> done = new ConcurrentLinkedQueue<>();
        inParallel(thread -> {
            Random random = new Random(thread);
            List<InstanceKey> runnable = store.runnable("r1", NOW, 16);
            while (!runnable.isEmpty()) {
                Optional<Claim> claim = store.claim(runnable.get(random.nextInt(runnable.size())), 1, ENGINE, NOW);
                while (claim.isPresent()) {
                    List<InstanceKey> candidates = new ArrayList<>(store.runnable("r1", NOW, 8));
                    Collections.shuffle(candidates, random);
                    done.add(claim.orElseThrow().key());
                    claim = store.succeed(claim.orElseThrow(), candidates, NOW);
                }
                runnable = store.runnable("r1", NOW, 16);
            }
        });
        assertThat(done).hasSize(count).doesNotHaveDuplicates();
        assertThat(store.counts("r1")).containsExactly(new TaskCount(0, InstanceState.SUCCEEDED, count));
        assertThat(store.instances("r1")).extracting(InstanceRecord::attempt).containsOnly(1);
    }

    @Test
    void takeOver_leavesNoOldClaimBehind_whileZombiesGoOn() throws Exception {
        int count = 3_000;
        store.create(run("r1"), instances(0, count, InstanceState.READY));
        AtomicLong epoch = new AtomicLong(1);
        Queue<InstanceKey> succeeded = new ConcurrentLinkedQueue<>();
        Queue<Long> fenced = new ConcurrentLinkedQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        inParallel(thread -> {
            if (thread == 0) {
                // More of them where chance has kept every zombie from being caught.
                for (int each = 0; each < TAKE_OVERS || (fenced.isEmpty() && each < 50 * TAKE_OVERS); each++) {
                    epoch.set(store.takeOver("r1", epoch.get(), OWNER, LEASE, OWNER)
                            .orElseThrow());
                }
                over.set(true);
                return;
            }
            Random random = new Random(thread);
            while (!over.get()) {
                long mine = epoch.get();
                List<InstanceKey> runnable = store.runnable("r1", NOW, 50);
                if (runnable.isEmpty()) {
                    return;
                }
                InstanceKey key = runnable.get(random.nextInt(runnable.size()));
                Optional<Claim> claim = store.claim(key, mine, ENGINE, NOW);
                // Some are left running, as a killed process leaves them.
                if (claim.isPresent() && random.nextInt(4) > 0) {
                    try {
                        store.succeed(claim.orElseThrow(), List.of(), NOW);
                        succeeded.add(key);
                    } catch (BackstitchException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.CONCURRENT_TRANSITION);
                        fenced.add(mine);
                    }
                }
            }
        });
        // Once more, so that what was claimed under the last epoch is returned too.
        long last = store.takeOver("r1", epoch.get(), OWNER, LEASE, OWNER).orElseThrow();

        assertThat(last).isGreaterThanOrEqualTo(TAKE_OVERS + 2);
        assertThat(fenced).as("the race took place").isNotEmpty();
        assertThat(succeeded).doesNotHaveDuplicates();
        List<InstanceKey> ready = new ArrayList<>();
        for (InstanceRecord instance : store.instances("r1")) {
            if (instance.state() != InstanceState.SUCCEEDED) {
                assertThat(instance.state()).isEqualTo(InstanceState.READY);
                ready.add(instance.key());
            }
        }
        assertThat(ready).doesNotContainAnyElementsOf(succeeded).hasSize(count - succeeded.size());
        for (InstanceKey key : ready) {
            assertThat(store.claim(key, last, ENGINE, NOW))
                    .as("under the last epoch")
                    .isPresent();
        }
    }

    @Test
    void takeOver_isGivenToOne() throws Exception {
        store.create(run("r1"), instances(0, 100, InstanceState.READY));
        Queue<Long> taken = new ConcurrentLinkedQueue<>();
        inParallel(thread -> store.takeOver("r1", 1, OWNER, LEASE, OWNER).ifPresent(taken::add));
        assertThat(taken).containsExactly(2L);
    }

    @Test
    void create_isGivenToOne() throws Exception {
        Queue<ErrorCode> refused = new ConcurrentLinkedQueue<>();
        inParallel(thread -> {
            try {
                store.create(run("r1"), instances(0, 100, InstanceState.READY));
            } catch (BackstitchException e) {
                refused.add(e.code());
            }
        });
        assertThat(refused).hasSize(THREADS - 1).containsOnly(ErrorCode.ACTIVE_BACKFILL);
        assertThat(store.instances("r1")).hasSize(100);
    }

    @Test
    void open_isDoneOnce_whenLanesEndTogether() throws Exception {
        List<NewInstance> all = new ArrayList<>(instances(0, THREADS, InstanceState.READY));
        all.addAll(instances(1, 50, InstanceState.WAITING));
        store.create(run("r1"), all);
        Collection<Integer> opened = new ConcurrentLinkedQueue<>();
        inParallel(thread -> {
            store.succeed(
                    store.claim(new InstanceKey("r1", 0, thread), 1, ENGINE, NOW)
                            .orElseThrow(),
                    List.of(),
                    NOW);
            opened.add(store.open("r1", 1, 1, Set.of(0)));
        });
        assertThat(opened.stream().mapToInt(Integer::intValue).sum()).isEqualTo(50);
        assertThat(opened).contains(50);
    }

    private interface Lane {
        void run(int thread);
    }

    private static void inParallel(Lane lane) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> lanes = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                int number = thread;
                Callable<?> call = () -> {
                    start.await();
                    lane.run(number);
                    return null;
                };
                lanes.add(threads.submit(call));
            }
            start.countDown();
            for (Future<?> each : lanes) {
                each.get(2, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
