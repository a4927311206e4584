package dev.backstitch.state;

import static dev.backstitch.state.Fixtures.ENGINE;
import static dev.backstitch.state.Fixtures.LEASE;
import static dev.backstitch.state.Fixtures.NOW;
import static dev.backstitch.state.Fixtures.OWNER;
import static dev.backstitch.state.Fixtures.instances;
import static dev.backstitch.state.Fixtures.key;
import static dev.backstitch.state.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.state.InterposedDataSource.Interposed;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A process that is suspended in the middle of a transaction, and whose work another one takes over. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PostgresSuspendedTest {
    @RegisterExtension
    static final PostgresServer SERVER = new PostgresServer();

    @Test
    void itsLocks_areGone_beforeItWakes() throws Exception {
        DataSource database = SERVER.emptyDatabase();
        InterposedDataSource interposed = new InterposedDataSource(database);
        StateStore suspended = StateStores.on(interposed.dataSource());
        StateStore store = StateStores.on(database);
        store.create(run("r1"), instances(0, 1, InstanceState.READY));
        CountDownLatch asleep = new CountDownLatch(1);
        CountDownLatch woken = new CountDownLatch(1);
        interposed.interposed = new Interposed() {
            @Override
            public void beforeCommit(Connection connection) throws SQLException {
                interposed.interposed = new Interposed() {};
                asleep.countDown();
                await(woken);
            }
        };
        CompletableFuture<Boolean> claim = CompletableFuture.supplyAsync(
                () -> suspended.claim(key("r1", 0, 0), 1, ENGINE, NOW).isPresent());
        await(asleep);

        assertThat(store.takeOver("r1", 1, OWNER, LEASE, OWNER)).contains(2L);

        woken.countDown();
        assertThat(claim).failsWithin(10, TimeUnit.SECONDS);
        assertThat(store.instances("r1")).extracting(InstanceRecord::state).containsExactly(InstanceState.READY);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
