package dev.backstitch.language;

import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;

import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.spi.Connector;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PostgresPlanGateTest extends PlanGateContract {
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

    @Override
    String product() {
        return "postgresql";
    }

    @Override
    void own(Refusals refusals) throws Exception {
        try (Connection connection = connect()) {
            Sql.run(connection, "create rule aside as on delete to app.parents do also select 1");
            refusals.of("a table with a rule", swapped("app.parents"));
            Sql.run(
                    connection,
                    "create role reader login",
                    "grant usage on schema app, staging to reader",
                    "grant select on all tables in schema app, staging to reader");
        }
        try (Connector reading =
                Postgres.on(server.getDatabase("reader", "postgres")).open()) {
            try (Connection connection = connect()) {
                Sql.run(connection, "create schema vault", "create table vault.orders as select * from app.orders");
            }
            refusals.of("a user that may not look into the source's schema", published(from("vault.orders")), reading);
            refusals.of(
                    "a user that may only read",
                    dag("history")
                            .run(published(orders("app.orders", days("day").lastDays(3)))),
                    reading);
        }
    }

    @AfterAll
    void stop() throws IOException {
        server.close();
    }
}
