package dev.backstitch.connector.tck;

import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** One test's database, connector and tables. */
final class Fixture implements AutoCloseable {
    private final Warehouse warehouse;
    private final Watched watched;
    private final Connector connector;

    Fixture(Warehouse warehouse) {
        this.warehouse = warehouse;
        this.watched = new Watched(warehouse.connections());
        this.connector = warehouse.connector(watched.connections());
        sql(
                "create schema app",
                "create table app.flights (id bigint primary key, day date not null, airline varchar(20), delay integer"
                        + " default 0)",
                "create table app.source (id bigint, day date, airline varchar(20), delay integer, loaded_at timestamp)");
        for (int day = 1; day <= 5; day++) {
            for (int n = 1; n <= 3; n++) {
                sql("insert into app.flights values (" + day + n + ", date '2001-01-0" + day + "', 'AA', " + n + ")");
            }
        }
    }

    Connector connector() {
        return connector;
    }

    List<Warehouse.TypeSample> types() {
        return warehouse.types();
    }

    boolean ddlCommits() {
        return warehouse.ddlCommits();
    }

    boolean catchesUp() {
        return warehouse.catchesUp();
    }

    boolean swaps() {
        return warehouse.swaps();
    }

    int stride() {
        return warehouse.stride();
    }

    Watched watched() {
        return watched;
    }

    /** The table of the tests as it is now. */
    TableInfo target() {
        return table("app.flights");
    }

    TableInfo table(String name) {
        return connector.catalog().table(TableName.parse(name)).orElseThrow();
    }

    /** Runs statements of the test's own, each in a transaction. */
    void sql(String... statements) {
        try (Connection connection = warehouse.connections().getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A connection of the test's own, in a transaction. */
    Connection transaction() throws SQLException {
        Connection connection = warehouse.connections().getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    /** Each row as its values with a blank between them. */
    List<String> rows(String query) {
        try (Connection connection = warehouse.connections().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> result = new ArrayList<>();
            while (rows.next()) {
                List<String> values = new ArrayList<>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    values.add(String.valueOf(rows.getString(i)));
                }
                result.add(String.join(" ", values));
            }
            return result;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A table's name in SQL. */
    String name(ResolvedTable table) {
        return table.parts().map(part -> '"' + part.replace("\"", "\"\"") + '"').collect(Collectors.joining("."));
    }

    @Override
    public void close() throws Exception {
        connector.close();
        warehouse.close();
    }
}
