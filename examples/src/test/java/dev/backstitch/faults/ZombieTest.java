package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.Run;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** An engine that sleeps past its lease, in the middle of its work, and wakes up after another one took the run over. */
class ZombieTest {
    private static final Duration LEASE = Duration.ofMillis(1500);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

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

    /** Where the first engine falls asleep. */
    enum Spot {
        MERGE_BEFORE_ITS_LEDGER_ROW(call -> call.phase() == Phase.MERGE && call.says("update", "bf_ledger")),
        /** It has written the ledger first, and would commit last. */
        MERGE_BEFORE_ITS_COMMIT(call -> call.phase() == Phase.MERGE && call.isCommit()),
        AUDIT_BEFORE_ITS_COMMIT(call -> call.phase() == Phase.AUDIT && call.isCommit()),
        PUBLISH_BEFORE_ITS_FIRST_STATEMENT(call -> call.phase() == Phase.PUBLISH),
        PUBLISH_BEFORE_ITS_HEAD_ROW(call -> call.phase() == Phase.PUBLISH && call.says("update", "bf_head")),
        PUBLISH_BEFORE_ITS_COMMIT(call -> call.phase() == Phase.PUBLISH && call.isCommit());

        private final Predicate<Call> call;

        Spot(Predicate<Call> call) {
            this.call = call;
        }

        boolean matches(Call passing) {
            return passing.store() == Store.TARGET && call.test(passing);
        }
    }

    /** A look: a merge and a publish. */
    @ParameterizedTest
    @EnumSource(names = {"MERGE_BEFORE_ITS_COMMIT", "PUBLISH_BEFORE_ITS_HEAD_ROW"})
    void aZombie_writesNothing_andSaysWhy(Spot spot) throws Exception {
        outlived(Product.POSTGRESQL, spot, Publishing.ALONE.get(spot.ordinal() % 2));
    }

    /** Within one process DuckDB has the same zombies; a transaction of theirs that is open can only be waited for. */
    @ParameterizedTest
    @EnumSource(names = {"MERGE_BEFORE_ITS_LEDGER_ROW"})
    void aZombieInTheSameProcess_isOutlivedOnDuckDb(Spot spot) throws Exception {
        outlived(Product.DUCKDB, spot, Publishing.ALONE.get(spot.ordinal() % 2));
    }

    @Tag("fault")
    @ParameterizedTest
    @CsvSource({"DUCKDB, REPLACE", "DUCKDB, SWAP", "POSTGRESQL, REPLACE", "POSTGRESQL, SWAP"})
    void aZombie_writesNothing_whereverItFellAsleep(Product product, Publishing publishing) throws Exception {
        for (Spot spot : Spot.values()) {
            outlived(product, spot, publishing);
        }
    }

    @Test
    void aSecondProcess_isToldWhoHoldsTheDuckDbFile() throws Exception {
        Site site = laboratory.fresh(Product.DUCKDB);
        ChildJvm child = ChildJvm.start(site.home(), Sleeper.class, List.of(site.url()));
        try {
            child.awaitLine(Sleeper.AWAKE, PATIENCE);
            BackstitchException refused = catchThrowableOfType(
                    BackstitchException.class,
                    () -> DuckDb.file(site.home().resolve(Site.WAREHOUSE)).open());

            assertThat(refused.code()).isEqualTo(ErrorCode.WAREHOUSE_IN_USE);
            assertThat(refused)
                    .hasMessageContaining("process " + child.process().pid())
                    .hasMessageContaining(
                            "since " + child.process().info().startInstant().orElseThrow())
                    .hasMessageContaining("end that process");
            System.out.println("a second process: " + refused.getMessage());
        } finally {
            child.process().destroyForcibly();
        }
        child.await(PATIENCE);
        DuckDb.file(site.home().resolve(Site.WAREHOUSE)).open().close();
        laboratory.drop(site);
    }

