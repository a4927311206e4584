package dev.backstitch.state;

import static dev.backstitch.state.Fixtures.ENGINE;
import static dev.backstitch.state.Fixtures.LEASE;
import static dev.backstitch.state.Fixtures.NOW;
import static dev.backstitch.state.Fixtures.OTHER;
import static dev.backstitch.state.Fixtures.OWNER;
import static dev.backstitch.state.Fixtures.instances;
import static dev.backstitch.state.Fixtures.key;
import static dev.backstitch.state.Fixtures.run;
import static dev.backstitch.state.StateStoreContract.assertFails;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.state.InterposedDataSource.Interposed;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a transaction when something comes between its statements and its commit. */
final class TransactionsTest {
    static {
        // Tests in the same JVM need H2's server on the loopback address, and H2 reads that once.
        H2Address.settle();
    }

    @TempDir
    Path dir;

    private JdbcConnectionPool database;
    private InterposedDataSource interposed;
    private StateStore store;
    private StateStore other;

    @BeforeEach
    void open() {
        database = JdbcConnectionPool.create("jdbc:h2:" + dir.resolve("state") + ";LOCK_TIMEOUT=10000", "sa", "");
        interposed = new InterposedDataSource(database);
        store = StateStores.on(interposed.dataSource());
        other = StateStores.on(database);
        store.create(run("r1"), instances(0, 3, InstanceState.READY));
    }

    @AfterEach
    void close() {
        database.dispose();
    }

    @Test
    void commitThatFailsBeforeItArrives_hasAnUnknownOutcome_andIsNotRepeated() {
        AtomicInteger commits = new AtomicInteger();
        interposed.interposed = new Interposed() {
            @Override
            public void beforeCommit(Connection connection) throws SQLException {
                commits.incrementAndGet();
                throw new SQLException("broken", "90067", 90067);
            }
        };
        assertFails(ErrorCode.CONNECTION_LOST, () -> store.claim(key("r1", 0, 0), 1, ENGINE, NOW));
        assertThat(commits).hasValue(1);
    }

    @Test
    void commitWhoseAnswerIsLost_hasAnUnknownOutcome_andIsNotRepeated() {
        AtomicInteger commits = new AtomicInteger();
        interposed.interposed = new Interposed() {
            @Override
            public void afterCommit(Connection connection) throws SQLException {
                commits.incrementAndGet();
                throw new SQLException("broken", "08006");
            }
        };
        assertFails(ErrorCode.CONNECTION_LOST, () -> store.claim(key("r1", 0, 0), 1, ENGINE, NOW));
        assertThat(commits).hasValue(1);
        assertThat(other.instances("r1").get(0).state()).isEqualTo(InstanceState.RUNNING);
    }

    @Test
    void connectionLostBeforeTheCommit_isTriedAgain() {
        AtomicInteger failures = failingExecutions(3, new SQLException("broken", "90067", 90067));
        assertThat(store.claim(key("r1", 0, 0), 1, ENGINE, NOW)).isPresent();
        assertThat(failures).hasValue(3);
        assertThat(other.instances("r1").get(0).attempt()).isEqualTo(1);
    }

    @Test
    void connectionLostAgainAndAgain_isUnavailable_andNothingIsChanged() {
        AtomicInteger failures = failingExecutions(100, new SQLException("broken", "08006"));
        assertFails(ErrorCode.DATABASE_UNAVAILABLE, () -> store.claim(key("r1", 0, 0), 1, ENGINE, NOW));
        assertThat(failures).hasValue(12);
        assertThat(other.instances("r1").get(0).state()).isEqualTo(InstanceState.READY);
    }

    @Test
    void conflict_isTriedAgain_andRefusedWhenItStays() {
        AtomicInteger failures = failingExecutions(4, new SQLException("deadlock", "40001", 40001));
        assertThat(store.claim(key("r1", 0, 0), 1, ENGINE, NOW)).isPresent();
        assertThat(failures).hasValue(4);

        failingExecutions(100, new SQLException("lock timeout", "HYT00", 50200));
        assertFails(ErrorCode.CONFLICT, () -> store.claim(key("r1", 0, 1), 1, ENGINE, NOW));
        failingExecutions(100, new SQLException("row changed", "90131", 90131));
        assertFails(ErrorCode.CONFLICT, () -> store.renew("r1", 1, LEASE));
        assertThat(other.instances("r1").get(1).state()).isEqualTo(InstanceState.READY);
    }

    @Test
    void fullDisk_isNamed() {
        failingExecutions(100, new SQLException("no space", "53100"));
        assertFails(ErrorCode.NO_SPACE, () -> store.claim(key("r1", 0, 0), 1, ENGINE, NOW));
    }

