package dev.backstitch.language;

import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.spi.Connector;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;

class PostgresAuditsTest extends AuditsContract {
    private EmbeddedPostgres server;

    @Override
    Connector open(Path dir) throws IOException {
        server =
                EmbeddedPostgres.builder().setDataDirectory(dir.resolve("data")).start();
        return Postgres.on(server.getPostgresDatabase()).open();
    }

    @Override
    Connection connect() throws SQLException {
        return server.getPostgresDatabase().getConnection();
    }

    @AfterAll
    void stop() throws IOException {
        server.close();
    }
}
