package dev.backstitch.language;

import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.spi.Connector;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

class PostgresPinsTest extends PinsContract {
    @SuppressWarnings("NullAway.Init") // JUnit calls start() before each test.
    private static DataSource database;

    @BeforeAll
    static void start() throws SQLException {
        database = SharedPostgres.database();
    }

    @AfterEach
    void empty() throws SQLException {
        execute("drop schema bi cascade", "drop schema if exists backstitch cascade");
    }

    @Override
    Connector connector() {
        return Postgres.on(database).open();
    }

    @Override
    Connection connect() throws SQLException {
        return database.getConnection();
    }
}
