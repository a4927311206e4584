package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.tck.PublishingConnectorContract;
import dev.backstitch.connector.tck.Warehouse;

class DuckDbPublishingContractTest extends PublishingConnectorContract {
    @Override
    protected Warehouse warehouse() {
        return new DuckDbContractTest().warehouse();
    }
}
