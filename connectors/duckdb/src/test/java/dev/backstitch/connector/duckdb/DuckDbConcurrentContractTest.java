package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.tck.ConcurrentConnectorContract;
import dev.backstitch.connector.tck.Warehouse;

class DuckDbConcurrentContractTest extends ConcurrentConnectorContract {
    @Override
    protected Warehouse warehouse() {
        return new DuckDbContractTest().warehouse();
    }
}
