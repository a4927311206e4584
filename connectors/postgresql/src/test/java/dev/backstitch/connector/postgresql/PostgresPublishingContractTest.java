package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.tck.PublishingConnectorContract;
import dev.backstitch.connector.tck.Warehouse;
import java.sql.SQLException;

class PostgresPublishingContractTest extends PublishingConnectorContract {
    @Override
    protected Warehouse warehouse() throws SQLException {
        return new PostgresContractTest().warehouse();
    }
}
