package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.examples.Examples;
import dev.backstitch.examples.QuickstartParts;
import dev.backstitch.faults.ChildJvm.Ended;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of the real quickstart; the same command again finishes it. */
class QuickstartKillTest {
    private static final long SEED = Long.getLong("backstitch.seed", 20260301L);
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int KILLED = 137;
    private static final List<Phase> AIMS =
            List.of(Phase.PREPARE, Phase.SHADOW, Phase.MERGE, Phase.AUDIT, Phase.PUBLISH, Phase.MERGE);

    @TempDir
    static Path directory;

    private static Path flights;

    @BeforeAll
    static void unpack() throws IOException {
        flights = directory.resolve("flights.parquet");
        try (InputStream resource =
                Objects.requireNonNull(QuickstartKillTest.class.getResourceAsStream(QuickstartParts.FLIGHTS))) {
            Files.copy(resource, flights);
        }
    }

    @Tag("fault")
    @Test
    void aKilledQuickstart_isFinishedByTheSameCommand() throws Exception {
        killAimed(new Random(SEED), Phase.PUBLISH);
    }

    @Tag("fault")
    @Test
    void aQuickstart_isKilledAtRandom_eightTimes() throws Exception {
        killAtRandom(new Random(SEED), 8);
    }

    @Tag("fault")
    @Test
    void aQuickstart_isKilledInEachPhase_twice() throws Exception {
        Random random = new Random(SEED);
        for (int i = 0; i < 12; i++) {
            killAimed(random, AIMS.get(i % AIMS.size()));
        }
    }

    private static void killAtRandom(Random random, int times) throws Exception {
        Path undisturbed = directory.resolve("undisturbed_" + times);
        long begun = System.nanoTime();
        assertThat(command(undisturbed).exitCode()).isZero();
        long took = System.nanoTime() - begun;
        assertPublished(undisturbed);
        System.out.printf("kill -9: an undisturbed quickstart took %.1f s%n", took / 1e9);
        for (int i = 0; i < times; i++) {
            Path home = directory.resolve("random_" + times + "_" + i);
            long moment = (long) (took * 0.95 * random.nextDouble());
            ChildJvm child = start(home);
            child.process().waitFor(moment, TimeUnit.NANOSECONDS);
            child.process().destroyForcibly();
            Ended killed = child.await(PATIENCE);
            assertThat(killed.exitCode()).as("killed, and not at its end").isEqualTo(KILLED);
            finish(home, String.format("at %.2f s, %s", moment / 1e9, last(killed)));
        }
    }

    private static void killAimed(Random random, Phase phase) throws Exception {
        Path home = directory.resolve("aimed_" + phase + "_" + random.nextInt(1_000_000));
        int place = 1 + random.nextInt(phase == Phase.PREPARE ? 4 : phase == Phase.MERGE ? 60 : 8);
        Files.createDirectories(home);
        ChildJvm child = ChildJvm.start(
                home, TappedQuickstart.class, List.of(home.toString(), phase.name(), Integer.toString(place)));
        String held = child.awaitLine(TappedQuickstart.HELD, PATIENCE);
        child.process().destroyForcibly();
        assertThat(child.await(PATIENCE).exitCode()).isEqualTo(KILLED);
        finish(home, "held at " + held);
    }

    private static void finish(Path home, String where) throws Exception {
        Ended again = command(home);
        assertThat(again.exitCode()).as(String.join("\n", again.lines())).isZero();
        assertPublished(home);
        Ended onceMore = command(home);
        assertThat(onceMore.exitCode()).isZero();
        assertPublished(home);
        System.out.println("kill -9: " + where + "; then " + last(again) + "; then " + last(onceMore));
    }

    private static String last(Ended ended) {
        return ended.lines().isEmpty()
                ? "nothing was printed"
                : "\"" + ended.lines().get(ended.lines().size() - 1).strip() + "\"";
    }

    private static ChildJvm start(Path home) throws IOException {
        Files.createDirectories(home);
        return ChildJvm.start(home, Examples.class, List.of("quickstart", "--dir", home.toString()));
    }

    private static Ended command(Path home) throws Exception {
        return start(home).await(PATIENCE);
    }

    /** By an independent query over the file of flights. */
    private static void assertPublished(Path home) throws SQLException {
        String expected =
                "select file_row_number + 1 as flight_id, cast(date as date) as flight_date, distance, origin,"
                        + " destination, delay + if((file_row_number + 1) % 100 = 0, 3, 0) as delay,"
                        + " case when delay + if((file_row_number + 1) % 100 = 0, 3, 0) < 0 then 'early'"
                        + " when delay + if((file_row_number + 1) % 100 = 0, 3, 0) <= 14 then 'on_time'"
                        + " when delay + if((file_row_number + 1) % 100 = 0, 3, 0) <= 59 then 'late' else 'very_late' end"
                        + " as delay_class from read_parquet('" + flights + "', file_row_number = true)";
        String live = "select flight_id, flight_date, distance, origin, destination, delay, delay_class"
                + " from analytics.flights";
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + home.resolve("warehouse.duckdb"))) {
            assertThat(Sql.one(connection, "select count(*) from analytics.flights"))
                    .isEqualTo("508239");
            assertThat(Sql.one(connection, "select count(*) from (" + expected + " except all " + live + ") lacking"))
                    .isEqualTo("0");
            assertThat(Sql.one(connection, "select count(*) from (" + live + " except all " + expected + ") extra"))
                    .isEqualTo("0");
            assertThat(Sql.column(
                            connection,
                            "select state || ' ' || count(*) || ' ' || count(distinct partition_id)"
                                    + " from backstitch.bf_ledger group by state"))
                    .containsExactly("PUBLISHED 31 31");
            assertThat(Sql.column(
                            connection,
                            "select regexp_replace(table_name, 'bf_[0-9a-f]+', 'bf') from information_schema.tables"
                                    + " where table_schema in ('analytics', 'staging') order by 1"))
                    .containsExactly("bf_archive", "bf_seal", "flights", "flights");
        }
    }
}
