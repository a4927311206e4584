package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.tck.ConcurrentConnectorContract;
import dev.backstitch.connector.tck.Warehouse;
import java.sql.SQLException;

class PostgresConcurrentContractTest extends ConcurrentConnectorContract {
    @Override
    protected Warehouse warehouse() throws SQLException {
        return new PostgresContractTest().warehouse(23);
    }
}
