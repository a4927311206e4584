package dev.backstitch.connector.duckdb.probe;

import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.ask;
import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A fingerprint is a count and an order-free sum of row hashes; it costs what a scan costs. */
class FingerprintCostProbeTest {

    private static final String FINGERPRINT =
            "select count(*) || '/' || coalesce(sum(hash(id, day, name, amount, seen)::hugeint), 0) from target";

    @ParameterizedTest
    @MethodSource("dev.backstitch.connector.duckdb.probe.DuckDbVersion#all")
    void fingerprint_seesAnUpdateADeleteAndARowTwice_andNotTheOrder(DuckDbVersion version) throws SQLException {
        try (Connection connection = version.freshDatabase().connect()) {
            fill(connection, 1_000);
            String before = ask(connection, FINGERPRINT);

            run(connection, "update target set amount = null where id = 5");
            assertThat(ask(connection, FINGERPRINT)).isNotEqualTo(before);
            run(connection, "update target set amount = 5 * 0.25 where id = 5");
            assertThat(ask(connection, FINGERPRINT)).as("as it was").isEqualTo(before);
            run(connection, "create table moved as select * from target order by name desc, id", "delete from target");
            assertThat(ask(connection, FINGERPRINT)).isEqualTo("0/0");
            run(connection, "insert into target select * from moved");
            assertThat(ask(connection, FINGERPRINT)).as("order-free").isEqualTo(before);
            run(connection, "insert into target select * from target where id = 5");
            assertThat(ask(connection, FINGERPRINT)).isNotEqualTo(before);
        }
    }

    @Test
    void fingerprint_isTheSame_onBothVersions() throws SQLException {
        Set<String> fingerprints = new HashSet<>();
        for (DuckDbVersion version : DuckDbVersion.all().toList()) {
            try (Connection connection = version.freshDatabase().connect()) {
                fill(connection, 1_000);
                fingerprints.add(ask(connection, FINGERPRINT));
            }
        }
        assertThat(fingerprints).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {100_000, 1_000_000, 5_000_000})
    @Tag("fault")
    void fingerprint_costsAScan(int rows, @TempDir Path directory) throws SQLException {
        var database = DuckDbVersion.current()
                .databaseIn(directory.resolve("cost.duckdb").toFile());
        try (Connection connection = database.connect()) {
            fill(connection, rows);
            run(connection, "checkpoint");
            String slice = FINGERPRINT + " where day >= date '2001-01-10' and day < date '2001-01-11'";
            System.out.printf(
                    "%,d rows: all %d ms, one day of a hundred %d ms%n",
                    rows, millis(connection, FINGERPRINT), millis(connection, slice));
            assertThat(ask(connection, slice)).startsWith(rows / 100 + "/");
        }
    }

    /** The middle one of five. */
    private static long millis(Connection connection, String sql) throws SQLException {
        long[] taken = new long[5];
        for (int i = 0; i < taken.length; i++) {
            long start = System.nanoTime();
            ask(connection, sql);
            taken[i] = System.nanoTime() - start;
        }
        Arrays.sort(taken);
        return taken[2] / 1_000_000;
    }

    private static void fill(Connection connection, int rows) throws SQLException {
        run(
                connection,
                "create table target (id bigint, day date, name varchar, amount decimal(12, 2), seen timestamp)",
                "insert into target select i, date '2001-01-01' + (i * 100 // %1$d)::int, 'name ' || i %% 1000, i * 0.25,"
                                .formatted(rows)
                        + " timestamp '2001-01-01' + to_seconds(i) from range(%d) r(i)".formatted(rows));
    }
}
