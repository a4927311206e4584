package dev.backstitch.language;

import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.spi.Connector;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

class PostgresPinsTest extends PinsContract {
    @SuppressWarnings("NullAway.Init") // JUnit calls start() before each test.
    private static EmbeddedPostgres server;

    @BeforeAll
    static void start() throws IOException {
        server = EmbeddedPostgres.start();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @AfterEach
    void empty() throws SQLException {
        execute("drop schema bi cascade", "drop schema if exists backstitch cascade");
    }

    @Override
    Connector connector() {
        return Postgres.on(server.getPostgresDatabase()).open();
    }

    @Override
    Connection connect() throws SQLException {
        return server.getPostgresDatabase().getConnection();
    }
}
