package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.postgresql.probe.Server;
import dev.backstitch.connector.tck.ConnectorContract;
import dev.backstitch.connector.tck.Warehouse;
import dev.backstitch.spi.Connector;
import java.sql.SQLException;
import javax.sql.DataSource;

class PostgresContractTest extends ConnectorContract {
    @Override
    protected Warehouse warehouse() throws SQLException {
        dev.backstitch.connector.postgresql.Warehouse database = dev.backstitch.connector.postgresql.Warehouse.create();
        return new Warehouse() {
            @Override
            public DataSource connections() {
                return database.source(Server.port());
            }

            @Override
            public Connector connector(DataSource watched) {
                return Postgres.on(watched).open();
            }

            @Override
            public int stride() {
                return 13;
            }

            @Override
            public void close() throws SQLException {
                database.close();
            }
        };
    }
}
