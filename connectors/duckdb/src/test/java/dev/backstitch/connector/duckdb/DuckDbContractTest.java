package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.tck.ConnectorContract;
import dev.backstitch.connector.tck.Warehouse;
import dev.backstitch.spi.Connector;
import java.util.Properties;
import javax.sql.DataSource;

class DuckDbContractTest extends ConnectorContract {
    @Override
    protected Warehouse warehouse() {
        FileConnections connections = FileConnections.open("", new Properties());
        return new Warehouse() {
            @Override
            public DataSource connections() {
                return connections;
            }

            @Override
            public Connector connector(DataSource watched) {
                return DuckDb.on(watched).open();
            }

            @Override
            public int stride() {
                return 4;
            }

            @Override
            public void close() {
                connections.close();
            }
        };
    }
}
