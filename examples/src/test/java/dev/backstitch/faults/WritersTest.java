package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Run;
import dev.backstitch.faults.Call.Store;
import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import dev.backstitch.run.RunResult;
import dev.backstitch.state.RunState;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.EnumSource;

/** No write that an application was told is written is ever lost, whatever the backfill does meanwhile. */
class WritersTest {
    private static final long SEED = Long.getLong("backstitch.seed", 20260301L);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<LocalDate> SCOPE = days(3, 4, 5, 6);
    private static final List<LocalDate> OUTSIDE = days(1, 2, 7, 8);
    private static final List<LocalDate> EVERYWHERE = days(1, 2, 3, 4, 5, 6, 7, 8);
    private static final List<Publishing> LATE = List.of(Publishing.REPLACE_LATE, Publishing.SWAP_LATE);

    @TempDir
    static Path directory;

    private static Laboratory laboratory;

    @BeforeAll
    static void prepare() {
        laboratory = new Laboratory(directory);
    }

    @AfterAll
    static void close() throws IOException {
        laboratory.close();
    }

    private static List<LocalDate> days(int... days) {
        return Arrays.stream(days).mapToObj(day -> LocalDate.of(2026, 3, day)).toList();
    }

    /** A look: at one database, whose writers are shown a replace and a swap by turns. */
    @Tag(Look.TAG)
    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void writes_survive(Product product) throws Exception {
        run(product, 1, 1, 1);
    }

    @Tag("fault")
    @ParameterizedTest
    @EnumSource
    void writes_survive_inManyRuns(Product product) throws Exception {
        Totals totals = run(product, 25, 13, 13);
        assertThat(totals.acks).as("acknowledged writes").isGreaterThan(5_000);
    }

    /** Counts over many runs. */
    private static final class Totals {
        private final List<String> lines = new ArrayList<>();
        private int acks;
        private int rejected;

        void add(String what, Acks log, Phase... inFlight) {
            acks += log.count();
            rejected += log.rejections();
            StringBuilder line =
                    new StringBuilder(what + ": " + log.count() + " acks, " + log.rejections() + " rejected");
            for (Phase phase : inFlight) {
                line.append(", ").append(phase).append(' ').append(log.count(phase));
            }
            lines.add(line.toString());
        }

        void print(String title) {
            System.out.println("writers: " + title + ": " + acks + " acknowledged, " + rejected + " rejected, 0 lost");
            lines.forEach(line -> System.out.println("  " + line));
        }
    }

    private static Totals run(Product product, int outside, int neverStopping, int pausing) throws Exception {
        Totals totals = new Totals();
        for (int i = 0; i < outside; i++) {
            publishedBesideWritersOutsideTheScope(product, SEED + i, totals);
        }
        for (int i = 0; i < neverStopping; i++) {
            refusedWhileWritersNeverStop(product, Publishing.ALONE.get((i + product.ordinal()) % 2), SEED + i, totals);
        }
        for (int i = 0; i < neverStopping; i++) {
            publishedWhileWritersNeverStop(product, LATE.get((i + product.ordinal()) % 2), SEED + i, totals);
        }
        for (int i = 0; i < pausing; i++) {
            publishedWhenWritersBeginAgainDuringThePublish(
                    product, Publishing.ALONE.get((i + product.ordinal()) % 2), SEED + i, totals);
        }
        // Only there does a view take writes.
        for (int i = 0; product == Product.POSTGRESQL && i < pausing; i += 2) {
            refusedWhileWritersNeverStop(product, Publishing.REPOINT, SEED + i, totals);
            publishedWhenWritersBeginAgainDuringThePublish(product, Publishing.REPOINT, SEED + i, totals);
        }
        totals.print(product + ", seed " + SEED);
        return totals;
    }

    /** What the engine does, by its latest call to the target. */
    private static Phase phase(Tap tap) {
        List<Call> calls = tap.calls();
        for (int i = calls.size() - 1; i >= 0; i--) {
            if (calls.get(i).store() == Store.TARGET) {
                return calls.get(i).phase();
            }
        }
        return Phase.OTHER;
    }

    /** Gives writers time before each of the engine's statements, so that every phase sees some of them. */
    private static Policy paced(Acks acks) {
        return Policy.when(call -> call.store() == Store.TARGET, (call, sending) -> {
            int enough = acks.count() + 2;
            await(Duration.ofMillis(5), () -> acks.count() >= enough);
            return sending.send();
        });
    }

