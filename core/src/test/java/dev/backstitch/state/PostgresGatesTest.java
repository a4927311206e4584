package dev.backstitch.state;

import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresGatesTest extends GatesContract {
    @RegisterExtension
    static final PostgresServer SERVER = new PostgresServer();

    @Override
    protected StateStore open() {
        return StateStores.on(SERVER.emptyDatabase());
    }
}
