package dev.backstitch.examples;

import static dev.backstitch.error.ErrorCode.WAREHOUSE_IN_USE;

import dev.backstitch.error.BackstitchException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * A DuckDB file with a month of flights: what the carriers delivered in {@code staging.flights}, and the live table {@code
 * analytics.flights}.
 *
 * <p>A flight has no key of its own; its row number in the file is one. Every hundredth flight was delivered a second
 * time a week later, with three minutes more delay. The live table was loaded before that, with the former classes of
 * delays.
 */
final class FlightsWarehouse {
    private static final String FLIGHTS = "/flights-2001-01.parquet";

    private static final List<String> PREPARATION =
            List.of("create schema staging", "create schema analytics", """
            create table staging.flights as
            with numbered as (
              select file_row_number + 1 as flight_id, cast(date as date) as flight_date, date, delay, distance, origin, destination
              from read_parquet('%s', file_row_number = true))
            select *, timestamp '2001-02-01 06:00:00' as loaded_at from numbered
            union all
            select * replace (delay + 3 as delay), timestamp '2001-02-08 06:00:00' as loaded_at from numbered
            where flight_id %% 100 = 0
            order by flight_id, loaded_at
            """, """
            create table analytics.flights as
            select *, cast(case when delay < 10 then 'on_time' else 'late' end as varchar) as delay_class
            from staging.flights
            where loaded_at = timestamp '2001-02-01 06:00:00'
            order by flight_id
            """);

    private final Path directory;

    FlightsWarehouse(Path directory) {
        this.directory = directory;
    }

    /** The file; it is there as soon as it is complete. */
    Path file() {
        return directory.resolve("warehouse.duckdb");
    }

    /**
     * Makes the file unless it is there. It is made under another name first, so that whoever dies meanwhile leaves
     * nothing that looks like it.
     *
     * @return whether it was made
     */
    boolean prepare() {
        if (Files.exists(file())) {
            return false;
        }
        Path lock = directory.resolve("preparing.lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            if (held == null) {
                throw new BackstitchException(
                        WAREHOUSE_IN_USE,
                        "the data in " + directory + " are being prepared by another process. Nothing was written. "
                                + "Give the command again when it is done.");
            }
            return !Files.exists(file()) && prepareAlone();
        } catch (IOException e) {
            throw new UncheckedIOException("the data in " + directory + " could not be prepared", e);
        }
    }

    private boolean prepareAlone() throws IOException {
        Path unfinished = directory.resolve("preparing.duckdb");
        Path source = directory.resolve("preparing.parquet");
        Files.deleteIfExists(unfinished);
        Files.deleteIfExists(directory.resolve("preparing.duckdb.wal"));
        try (InputStream flights = FlightsWarehouse.class.getResourceAsStream(FLIGHTS)) {
            if (flights == null) {
                throw new IllegalStateException(FLIGHTS + " is not on the class path");
            }
            Files.copy(flights, source, StandardCopyOption.REPLACE_EXISTING);
        }
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + unfinished.toAbsolutePath());
                Statement statement = connection.createStatement()) {
            for (String sql : PREPARATION) {
                statement.execute(
                        sql.formatted(source.toAbsolutePath().toString().replace("'", "''")));
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the data in " + directory + " could not be prepared", e);
        }
        Files.move(unfinished, file(), StandardCopyOption.ATOMIC_MOVE);
        Files.delete(source);
        return true;
    }
}
