package dev.backstitch.language;

import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.spi.Connector;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

class DuckDbPlanGateTest extends PlanGateContract {
    private Path file = Path.of("");

    @Override
    Connector open(Path dir) {
        file = dir.resolve("plan.duckdb");
        return DuckDb.file(file).open();
    }

    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + file.toAbsolutePath());
    }

    @Override
    String product() {
        return "duckdb";
    }

    @Override
    void own(Refusals refusals) {
        refusals.of("a swap of a table with a foreign key", swapped("app.children"));
        refusals.of(
                "a target to which a foreign key points",
                published(
                        orders("app.parents", dev.backstitch.dsl.Dsl.days("day").lastDays(3))));
    }
}
