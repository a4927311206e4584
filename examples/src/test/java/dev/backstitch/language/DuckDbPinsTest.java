package dev.backstitch.language;

import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.spi.Connector;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

class DuckDbPinsTest extends PinsContract {
    @Override
    Connector connector() {
        return DuckDb.file(directory.resolve("shop.duckdb")).open();
    }

    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("shop.duckdb"));
    }
}