    private static void outlived(Product product, Spot spot, Publishing publishing) throws Exception {
        Oracle oracle = Oracle.of(laboratory, product);
        Site site = laboratory.fresh(product);
        Dag dag = Orders.dag(publishing);
        Hold asleep = new Hold(spot::matches);
        Hold heartbeat = new Hold(call -> asleep.isReached() && isRenewal(call));
        List<RunEvent> heard = new CopyOnWriteArrayList<>();
        try (Rig second = site.open(new Tap());
                Rig zombie = site.open(
                        new Tap().with(asleep),
                        new Tap().with(heartbeat),
                        config -> config.lease(LEASE).listener(heard::add))) {
            second.engine().register(dag);
            Run run = zombie.engine().start(zombie.engine().plan(dag));
            try {
                asleep.awaitReached(PATIENCE);
                BackstitchException early = catchThrowableOfType(
                        BackstitchException.class, () -> second.engine().resume(run.id()));
                assertThat(early.code()).isEqualTo(ErrorCode.STATE_IN_USE);
                heartbeat.awaitReached(PATIENCE);

                AtomicBoolean waitedFor = new AtomicBoolean();
                goOnUntilPublished(second, run.id(), () -> {
                    assertThat(product).isEqualTo(Product.DUCKDB);
                    waitedFor.set(true);
                    asleep.release();
                });
                List<String> before = everything(second, product);
                asleep.release();
                heartbeat.release();
                BackstitchException stoodDown = catchThrowableOfType(BackstitchException.class, run::await);

                assertThat(stoodDown.code()).isEqualTo(ErrorCode.FENCED);
                assertThat(heard).anyMatch(RunEvent.StoodDown.class::isInstance);
                if (!waitedFor.get()) {
                    assertThat(heard).noneMatch(RunEvent.Published.class::isInstance);
                }
                assertThat(everything(second, product)).isEqualTo(before);
                System.out.println(
                        "zombie: " + product + " " + spot + " " + publishing + ": " + stoodDown.getMessage());
            } finally {
                asleep.release();
                heartbeat.release();
            }
        }
        oracle.assertPublished(site, publishing);
        try (Rig rig = site.open(new Tap())) {
            Forward.rollBack(rig.engine(), dag);
        }
        oracle.assertRolledBack(site, publishing);
        laboratory.drop(site);
    }

    private static boolean isRenewal(Call call) {
        return call.says("update", "bf_run", "leased_until") && !call.says("owner_engine");
    }

    /**
     * Asks until the lease has expired, then runs to the end.
     *
     * @param inTheWay what is done when an open transaction of the zombie's is in the way
     */
    private static void goOnUntilPublished(Rig engine, String run, Runnable inTheWay) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                RunResult result = engine.engine().resume(run).await();
                if (result.state() == RunState.PUBLISHED) {
                    return;
                }
                assertThat(result.failure()).startsWith(ErrorCode.CONFLICT.code());
                inTheWay.run();
            } catch (BackstitchException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                if (e.code() != ErrorCode.STATE_IN_USE) {
                    assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
                    inTheWay.run();
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** Every row of every table that a backfill touches. */
    private static List<String> everything(Rig rig, Product product) throws SQLException {
        try (Connection connection = rig.target().source().getConnection()) {
            List<String> all = new ArrayList<>(Sql.column(connection, Orders.ROWS));
            all.addAll(Sql.column(connection, product.structure()));
            all.addAll(Sql.column(connection, "select cast(h as varchar) from backstitch.bf_head h order by 1"));
            all.addAll(Sql.column(connection, "select cast(l as varchar) from backstitch.bf_ledger l order by 1"));
            all.addAll(Sql.column(connection, "select cast(a as varchar) from backstitch.bf_archive a order by 1"));
            Sql.column(connection, product.leftovers()).stream()
                    .filter(name -> !name.startsWith("session"))
                    .forEach(all::add);
            return all;
        }
    }
}
