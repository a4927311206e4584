package dev.backstitch.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What the tables of the quickstart must hold, by plain SQL over the Parquet file. It numbers the rows by reading them in
 * one thread, and not by the number that the reader gives.
 */
final class FlightsOracle implements AutoCloseable {
    private static final String BEFORE = """
            select flight_id, cast(date as date) flight_date, delay, distance, origin, destination,
                   case when delay >= 10 then 'late' else 'on_time' end delay_class
            from numbered""";

    private static final String AFTER = """
            select flight_id, cast(date as date) flight_date, corrected as delay, distance, origin, destination,
                   case when corrected >= 60 then 'very_late' when corrected >= 15 then 'late'
                        when corrected >= 0 then 'on_time' else 'early' end delay_class
            from (select *, delay + if(flight_id % 100 = 0, 3, 0) corrected from numbered)""";

    private final Connection connection;

    FlightsOracle(Path warehouse, Path scratch) throws SQLException, IOException {
        Path parquet = scratch.resolve("oracle.parquet");
        try (InputStream flights = FlightsOracle.class.getResourceAsStream("/flights-2001-01.parquet")) {
            Files.copy(flights, parquet, StandardCopyOption.REPLACE_EXISTING);
        }
        connection = DriverManager.getConnection("jdbc:duckdb:");
        execute("set threads = 1");
        execute("create table numbered as select row_number() over () as flight_id, * from '" + parquet + "'");
        execute("attach '" + warehouse + "' as w (read_only)");
    }

    /** Rows that are in one of the two tables and not in the other. */
    long differencesFromBefore() throws SQLException {
        return differences(BEFORE);
    }

    long differencesFromAfter() throws SQLException {
        return differences(AFTER);
    }

    private long differences(String expected) throws SQLException {
        String live = "select flight_id, flight_date, delay, distance, origin, destination, delay_class"
                + " from w.analytics.flights";
        return number("select (select count(*) from (" + expected + " except all " + live + "))"
                + " + (select count(*) from (" + live + " except all " + expected + "))");
    }

    /** A value of the warehouse, which is attached as {@code w}. */
    long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