    private static boolean await(Duration atMost, BooleanSupplier condition) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(200));
        }
        return true;
    }

    private static void publishedBesideWritersOutsideTheScope(Product product, long seed, Totals totals)
            throws Exception {
        Site site = laboratory.fresh(product);
        Acks acks = new Acks();
        Tap tap = new Tap().with(paced(acks));
        List<String> expected;
        try (Rig rig = site.open(tap)) {
            expected = expected(rig);
            try (Writers writers = writers(rig, OUTSIDE, acks, tap).start(0, seed)) {
                Forward.publish(rig.engine(), Orders.dag(Publishing.REPLACE));
                writers.stop();
            }
            assertNothingLost(rig, acks, expected);
        }
        assertThat(acks.count(Phase.MERGE)).isPositive();
        totals.add("replace, writes outside", acks, Phase.SHADOW, Phase.MERGE, Phase.AUDIT, Phase.PUBLISH);
        laboratory.drop(site);
    }

    private static void refusedWhileWritersNeverStop(Product product, Publishing publishing, long seed, Totals totals)
            throws Exception {
        Site site = laboratory.fresh(product, publishing);
        Acks acks = new Acks();
        Tap tap = new Tap().with(paced(acks));
        String failure;
        try (Rig rig = site.open(tap)) {
            List<String> before = rows(rig);
            List<LocalDate> days = publishing == Publishing.SWAP && seed % 4 == 1 ? OUTSIDE : SCOPE;
            try (Writers writers = writers(rig, days, acks, tap).start(0, seed)) {
                Run run = rig.engine().start(rig.engine().plan(Orders.lenient(publishing)));
                RunResult result = run.await();
                assertThat(result.state()).isNotEqualTo(RunState.PUBLISHED);
                failure = result.failure();
                writers.stop();
                assertNothingLost(rig, acks, before);
                rig.engine().cancel(run.id());
                assertNothingLost(rig, acks, before);
            }
        }
        try (Site.Source source = site.target();
                Connection connection = source.source().getConnection()) {
            assertThat(Sql.column(connection, product.leftovers()))
                    .filteredOn(name -> !name.startsWith("session"))
                    .isEmpty();
        }
        // A swap may notice writes outside the scope already when the shadow is measured; DuckDB's fence, while it
        // begins.
        assertThat(failure).containsAnyOf("BF-402", "rows outside the scope unchanged", "BF-312");
        totals.add(publishing + " refused", acks, Phase.SHADOW, Phase.MERGE, Phase.AUDIT, Phase.PUBLISH);
        laboratory.drop(site);
    }

    /**
     * What is acknowledged before, during and after the publish is there afterwards, beside what the source brought. DuckDB's
     * fence begins anew when somebody commits while it is put up, so that the publish isn't slowed down there: it would never
     * be done.
     */
    private static void publishedWhileWritersNeverStop(Product product, Publishing publishing, long seed, Totals totals)
            throws Exception {
        Site site = laboratory.fresh(product, publishing);
        Acks acks = new Acks();
        Tap tap = new Tap()
                .with((call, sending) -> product == Product.DUCKDB && isPublish(call)
                        ? sending.send()
                        : paced(acks).on(call, sending));
        try (Rig rig = site.open(tap)) {
            List<String> expected = undisturbed(product, publishing);
            List<LocalDate> days = publishing.swaps() ? EVERYWHERE : SCOPE;
            try (Writers writers = writers(rig, days, acks, tap).start(0, seed)) {
                Forward.publish(rig.engine(), Orders.besideWriters(publishing));
                await(Duration.ofMillis(20), () -> false);
                writers.stop();
            }
            assertNothingLost(rig, acks, expected);
        }
        assertThat(acks.count(Phase.AUDIT)).as("writes after the seed").isPositive();
        totals.add(publishing + " caught up", acks, Phase.SHADOW, Phase.MERGE, Phase.AUDIT, Phase.PUBLISH);
        laboratory.drop(site);
    }

    private static List<String> undisturbed(Product product, Publishing publishing) throws Exception {
        Site site = laboratory.fresh(product, publishing);
        try (Rig rig = site.open(new Tap())) {
            int before = rows(rig).size();
            Forward.publish(rig.engine(), Orders.besideWriters(publishing));
            List<String> rows = rows(rig);
            assertThat(rows).hasSizeGreaterThan(before);
            return rows;
        } finally {
            laboratory.drop(site);
        }
    }

    private static void publishedWhenWritersBeginAgainDuringThePublish(
            Product product, Publishing publishing, long seed, Totals totals) throws Exception {
        Site site = laboratory.fresh(product, publishing);
        Acks early = new Acks();
        Acks late = new Acks();
        Hold hold = new Hold(heldCall(product, publishing, seed));
        Tap tap = new Tap().with(hold);
        try (Rig rig = site.open(tap)) {
            try (Writers writers = writers(rig, SCOPE, early, tap).start(0, seed)) {
                await(Duration.ofSeconds(5), () -> early.count() > 40);
                writers.stop();
            }
            List<String> expected = expected(rig);
            Run run = rig.engine().start(rig.engine().plan(Orders.lenient(publishing)));
            hold.awaitReached(PATIENCE);
            try (Writers writers = writers(rig, SCOPE, late, tap).start(1, seed)) {
                awaitContention(rig, product, late);
                hold.release();
                assertThat(run.await().state()).as(() -> run.await().failure()).isEqualTo(RunState.PUBLISHED);
                int enough = late.count() + 40;
                await(Duration.ofSeconds(5), () -> late.count() > enough);
                writers.stop();
            }
            assertNothingLost(rig, late, expected);
            assertThat(late.count()).isPositive();
        }
        totals.add(publishing + " writers again during the publish, before", early);
        totals.add(publishing + " writers again during the publish, then", late, Phase.PUBLISH);
        laboratory.drop(site);
    }

    /** On PostgreSQL a writer waits for the publish's lock; on DuckDB it is refused. */
    private static void awaitContention(Rig rig, Product product, Acks late) throws SQLException {
        if (product == Product.DUCKDB) {
            assertThat(await(Duration.ofSeconds(10), () -> late.rejections() > 0))
                    .as("a writer was refused during the publish")
                    .isTrue();
            return;
        }
        try (Connection connection = rig.target().source().getConnection()) {
            assertThat(await(Duration.ofSeconds(10), () -> blocked(connection) > 0))
                    .as("a writer waits for the publish's lock")
                    .isTrue();
        }
    }

    private static int blocked(Connection connection) {
        try {
            return Integer.parseInt(Sql.one(
                    connection,
                    "select count(*) from pg_locks where not granted and locktype = 'relation'"
                            + " and relation = 'app.orders'::regclass"));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A call of the publish's transaction behind its fence, another one for each seed. */
    private static Predicate<Call> heldCall(Product product, Publishing publishing, long seed)
            throws SQLException, IOException {
        List<Call> publish = publishCalls(product, publishing);
        int fence = Fence.lastOf(product, publish);
        Call chosen = publish.get(fence + 1 + new Random(seed).nextInt(publish.size() - fence - 1));
        long place = publish.stream()
                .filter(call -> call.number() <= chosen.number())
                .count();
        AtomicLong seen = new AtomicLong();
        return call -> isPublish(call) && seen.incrementAndGet() == place;
    }

    private static List<Call> publishCalls(Product product, Publishing publishing) throws SQLException, IOException {
        Site site = laboratory.fresh(product, publishing);
        try {
            List<Call> calls = Laboratory.calls(site, publishing, Child.Action.PUBLISH).stream()
                    .filter(WritersTest::isPublish)
                    .toList();
            int commit = calls.size() - 1;
            while (!calls.get(commit).isCommit()) {
                commit--;
            }
            return calls.subList(0, commit + 1);
        } finally {
            laboratory.drop(site);
        }
    }

    private static boolean isPublish(Call call) {
        return call.store() == Store.TARGET && call.phase() == Phase.PUBLISH;
    }

    private static Writers writers(Rig rig, List<LocalDate> days, Acks acks, Tap tap) {
        return new Writers(rig.target().source(), days, acks, () -> phase(tap));
    }

    private static List<String> expected(Rig rig) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            return Orders.expected(connection);
        }
    }

    private static List<String> rows(Rig rig) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            return Sql.column(connection, Orders.ROWS);
        }
    }

    /** Every ack is in the table that has the name now, and the rows that no writer touched are as they should be. */
    private static void assertNothingLost(Rig rig, Acks acks, List<String> otherwise) throws SQLException {
        List<String> now = rows(rig);
        assertThat(acks.lost(now)).isEmpty();
        assertThat(acks.untouched(now)).isEqualTo(acks.untouched(otherwise));
    }
}
