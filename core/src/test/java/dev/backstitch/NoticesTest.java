package dev.backstitch;

import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import com.sun.net.httpserver.HttpServer;
import dev.backstitch.notice.Notice;
import dev.backstitch.notice.Notice.Kind;
import dev.backstitch.notice.Notifier;
import dev.backstitch.notice.Notifiers;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Audit;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.NoticeRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** People are told of each thing once, whatever their channel does, and a channel that is down keeps no run waiting. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NoticesTest {
    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final MutableClock clock = new MutableClock("2026-03-01T12:00:00Z");
    private final List<Notice> told = new CopyOnWriteArrayList<>();
    private final List<Backstitch> open = new ArrayList<>();
    private final Dag dag = new Dag("sums", Samples.backfill("sums"));

    private Notifier channel(String name, int failures) {
        List<String> failed = new CopyOnWriteArrayList<>();
        return new Notifier() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public void tell(Notice notice) throws IOException {
                if (failed.stream().filter(notice.key()::equals).count() < failures) {
                    failed.add(notice.key());
                    throw new IOException("no answer");
                }
                told.add(notice);
            }
        };
    }

    private Backstitch engine(Dag of, Notifier... channels) {
        BackstitchConfig config = BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                .clock(clock)
                .sweep(Duration.ofMillis(20));
        for (Notifier channel : channels) {
            config = config.notifying(channel);
        }
        Backstitch engine = Backstitch.open(config).register(of);
        open.add(engine);
        return engine;
    }

    @AfterEach
    void closeAll() {
        open.forEach(Backstitch::close);
    }

    private static void until(java.util.function.BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    private List<Kind> kinds() {
        return told.stream().map(Notice::kind).toList();
    }

    @Test
    void aRun_isToldWhenItBeginsAndEnds_andNoPartitionIs() {
        Backstitch engine = engine(dag, channel("pager", 0));

        RunResult result = engine.run(engine.plan(dag));
        engine.close();

        assertThat(kinds()).containsExactly(Kind.STARTED, Kind.PUBLISHED);
        Notice published = told.get(1);
        assertThat(published.key()).isEqualTo(result.run() + "/PUBLISHED/1");
        assertThat(published.dag()).isEqualTo("sums");
        assertThat(published.owners()).containsExactly("data-eng@example.com");
        assertThat(published.text()).isEqualTo("the run is PUBLISHED");
        assertThat(published.commands()).containsExactly("report " + result.run(), "rollback " + result.run());
    }

    @Test
    void aFailure_isTold_andSoIsWhatBecameOfIt() {
        connector.found = 1;
        Backstitch engine = engine(dag, channel("pager", 0));
        String run = engine.run(engine.plan(dag)).run();
        until(() -> kinds().contains(Kind.FAILED));
        assertThat(told.get(1).text()).startsWith("BF-320 audit of ");
        assertThat(told.get(1).commands()).contains("explain " + run);

        connector.found = 0;
        assertThat(engine.resume(run).await().state()).isEqualTo(RunState.PUBLISHED);
        engine.rollback(run);

        until(() -> kinds().contains(Kind.ROLLED_BACK));
        assertThat(kinds()).doesNotHaveDuplicates();
    }

    @Test
    void aChannelThatFails_isTriedAgain_andAnotherIsNotKept() {
        Backstitch engine = engine(dag, channel("flaky", 2), channel("steady", 0));
        engine.run(engine.plan(dag));
        until(() -> told.size() >= 2);

        // The pauses double, by the engine's clock.
        for (int i = 0; i < 4; i++) {
            clock.forward(ofMinutes(1));
            int before = told.size();
            until(() -> told.size() > before || told.size() == 4 || due(engine).isEmpty());
        }
        until(() -> told.size() == 4);

        assertThat(new HashSet<>(told)).hasSize(2);
        assertThat(engine.notices(engine.runs().get(0).id()))
                .extracting(NoticeRecord::channel, NoticeRecord::state, NoticeRecord::attempts)
                .containsExactlyInAnyOrder(
                        tuple("flaky", 3), tuple("flaky", 3), tuple("steady", 1), tuple("steady", 1));
    }

    private static org.assertj.core.groups.Tuple tuple(String channel, int attempts) {
        return org.assertj.core.groups.Tuple.tuple(channel, NoticeRecord.State.TOLD, attempts);
    }

    private static List<NoticeRecord> due(Backstitch engine) {
        return engine.config().state().pendingNotices("flaky").stream()
                .filter(notice ->
                        !notice.nextAt().isAfter(engine.config().clock().instant()))
                .toList();
    }

    @Test
    void aChannelThatHangs_keepsNoRunWaiting() {
        CountDownLatch hangs = new CountDownLatch(1);
        Notifier stuck = new Notifier() {
            @Override
            public String name() {
                return "stuck";
            }

            @Override
            public void tell(Notice notice) throws InterruptedException {
                hangs.await();
            }
        };
        Backstitch engine = engine(dag, stuck);

        assertThat(engine.run(engine.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);
        assertThat(engine.run(engine.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);

        hangs.countDown();
    }

    @Test
    void aChannelThatNeverAnswers_isGivenUp() {
        Backstitch engine = engine(dag, channel("dead", 1000));
        String run = engine.run(engine.plan(dag)).run();

        until(() -> engine.notices(run).size() == 2);
        until(() -> {
            clock.forward(ofHours(1));
            return engine.notices(run).stream().allMatch(notice -> notice.state() == NoticeRecord.State.GIVEN_UP);
        });

        assertThat(engine.notices(run)).extracting(NoticeRecord::attempts).containsOnly(10);
        assertThat(told).isEmpty();
    }

    @Test
    void anEndThatACrashKeptFromBeingTold_isToldByTheNextEngine_once() {
        Backstitch silent = engine(dag);
        String run = silent.run(silent.plan(dag)).run();
        silent.close();

        Backstitch next = engine(dag, channel("pager", 0));
        until(() -> told.size() == 2);
        next.close();
        engine(dag, channel("pager", 0)).close();

        assertThat(told).extracting(Notice::key).containsExactlyInAnyOrder(run + "/started", run + "/PUBLISHED/1");
    }

    @Test
    void aBreach_isTold_andThatItIsOver() {
        Dag watched = new Dag(
                "sums",
                Samples.backfill("sums")
                        .watch(ofHours(24))
                        .every(ofMinutes(15))
                        .check(new Audit.FindsNothing(
                                "odd_rows", "select 1 from :shadow where false", Audit.Severity.BLOCKING)));
        Backstitch engine = engine(watched, channel("pager", 0));
        engine.run(engine.plan(watched));
        connector.found = 2;
        clock.forward(ofMinutes(15));
        until(() -> kinds().contains(Kind.BREACH));
        connector.found = 0;
        clock.forward(ofMinutes(15));
        until(() -> kinds().contains(Kind.BREACH_OVER));

        assertThat(told)
                .extracting(Notice::key)
                .contains(
                        engine.runs().get(0).id() + "/watch/sums/1",
                        engine.runs().get(0).id() + "/watch/sums/2");
        assertThat(told.stream()
                        .filter(notice -> notice.kind() == Kind.BREACH)
                        .findFirst()
                        .orElseThrow()
                        .text())
                .isEqualTo("sums is not as it should be: [odd_rows: expected no row, observed 2 rows]");
    }

    @Test
    void aWebhook_isSentTheSameKeyEachTime_andSigned() throws Exception {
        List<String> keys = new CopyOnWriteArrayList<>();
        List<String> accepted = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/hook", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String key = exchange.getRequestHeaders().getFirst("Idempotency-Key");
            keys.add(key);
            String signature = "sha256="
                    + Hashing.hmacSha256(System.getenv("PATH").getBytes(StandardCharsets.UTF_8))
                            .hashString(body, StandardCharsets.UTF_8);
            boolean signed = signature.equals(exchange.getRequestHeaders().getFirst("Backstitch-Signature"));
            boolean accepts = signed && keys.stream().filter(key::equals).count() == 3;
            if (accepts) {
                accepted.add(key);
            }
            exchange.sendResponseHeaders(accepts ? 204 : 503, -1);
            exchange.close();
        });
        server.start();
        try {
            URI hook = URI.create("http://localhost:" + server.getAddress().getPort() + "/hook?secret=s3cret");
            Backstitch engine = engine(dag, Notifiers.webhook(hook).signedBy("PATH"));
            String run = engine.run(engine.plan(dag)).run();

            until(() -> engine.notices(run).size() == 2);
            until(() -> {
                clock.forward(ofMinutes(1));
                return accepted.size() == 2;
            });
            // The answer may still be on its way.
            until(() -> engine.notices(run).stream().allMatch(notice -> notice.state() == NoticeRecord.State.TOLD));

            assertThat(accepted).containsExactlyInAnyOrder(run + "/started", run + "/PUBLISHED/1");
            assertThat(keys).hasSize(6);
            assertThat(engine.notices(run).toString()).doesNotContain("s3cret").doesNotContain(System.getenv("PATH"));
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aFile_andAProgram_areGivenJson() throws IOException {
        Path file = dir.resolve("notices/all.jsonl");
        Path byProgram = dir.resolve("by-program");
        Backstitch engine = engine(
                dag,
                Notifiers.file(file),
                Notifiers.log(),
                Notifiers.command(List.of("dd", "of=" + byProgram, "status=none")));

        String run = engine.run(engine.plan(dag)).run();
        engine.close();

        assertThat(Files.readAllLines(file))
                .hasSize(2)
                .last()
                .asString()
                .startsWith("{\"key\":\"" + run + "/PUBLISHED/1\",\"kind\":\"PUBLISHED\"")
                .contains("\"owners\":[\"data-eng@example.com\"]");
        assertThat(byProgram).content().contains("\"kind\":\"PUBLISHED\"");
    }
}
