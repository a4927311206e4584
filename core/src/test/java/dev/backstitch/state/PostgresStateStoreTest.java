package dev.backstitch.state;

import static dev.backstitch.state.Fixtures.LEASE;
import static dev.backstitch.state.Fixtures.OWNER;
import static dev.backstitch.state.Fixtures.instances;
import static dev.backstitch.state.Fixtures.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Over a data source that doesn't pool and gives connections in autocommit. */
final class PostgresStateStoreTest extends StateStoreContract {
    @RegisterExtension
    static final PostgresServer SERVER = new PostgresServer();

    @Override
    protected StateStore open() {
        return StateStores.on(SERVER.emptyDatabase());
    }

    /** Else it takes seven times as long, since each of the ready instances has a new version. */
    @Test
    void takeOver_writesNoIndex_howeverManyInstancesAreReady() throws SQLException {
        DataSource database = SERVER.emptyDatabase();
        try (StateStore store = StateStores.on(database)) {
            store.create(run("r1"), instances(0, 5_000, InstanceState.READY));
            long before = bytesOfIndexes(database);

            assertThat(store.takeOver("r1", 1, OWNER, LEASE, OWNER)).contains(2L);

            assertThat(bytesOfIndexes(database)).isEqualTo(before);
        }
    }

    /** Of several processes that open an empty database at once. */
    @Test
    void anotherThatHasMadeTheTableOfTheLock_andNotItsRow_isWaitedFor() throws Exception {
        DataSource database = SERVER.emptyDatabase();
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Connection first = database.getConnection();
                Statement making = first.createStatement()) {
            first.setAutoCommit(false);
            making.execute("create table bf_migration (id integer not null primary key)");
            Future<StateStore> second = other.submit(() -> StateStores.on(database));
            awaitOneThatWaits(database);

            first.commit();

            try (StateStore store = second.get(60, TimeUnit.SECONDS)) {
                assertThat(store.runs()).isEmpty();
            }
        } finally {
            other.shutdownNow();
        }
    }

    private static void awaitOneThatWaits(DataSource database) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (number(
                        database,
                        "select count(*) from pg_stat_activity where datname = current_database()"
                                + " and wait_event_type = 'Lock'")
                == 0) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    private static long number(DataSource database, String query) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static long bytesOfIndexes(DataSource database) throws SQLException {
        return number(database, "select pg_indexes_size('bf_instance')");
    }
}
