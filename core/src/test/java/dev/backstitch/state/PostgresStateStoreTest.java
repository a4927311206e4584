package dev.backstitch.state;

import org.junit.jupiter.api.extension.RegisterExtension;

/** Over a data source that doesn't pool and gives connections in autocommit. */
final class PostgresStateStoreTest extends StateStoreContract {
    @RegisterExtension
    static final PostgresServer SERVER = new PostgresServer();

    @Override
    protected StateStore open() {
        return StateStores.on(SERVER.emptyDatabase());
    }
}
