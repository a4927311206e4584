package dev.backstitch.language;

import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.spi.Connector;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

class DuckDbRehearsalTest extends RehearsalContract {
    @Override
    Connector connector() {
        return DuckDb.file(directory.resolve("shop.duckdb")).open();
    }

    @Override
    Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:duckdb:" + directory.resolve("shop.duckdb"));
    }

    @Override
    List<String> catalogue() throws SQLException {
        List<String> all = new ArrayList<>();
        try (Connection connection = connect()) {
            all.addAll(Sql.rows(
                    connection,
                    "select schema_name, table_name, sql, comment from duckdb_tables()"
                            + " where schema_name not like 'backstitch%' order by 1, 2"));
            all.addAll(Sql.rows(connection, "select schema_name, index_name, sql from duckdb_indexes() order by 1, 2"));
            all.addAll(Sql.rows(connection, "select view_name, sql from duckdb_views() where not internal order by 1"));
            all.addAll(Sql.rows(connection, "select current_setting('threads'), current_setting('memory_limit')"));
        }
        return all;
    }
}
