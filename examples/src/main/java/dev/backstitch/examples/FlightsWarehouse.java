package dev.backstitch.examples;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    private final PreparedFile prepared;

    FlightsWarehouse(Path directory) {
        this.directory = directory;
        this.prepared = new PreparedFile(directory);
    }

    /** The file; it is there as soon as it is complete. */
    Path file() {
        return prepared.path();
    }

    /**
     * Makes the file unless it is there.
     *
     * @return whether it was made
     */
    boolean prepare() {
        Path source = directory.resolve("preparing.parquet");
        boolean made = prepared.prepare(() -> statements(source));
        try {
            Files.deleteIfExists(source);
        } catch (IOException e) {
            throw new UncheckedIOException(source + " could not be deleted", e);
        }
        return made;
    }

    /** Those that make it from the real flights, which are laid down at this path. */
    static List<String> statements(Path source) throws IOException {
        try (InputStream flights = FlightsWarehouse.class.getResourceAsStream(FLIGHTS)) {
            if (flights == null) {
                throw new IllegalStateException(FLIGHTS + " is not on the class path");
            }
            Files.copy(flights, source, StandardCopyOption.REPLACE_EXISTING);
        }
        String path = source.toAbsolutePath().toString().replace("'", "''");
        return PREPARATION.stream().map(sql -> sql.formatted(path)).toList();
    }
}
