package dev.backstitch.state;

import static dev.backstitch.state.Fixtures.ENGINE;
import static dev.backstitch.state.Fixtures.NOW;
import static dev.backstitch.state.Fixtures.instances;
import static dev.backstitch.state.Fixtures.key;
import static dev.backstitch.state.Fixtures.run;
import static dev.backstitch.state.StateStoreContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One H2 file and several processes, some of which are killed. */
final class H2ProcessesTest {
    private static final Duration REOPEN = Duration.ofSeconds(6);

    @TempDir
    Path dir;

    @Test
    void twoProcesses_shareAFile_throughAServerOnLoopbackOnly() throws Exception {
        try (StateStore store = StateStores.h2(file());
                StoreProcess other = StoreProcess.start(file())) {
            assertThat(other.ask("open")).startsWith("opened");
            assertThat(other.ask("create r1 3")).isEqualTo("created");
            assertThat(store.instances("r1")).hasSize(3);
            store.create(run("r2"), List.of());
            assertThat(other.ask("runs")).isEqualTo("runs 2");

            assertListensOnLoopbackOnly(ProcessHandle.current().pid());
            assertThat(Listening.addresses(other.pid())).isEmpty();
        }
    }

    @Test
    void processThatLoadedH2WithAnotherAddress_isToldWhyItCannotShareTheFile() throws Exception {
        try (StateStore store = StateStores.h2(file());
                StoreProcess exposed = StoreProcess.start(file(), "-Dh2.bindAddress=0.0.0.0")) {
            store.create(run("r1"), List.of());
            assertThat(exposed.ask("open")).contains("BF-501", "-Dh2.bindAddress=127.0.0.1");
            assertThat(Listening.addresses(exposed.pid())).isEmpty();
        }
    }

    @Test
    void ownerThatCloses_handsTheFileToTheOther() throws Exception {
        try (StoreProcess owner = StoreProcess.start(file())) {
            owner.ask("open");
            owner.ask("create r1 3");
            try (StateStore store = StateStores.h2(file())) {
                owner.ask("close");
                store.create(run("r2"), List.of());
                owner.kill();
                assertThat(store.claim(key("r1", 0, 0), 1, ENGINE, NOW)).isPresent();
                assertThat(store.runs()).hasSize(2);
            }
        }
    }

    @Test
    void killedOwner_losesNothingAcknowledged_andTheFileOpensSoon() throws Exception {
        List<String> acknowledged = new ArrayList<>();
        try (StoreProcess owner = StoreProcess.start(file())) {
            owner.ask("open");
            owner.ask("create r1 5000");
            owner.send("work r1");
            while (acknowledged.size() < 300) {
                acknowledged.add(owner.answer());
            }
            acknowledged.addAll(owner.kill());
        }
        assertThat(acknowledged).as("killed in the middle").hasSizeLessThan(5000);

        long start = System.nanoTime();
        try (StateStore store = StateStores.h2(file())) {
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            System.out.println("reopened in " + took.toMillis() + " ms after kill -9 of the owner");
            assertThat(took).isLessThan(REOPEN);
            assertThat(succeeded(store)).containsAll(acknowledged);
            // One success may have been committed, and killed before it was printed.
            assertThat(succeeded(store).size()).isBetween(acknowledged.size(), acknowledged.size() + 1);
            assertListensOnLoopbackOnly(ProcessHandle.current().pid());
            assertThat(store.takeOver("r1", 1, Fixtures.OTHER, Fixtures.LEASE, Fixtures.OWNER))
                    .contains(2L);
        }
    }

    @Test
    void survivorOfAKilledOwner_goesOn() throws Exception {
        try (StoreProcess owner = StoreProcess.start(file())) {
            owner.ask("open");
            try (StateStore store = StateStores.h2(file())) {
                store.create(run("r1"), instances(0, 10, InstanceState.READY));
                Claim claim = store.claim(key("r1", 0, 0), 1, ENGINE, NOW).orElseThrow();
                assertThat(Listening.addresses(ProcessHandle.current().pid())).isEmpty();

                owner.kill();
                long start = System.nanoTime();
                store.succeed(claim, List.of(key("r1", 0, 1)), NOW);
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                System.out.println("went on in " + took.toMillis() + " ms after kill -9 of the owner");

                assertThat(took).isLessThan(REOPEN);
                assertThat(succeeded(store)).containsExactly("0");
                assertListensOnLoopbackOnly(ProcessHandle.current().pid());
            }
        }
    }

