package dev.backstitch.connector.duckdb.probe;

import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A fence that is set while a writer's commit is under way: what becomes of the publish, with and without the look whether
 * the fence stands. Four writers that never stop; each round is one replace. It is a matter of microseconds, so that the
 * rounds are many and the counts differ from run to run.
 */
@Tag("fault")
class FencePoisonProbeTest {
    private static final int ROUNDS = 1_500;
    private static final int WRITERS = 4;
    private static final String ALTERED = "has been altered by a different transaction";

    @TempDir
    Path directory;

    private enum Look {
        NONE,
        /** Another one's write has to be refused. */
        WRITE,
        /** The same, after the commits under way have ended. */
        AFTER_COMMITS
    }

    private enum Round {
        PUBLISHED,
        FENCE_FOUND_GONE,
        COMMIT_REFUSED,
        DATABASE_ENDED
    }

    private enum Place {
        FILE,
        MEMORY
    }

    static Stream<Arguments> everywhere() {
        return DuckDbVersion.all()
                .flatMap(version -> Stream.of(Place.values()).map(place -> Arguments.of(version, place)));
    }

    @ParameterizedTest
    @MethodSource("everywhere")
    void aLookAfterTheCommitsUnderWay_keepsTheDatabaseAlive(DuckDbVersion version, Place place) throws Exception {
        Map<Round, Integer> none = rounds(version, place, Look.NONE);
        Map<Round, Integer> early = rounds(version, place, Look.WRITE);
        Map<Round, Integer> late = rounds(version, place, Look.AFTER_COMMITS);

        System.out.println("fence and commits under way, " + version + " " + place + ": no look " + none + ", a write "
                + early + ", a write after the commits " + late);
        assertThat(late).doesNotContainKeys(Round.DATABASE_ENDED, Round.COMMIT_REFUSED);
        assertThat(late.get(Round.PUBLISHED)).isGreaterThan(ROUNDS / 2);
    }

    private Map<Round, Integer> rounds(DuckDbVersion version, Place place, Look look) throws Exception {
        Map<Round, Integer> counts = new TreeMap<>();
        int left = ROUNDS;
        for (int opening = 0; left > 0; opening++) {
            File file = directory.resolve(look + "-" + opening + ".duckdb").toFile();
            DuckDbVersion.Database database =
                    place == Place.MEMORY ? version.freshDatabase() : version.databaseIn(file);
            try (Connection first = database.connect()) {
                run(
                        first,
                        "create table target (id bigint primary key, day int, v int)",
                        "insert into target select i, i % 8, i from range(320) numbers(i)");
                left -= beside(database, () -> round(database, look), left, counts);
            }
        }
        return counts;
    }

    private interface Step {
        Round run() throws SQLException;
    }

    /** Runs rounds beside the writers until the database has ended; how many there were. */
    private static int beside(DuckDbVersion.Database database, Step step, int atMost, Map<Round, Integer> counts)
            throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        List<Future<?>> writers = new ArrayList<>();
        int done = 0;
        try {
            for (int i = 0; i < WRITERS; i++) {
                int number = i;
                writers.add(threads.submit(() -> {
                    write(database, number, stop);
                    return number;
                }));
            }
            Round last = Round.PUBLISHED;
            while (done < atMost && last != Round.DATABASE_ENDED) {
                last = step.run();
                counts.merge(last, 1, Integer::sum);
                done++;
            }
        } finally {
            stop.set(true);
            for (Future<?> writer : writers) {
                writer.get();
            }
            threads.shutdownNow();
        }
        return done;
    }

    private static void write(DuckDbVersion.Database database, int number, AtomicBoolean stop) throws Exception {
        Random random = new Random(number);
        long next = 100_000L * (number + 1);
        try (Connection connection = database.connect()) {
            while (!stop.get()) {
                try {
                    switch (random.nextInt(3)) {
                        case 0 -> run(connection, "insert into target values (" + next++ + ", 0, 1)");
                        case 1 -> run(connection, "update target set v = v + 1 where id = " + 8 * random.nextInt(40));
                        default -> run(connection, "delete from target where id = " + (next - 1));
                    }
                } catch (SQLException e) {
                    if (String.valueOf(e.getMessage()).contains("FATAL")) {
                        return;
                    }
                }
            }
        }
    }

    private static Round round(DuckDbVersion.Database database, Look look) throws SQLException {
        try (Connection publish = database.connect()) {
            publish.setAutoCommit(false);
            run(publish, "alter table target add column fence int", "alter table target drop column fence");
            if (look == Look.AFTER_COMMITS) {
                try (Connection other = database.connect()) {
                    other.setAutoCommit(false);
                    run(other, "create table own (n int)", "drop table own");
                    other.commit();
                }
            }
            if (look != Look.NONE && !stands(database)) {
                publish.rollback();
                return Round.FENCE_FOUND_GONE;
            }
            run(
                    publish,
                    "delete from target where day between 2 and 5",
                    "insert into target select i, i % 8, i from range(320) numbers(i) where i % 8 between 2 and 5");
            publish.commit();
            return Round.PUBLISHED;
        } catch (SQLException e) {
            return String.valueOf(e.getMessage()).contains("FATAL") ? Round.DATABASE_ENDED : Round.COMMIT_REFUSED;
        }
    }

    private static boolean stands(DuckDbVersion.Database database) throws SQLException {
        try (Connection other = database.connect()) {
            other.setAutoCommit(false);
            run(other, "update target set v = v where rowid = (select min(rowid) from target)");
            return false;
        } catch (SQLException e) {
            return String.valueOf(e.getMessage()).contains(ALTERED);
        }
    }
}
