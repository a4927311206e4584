package dev.backstitch.language;

import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.spi.Connector;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

class PostgresAuditsTest extends AuditsContract {
    private DataSource database;

    @Override
    Connector open(Path dir) throws SQLException {
        database = SharedPostgres.database();
        return Postgres.on(database).open();
    }

    @Override
    Connection connect() throws SQLException {
        return database.getConnection();
    }
}