    @Test
    void lanesOfASurvivor_goOn_andOnlyACommitWithoutAnswerReachesThem() throws Exception {
        int count = 4_000;
        try (StoreProcess owner = StoreProcess.start(file())) {
            owner.ask("open");
            try (StateStore store = StateStores.h2(file())) {
                store.create(run("r1"), instances(0, count, InstanceState.READY));
                AtomicInteger cursor = new AtomicInteger();
                AtomicInteger unknown = new AtomicInteger();
                List<CompletableFuture<Void>> lanes = new ArrayList<>();
                for (int lane = 0; lane < 4; lane++) {
                    lanes.add(CompletableFuture.runAsync(() -> {
                        for (int at = cursor.getAndIncrement(); at < count; at = cursor.getAndIncrement()) {
                            InstanceKey key = key("r1", 0, at);
                            Claim claim = new Claim(key, "p" + at, 1, 1, ENGINE);
                            untilStored(
                                    store, unknown, key, InstanceState.READY, () -> store.claim(key, 1, ENGINE, NOW));
                            untilStored(
                                    store,
                                    unknown,
                                    key,
                                    InstanceState.RUNNING,
                                    () -> store.succeed(claim, List.of(), NOW));
                        }
                    }));
                }
                Polling.until(() -> cursor.get() > 100);
                owner.kill();
                assertThat(cursor).as("killed in the middle").hasValueLessThan(count);
                CompletableFuture.allOf(lanes.toArray(CompletableFuture[]::new)).get(2, TimeUnit.MINUTES);

                System.out.println(unknown + " commits had no answer when the owner was killed");
                assertThat(unknown).hasValueLessThanOrEqualTo(4);
                assertThat(store.counts("r1")).containsExactly(new TaskCount(0, InstanceState.SUCCEEDED, count));
                assertThat(store.instances("r1"))
                        .extracting(InstanceRecord::attempt)
                        .containsOnly(1);
            }
        }
    }

    @Test
    void processesThatOpenANewFileTogether_migrateItOnce_andDoItAgainAfterAKill() throws Exception {
        List<StoreProcess> processes = new ArrayList<>();
        try {
            for (int each = 0; each < 4; each++) {
                processes.add(StoreProcess.start(file()));
            }
            for (StoreProcess each : processes) {
                assertThat(each.ask("ready")).isEqualTo("ready");
            }
            openTogether(processes);
            for (int each = 0; each < 4; each++) {
                assertThat(processes.get(each).ask("create r" + each + " 10")).isEqualTo("created");
            }
            for (StoreProcess each : processes) {
                each.kill();
            }
            processes.clear();
            for (int each = 0; each < 3; each++) {
                processes.add(StoreProcess.start(file()));
            }
            for (StoreProcess each : processes) {
                each.ask("ready");
            }
            openTogether(processes);
            for (StoreProcess each : processes) {
                assertThat(each.ask("runs")).isEqualTo("runs 4");
            }
            int owners = 0;
            for (StoreProcess each : processes) {
                owners += Listening.addresses(each.pid()).isEmpty() ? 0 : 1;
            }
            assertThat(owners).isEqualTo(1);
        } finally {
            processes.forEach(StoreProcess::close);
        }
    }

    @Test
    void takeOver_betweenProcesses_isGivenToOne() throws Exception {
        try (StateStore store = StateStores.h2(file());
                StoreProcess one = StoreProcess.start(file());
                StoreProcess two = StoreProcess.start(file())) {
            store.create(run("r1"), instances(0, 2_000, InstanceState.READY));
            one.ask("open");
            two.ask("open");
            one.send("take r1");
            two.send("take r1");
            assertThat(List.of(one.answer(), two.answer()))
                    .containsExactlyInAnyOrder("epoch Optional[2]", "epoch Optional.empty");
        }
    }

    @Test
    void hostThatExposesH2_opensWithoutServer_andOthersAreRefused() throws Exception {
        try (StoreProcess owner = StoreProcess.start(file(), "-Dh2.bindAddress=0.0.0.0")) {
            assertThat(owner.ask("open")).startsWith("opened");
            assertThat(Listening.addresses(owner.pid())).isEmpty();
            assertFails(ErrorCode.STATE_IN_USE, () -> StateStores.h2(file()));
            assertThat(owner.ask("create r1 1")).isEqualTo("created");
        }
    }

    /** Writes, and after an unknown outcome reads and writes again if the instance is still as it was before. */
    private static void untilStored(
            StateStore store, AtomicInteger unknown, InstanceKey key, InstanceState before, Runnable write) {
        try {
            write.run();
        } catch (BackstitchException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.CONNECTION_LOST);
            unknown.incrementAndGet();
            if (store.instances(key.run()).get(key.position()).state() == before) {
                write.run();
            }
        }
    }

    private Path file() {
        return dir.resolve("state");
    }

    private static void openTogether(List<StoreProcess> processes) throws Exception {
        long start = System.nanoTime();
        for (StoreProcess each : processes) {
            each.send("open");
        }
        List<String> answers = new ArrayList<>();
        for (StoreProcess each : processes) {
            answers.add(each.answer());
        }
        assertThat(answers).allMatch(answer -> answer.startsWith("opened"));
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        System.out.println(processes.size() + " processes opened together in " + took.toMillis() + " ms: " + answers);
        assertThat(took).isLessThan(Duration.ofSeconds(30));
    }

    private static List<String> succeeded(StateStore store) {
        return store.instances("r1").stream()
                .filter(instance -> instance.state() == InstanceState.SUCCEEDED)
                .map(instance -> "" + instance.key().position())
                .toList();
    }

    private static void assertListensOnLoopbackOnly(long pid) throws Exception {
        assertThat(Listening.addresses(pid)).isNotEmpty().allMatch(InetAddress::isLoopbackAddress);
    }
}
