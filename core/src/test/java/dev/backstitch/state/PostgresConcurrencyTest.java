package dev.backstitch.state;

import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresConcurrencyTest extends StateStoreConcurrencyContract {
    @RegisterExtension
    static final PostgresServer SERVER = new PostgresServer();

    @Override
    protected StateStore open() {
        return StateStores.on(SERVER.pooled());
    }
}
