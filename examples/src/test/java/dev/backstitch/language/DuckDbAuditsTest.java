package dev.backstitch.language;

import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.spi.Connector;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

class DuckDbAuditsTest extends AuditsContract {
    private Path file = Path.of("");

    @Override
    Connector open(Path dir) {
        file = dir.resolve("audits.duckdb");
        return DuckDb.file(file).open();
    }

    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + file.toAbsolutePath());
    }
}
