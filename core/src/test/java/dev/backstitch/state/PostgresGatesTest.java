package dev.backstitch.state;

import javax.sql.DataSource;
import org.junit.jupiter.api.extension.RegisterExtension;

final class PostgresGatesTest extends GatesContract {
    @RegisterExtension
    static final PostgresServer SERVER = new PostgresServer();

    @Override
    protected DataSource emptyDatabase() {
        return SERVER.emptyDatabase();
    }
}
