package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.backstitch.Run;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.faults.Call.Store;
import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunState;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * Takes the engine's safeguards away, one at a time: a safeguard's statement is not sent and answered as success. Each
 * scenario passes with the engine as it is, and fails without the safeguard; so the tests that lean on it can fail.
 */
@Tag(Look.TAG)
class MutationGuardTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String CLEAN_TARGET = "staging.clean_target";
    private static final String CLEAN_SHADOW = "staging.clean_shadow";

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

    /** What must hold on a site, with this policy between engine and target. It fails by an assertion. */
    private interface Scenario {
        void play(Site site, Policy policy) throws Exception;
    }

    private interface Preparation {
        Site site(Product product) throws SQLException, IOException;
    }

    private static void guards(
            String safeguard, Product product, Preparation preparation, Swallow swallow, Scenario scenario)
            throws Exception {
        Site intact = preparation.site(product);
        scenario.play(intact, Policy.none());
        laboratory.drop(intact);

        Site without = preparation.site(product);
        Throwable harm = catchThrowable(() -> scenario.play(without, swallow));
        laboratory.drop(without);

        assertThat(swallow.swallowed()).as("%s was swallowed", safeguard).isNotEmpty();
        assertThat(harm).as("what happens without %s", safeguard).isInstanceOf(AssertionError.class);
        System.out.println("mutation guard: " + product + ", without " + safeguard + " ("
                + swallow.swallowed().get(0) + "): " + summary(harm));
    }

    private static String summary(Throwable harm) {
        String text = String.valueOf(harm.getMessage()).strip().replaceAll("\\s+", " ");
        return text.substring(0, Math.min(200, text.length()));
    }

    private static boolean isOn(Store store, Phase phase, Call call) {
        return call.store() == store && call.phase() == phase;
    }

    private static Predicate<Call> in(Phase phase) {
        return call -> isOn(Store.TARGET, phase, call);
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void theLedgersRowOfAMerge_isItsCheckpoint(Product product) throws Exception {
        Swallow swallow = Swallow.update(1, in(Phase.MERGE).and(call -> call.says("update", "bf_ledger")));
        guards("the ledger's row of a merge", product, laboratory::fresh, swallow, published(Publishing.REPLACE));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void theHeadRow_saysThatItIsPublished(Product product) throws Exception {
        Swallow swallow = Swallow.update(1, in(Phase.PUBLISH).and(call -> call.says("update", "bf_head")));
        guards("the head row's update", product, laboratory::fresh, swallow, published(Publishing.SWAP));
    }

    /** An undisturbed run leaves what the oracle expects. */
    private static Scenario published(Publishing publishing) {
        return (site, policy) -> {
            Oracle oracle = Oracle.of(laboratory, site.product());
            try (Rig rig = site.open(new Tap().with(policy))) {
                assertThat(run(rig, Orders.dag(publishing)).state()).isEqualTo(RunState.PUBLISHED);
            }
            oracle.assertPublished(site, publishing);
        };
    }

    private static RunResult run(Rig rig, Dag dag) {
        return rig.engine().register(dag).start(rig.engine().plan(dag)).await();
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void theFence_keepsWritersOutOfAPublish(Product product) throws Exception {
        for (Publishing publishing : Publishing.ALONE) {
            if (product == Product.POSTGRESQL && publishing == Publishing.REPLACE) {
                // There a replace without the lock is refused by the change log or by the rows it deletes.
                continue;
            }
            Swallow swallow = Swallow.update(
                    0, in(Phase.PUBLISH).and(call -> Fence.isPartOf(product, call) && !call.says("access exclusive")));
            guards(
                    "the fence (" + publishing + ")",
                    product,
                    laboratory::fresh,
                    swallow,
                    aWriterDuringThePublish(publishing));
        }
    }

    /** Somebody writes orders of the scope right after the drift check; what he is told is written stays. */
    private static Scenario aWriterDuringThePublish(Publishing publishing) {
        return (site, policy) -> {
            Acks acks = new Acks();
            Tap tap = new Tap();
            try (Rig rig = site.open(tap)) {
                tap.with(policy.before(afterDriftCheck(site.product()), () -> writeInScope(rig, acks)));
                RunResult result = run(rig, Orders.dag(publishing));
                assertThat(acks.lost(rows(rig)))
                        .as("acknowledged writes that are lost")
                        .isEmpty();
                assertThat(result.state()).as(result.failure()).isEqualTo(RunState.PUBLISHED);
            }
            assertThat(acks.count() + acks.rejections()).as("writes").isEqualTo(2);
        };
    }

    private static Predicate<Call> afterDriftCheck(Product product) {
        AtomicInteger step = new AtomicInteger();
        return call -> {
            if (step.get() == 2) {
                return true;
            }
            if (isOn(Store.TARGET, Phase.PUBLISH, call)) {
                step.compareAndSet(0, call.says("update", "bf_head") ? 1 : 0);
                step.compareAndSet(1, comparesTarget(product, call) ? 2 : 1);
            }
            return false;
        };
    }

    private static boolean comparesTarget(Product product, Call call) {
        return product == Product.DUCKDB
                ? call.says("select count(*), cast(coalesce(sum(hash(", "from warehouse.app.orders")
                : call.says("select count(*) from", "_changes where not pg_visible_in_snapshot");
    }

    private static void writeInScope(Rig rig, Acks acks) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            if (connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
                Sql.run(connection, "set lock_timeout = '300ms'");
            }
            write(
                    connection,
                    acks,
                    999_001,
                    "insert into app.orders (id, day, amount, label, loaded_at) values (999001, date '2026-03-04', 7, 'app',"
                            + " timestamp '2026-05-01 00:00:00')",
                    "999001|2026-03-04|7|app|2026-05-01 00:00:00");
        }
        updateInScope(rig, acks);
    }

    private static void updateInScope(Rig rig, Acks acks) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            if (connection.getMetaData().getDatabaseProductName().equals("PostgreSQL")) {
                Sql.run(connection, "set lock_timeout = '300ms'");
            }
            write(
                    connection,
                    acks,
                    3010,
                    "update app.orders set amount = 7, label = 'app',"
                            + " loaded_at = timestamp '2026-05-01 00:00:00' where id = 3010",
                    "3010|2026-03-04|7|app|2026-05-01 00:00:00");
        }
    }

    private static void write(Connection connection, Acks acks, long id, String sql, String row) {
        try (Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(sql)).isEqualTo(1);
            acks.written(id, row, Phase.PUBLISH);
        } catch (SQLException e) {
            acks.rejected();
        }
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void theDriftCheck_noticesWritesBeforeThePublish(Product product) throws Exception {
        AtomicInteger changeLogs = new AtomicInteger();
        Predicate<Call> check = in(Phase.PUBLISH).and(call -> comparesTarget(product, call));
        Swallow swallow = product == Product.DUCKDB
                ? Swallow.with((call, sending) -> sending.sendInstead(ofCleanTarget(call)), check)
                : Swallow.query("select 0", check.and(call -> changeLogs.incrementAndGet() == 1));
        guards("the drift check", product, laboratory::fresh, swallow, (site, policy) -> {
            Acks acks = new Acks();
            Tap tap = new Tap();
            try (Rig rig = site.open(tap)) {
                tap.with(policy.before(in(Phase.PUBLISH), () -> {
                    tamper(rig, "create table " + CLEAN_TARGET + " as select * from app.orders");
                    updateInScope(rig, acks);
                }));
                RunResult result = run(rig, Orders.dag(Publishing.REPLACE));
                assertThat(acks.lost(rows(rig)))
                        .as("acknowledged writes that are lost")
                        .isEmpty();
                assertThat(result.failure()).contains("BF-402");
            }
            assertThat(acks.count()).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void theSeal_noticesAShadowThatWasChangedAfterItsAudit(Product product) throws Exception {
        AtomicInteger changeLogs = new AtomicInteger();
        Swallow swallow = product == Product.DUCKDB
                ? Swallow.with(
                        (call, sending) -> sending.sendInstead(ofCleanShadow(call)),
                        in(Phase.PUBLISH).and(call -> call.says("select count(*), cast(coalesce(sum(hash(", "_shadow")))
                : Swallow.query(
                        "select 0",
                        in(Phase.PUBLISH)
                                .and(call -> comparesTarget(product, call) && changeLogs.incrementAndGet() == 2));
        guards(
                "the seal",
                product,
                laboratory::fresh,
                swallow,
                aTamperedShadow(Phase.PUBLISH, Publishing.SWAP, "BF-403", "update %s set amount = 7 where id = 3010"));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void theKey_isUniqueInTheShadow(Product product) throws Exception {
        Swallow swallow =
                Swallow.query("select 0", in(Phase.AUDIT).and(call -> call.says("group by id having count(*) > 1")));
        guards(
                "the invariant that the key is unique",
                product,
                laboratory::withoutKey,
                swallow,
                aTamperedShadow(Phase.AUDIT, Publishing.SWAP, "BF-321", "update %s set id = 3011 where id = 3010"));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void theKey_isNeverNullInTheShadow(Product product) throws Exception {
        guards(
                "the invariant that no key is null",
                product,
                laboratory::withoutKey,
                scanOfCleanShadow(),
                aTamperedShadow(Phase.AUDIT, Publishing.SWAP, "BF-321", "update %s set id = null where id = 3010"));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void rowsOutsideTheScope_areAsTheyWere(Product product) throws Exception {
        guards(
                "the invariant that nothing outside the scope changes",
                product,
                laboratory::fresh,
                scanOfCleanShadow(),
                aTamperedShadow(Phase.AUDIT, Publishing.SWAP, "BF-321", "update %s set amount = 7 where id = 10"));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void aPartition_keepsWhatItsMergeLeft(Product product) throws Exception {
        guards(
                "the invariant that a partition stays as its merge left it",
                product,
                laboratory::fresh,
                scanOfCleanShadow(),
                aTamperedShadow(Phase.AUDIT, Publishing.REPLACE, "BF-3", "delete from %s where id = 3010"));
    }

    private static Swallow scanOfCleanShadow() {
        return Swallow.with(
                (call, sending) -> sending.sendInstead(ofCleanShadow(call)),
                in(Phase.AUDIT).and(call -> call.says("count(*)", "_shadow", "group by \"bf_place\"")));
    }

    private static String ofCleanTarget(Call call) {
        return call.sql().replace("\"app\".\"orders\"", CLEAN_TARGET);
    }

    private static String ofCleanShadow(Call call) {
        return call.sql().replaceAll("(\"warehouse\"\\.)?\"app\"\\.\"bf_[0-9a-f]+_shadow\"", CLEAN_SHADOW);
    }

    /**
     * Somebody changes the shadow before the first statement of a phase: the run is refused, and the target stays.
     *
     * @param code how the refusal begins
     * @param change of the shadow {@code %s}
     */
    private static Scenario aTamperedShadow(Phase before, Publishing publishing, String code, String change) {
        return (site, policy) -> {
            Tap tap = new Tap();
            try (Rig rig = site.open(tap)) {
                List<String> live = rows(rig);
                tap.with(policy.before(in(before), () -> {
                    String shadow = shadow(rig);
                    tamper(
                            rig,
                            "create table " + CLEAN_SHADOW + " as select * from " + shadow,
                            String.format(change, shadow));
                }));
                RunResult result = run(rig, Orders.dag(publishing));
                assertThat(rows(rig)).as("the target").isEqualTo(live);
                assertThat(result.failure()).contains(code);
            }
        };
    }

    private static String shadow(Rig rig) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            return Sql.one(
                    connection,
                    "select table_schema || '.' || table_name from information_schema.tables"
                            + " where table_name like 'bf!_%!_shadow' escape '!'");
        }
    }

    private static void tamper(Rig rig, String... statements) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            Sql.run(connection, statements);
        }
    }

    private static List<String> rows(Rig rig) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            return Sql.column(connection, Orders.ROWS);
        }
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void theStageIsChecked_forRowsOutsideThePartition(Product product) throws Exception {
        guards(
                "the check that source rows lie in their partition",
                product,
                laboratory::fresh,
                stageChecked("select a, b, 0, d, e, f"),
                refusedSource(
                        "BF-303",
                        "select id, day, amount, 'x' as label, loaded_at from staging.orders"
                                + " where day >= :partition_start and day <= :partition_end"));
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void theStageIsChecked_forNullKeys(Product product) throws Exception {
        guards(
                "the check that no source key is null",
                product,
                laboratory::withoutKey,
                stageChecked("select a, 0, c, d, e, f"),
                refusedSource(
                        "BF-301",
                        "select case when id % 1000 = 7 then null else id end as id, day, amount, 'x' as label,"
                                + " loaded_at from staging.orders"
                                + " where day >= :partition_start and day < :partition_end"));
    }

    private static Swallow stageChecked(String answer) {
        return Swallow.with(
                (call, sending) -> sending.sendInstead(answer + " from (" + call.sql() + ") checked(a, b, c, d, e, f)"),
                in(Phase.MERGE).and(call -> call.says("count(case when", "min(case when", "bf_stage")));
    }

    private static Scenario refusedSource(String code, String sql) {
        return (site, policy) -> {
            try (Rig rig = site.open(new Tap().with(policy))) {
                List<String> live = rows(rig);
                RunResult result = run(rig, Orders.dag(Publishing.REPLACE, sql));
                assertThat(rows(rig)).as("the target").isEqualTo(live);
                assertThat(result.failure()).contains(code);
            }
        };
    }

    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void theEpoch_keepsAZombiesMergeOut(Product product) throws Exception {
        Swallow swallow = Swallow.update(1, in(Phase.MERGE).and(call -> call.says("update", "bf_ledger")));
        guards("the epoch check of a merge", product, laboratory::fresh, swallow, MutationGuardTest::aZombieMerges);
    }

    /**
     * A zombie merges a partition again, from a source that has changed meanwhile, after its successor's audit. Its
     * session isn't ended by the successor, as if that message were lost.
     */
    private static void aZombieMerges(Site site, Policy policyOfZombie) throws Exception {
        Dag dag = Orders.dag(Publishing.REPLACE);
        Oracle oracle = Oracle.of(laboratory, site.product());
        Hold asleep = new Hold(in(Phase.MERGE));
        Hold heartbeat = new Hold(call -> asleep.isReached() && call.says("update bf_run set", "leased_until"));
        Hold audited = new Hold(in(Phase.PUBLISH));
        Policy deaf = Swallow.query("select true where false", call -> call.says("pg_terminate_backend"));
        try (Rig second = site.open(new Tap().with(audited.over(deaf)));
                Rig zombie = site.open(
                        new Tap().with(asleep.over(policyOfZombie)),
                        new Tap().with(heartbeat),
                        config -> config.lease(Duration.ofMillis(600)))) {
            try {
                second.engine().register(dag);
                Run slept = zombie.engine().start(zombie.engine().plan(dag));
                asleep.awaitReached(PATIENCE);
                heartbeat.awaitReached(PATIENCE);
                Run successor = takeOver(second, slept.id());
                audited.awaitReached(PATIENCE);
                tamper(second, "update staging.orders set amount = amount + 1 where day = date '2026-03-03'");
                asleep.release();
                assertThat(catchThrowable(slept::await)).isInstanceOf(BackstitchException.class);
                audited.release();
                RunResult result = successor.await();
                assertThat(result.state()).as(result.failure()).isEqualTo(RunState.PUBLISHED);
            } finally {
                asleep.release();
                heartbeat.release();
                audited.release();
            }
        }
        oracle.assertPublished(site, Publishing.REPLACE);
    }

    private static Run takeOver(Rig second, String run) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return second.engine().resume(run);
            } catch (BackstitchException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }
    }
}