    @Test
    void noConnection_isUnavailable() {
        interposed.interposed = new Interposed() {
            @Override
            public void beforeConnection() throws SQLException {
                throw new SQLException("no more", "08001");
            }
        };
        assertFails(ErrorCode.DATABASE_UNAVAILABLE, () -> store.run("r1"));
    }

    @Test
    void claimOrSuccessLostBetweenTwoStatements_leavesNothing() {
        Claim claim = store.claim(key("r1", 0, 0), 1, ENGINE, NOW).orElseThrow();
        AtomicInteger executions = new AtomicInteger();
        interposed.interposed = new Interposed() {
            @Override
            public void beforeExecute(String sql) throws SQLException {
                if (executions.incrementAndGet() == 2) {
                    throw new SQLException("refused", "22000");
                }
            }
        };
        assertFails(ErrorCode.STATEMENT_REFUSED, () -> store.succeed(claim, List.of(key("r1", 0, 1)), NOW));
        assertThat(other.instances("r1"))
                .extracting(InstanceRecord::state)
                .containsExactly(InstanceState.RUNNING, InstanceState.READY, InstanceState.READY);
    }

    @Test
    void takeOver_waitsForAClaimThatIsBeingCommitted_andReturnsIt() throws Exception {
        CompletableFuture<Optional<Long>> taken = whileCommitting(
                () -> assertThat(store.claim(key("r1", 0, 0), 1, ENGINE, NOW)).isPresent(),
                () -> other.takeOver("r1", 1, OTHER, LEASE, OWNER));

        assertThat(taken.get(10, TimeUnit.SECONDS)).contains(2L);
        assertThat(other.instances("r1").get(0).state()).isEqualTo(InstanceState.READY);
        assertThat(other.claim(key("r1", 0, 0), 2, ENGINE, NOW)).isPresent();
    }

    @Test
    void takeOver_waitsForASuccessThatIsBeingCommitted_andKeepsIt() throws Exception {
        Claim claim = store.claim(key("r1", 0, 0), 1, ENGINE, NOW).orElseThrow();
        CompletableFuture<Optional<Long>> taken = whileCommitting(
                () -> store.succeed(claim, List.of(key("r1", 0, 1)), NOW),
                () -> other.takeOver("r1", 1, OTHER, LEASE, OWNER));

        assertThat(taken.get(10, TimeUnit.SECONDS)).contains(2L);
        assertThat(other.instances("r1"))
                .extracting(InstanceRecord::state)
                .containsExactly(InstanceState.SUCCEEDED, InstanceState.READY, InstanceState.READY);
        assertThat(other.claim(key("r1", 0, 1), 2, ENGINE, NOW)).isPresent();
    }

    @Test
    void claim_waitsForATakeOverThatIsBeingCommitted_andIsNothing() throws Exception {
        CompletableFuture<Optional<Claim>> claimed = whileCommitting(
                () -> store.takeOver("r1", 1, OTHER, LEASE, OWNER), () -> other.claim(key("r1", 0, 0), 1, ENGINE, NOW));

        assertThat(claimed.get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(other.instances("r1").get(0).state()).isEqualTo(InstanceState.READY);
    }

    /** Starts the second while the first has executed everything but its commit, and sees it wait. */
    private <T> CompletableFuture<T> whileCommitting(Runnable first, java.util.function.Supplier<T> second)
            throws InterruptedException {
        CountDownLatch executed = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        interposed.interposed = new Interposed() {
            @Override
            public void beforeCommit(Connection connection) throws SQLException {
                executed.countDown();
                try {
                    go.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    throw new SQLException(e);
                }
            }
        };
        CompletableFuture<Void> committing = CompletableFuture.runAsync(first);
        assertThat(executed.await(10, TimeUnit.SECONDS)).isTrue();
        CompletableFuture<T> waiting = CompletableFuture.supplyAsync(second);
        Polling.until(this::somebodyWaitsForALock);
        assertThat(waiting).isNotDone();
        go.countDown();
        committing.join();
        return waiting;
    }

    private boolean somebodyWaitsForALock() {
        try (Connection connection = database.getConnection();
                var blocked = connection
                        .createStatement()
                        .executeQuery("select 1 from information_schema.sessions where blocker_id is not null")) {
            return blocked.next();
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private AtomicInteger failingExecutions(int times, SQLException failure) {
        AtomicInteger failures = new AtomicInteger();
        interposed.interposed = new Interposed() {
            @Override
            public void beforeExecute(String sql) throws SQLException {
                if (failures.get() < times) {
                    failures.incrementAndGet();
                    throw failure;
                }
            }
        };
        return failures;
    }
}
