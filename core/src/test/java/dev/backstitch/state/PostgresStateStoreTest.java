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

    private static long bytesOfIndexes(DataSource database) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet size = statement.executeQuery("select pg_indexes_size('bf_instance')")) {
            size.next();
            return size.getLong(1);
        }
    }
}
