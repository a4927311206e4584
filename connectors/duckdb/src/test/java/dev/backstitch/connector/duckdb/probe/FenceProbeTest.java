package dev.backstitch.connector.duckdb.probe;

import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.ask;
import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Adding and dropping a column first in the publish makes a concurrent writer's commit fail, or the publish itself.
 * Every way to lay one writer's begin, write and commit between the statements of a publish is played.
 */
@Timeout(120)
class FenceProbeTest {

    enum Publish {
        REPLACE,
        SWAP
    }

    enum Fence {
        NONE,
        FIRST,
        AFTER_THE_DRIFT_CHECK
    }

    enum Index {
        NONE,
        DROPPED_INSIDE_THE_FENCE,
        DROPPED_BEFORE_THE_FENCE
    }

    enum Write {
        UPDATE("update target set v = 77 where id = 1", "select count(*) from target where id = 1 and v = 77"),
        INSERT("insert into target values (9, 1, 99)", "select count(*) from target where id = 9 and v = 99"),
        DELETE("delete from target where id = 2", "select 1 - count(*) from target where id = 2");

        private final String sql;
        private final String survives;

        Write(String sql, String survives) {
            this.sql = sql;
            this.survives = survives;
        }
    }

    /** The gaps between the publish's statements in which the writer begins (and reads), writes, and commits. */
    record Interleaving(int begin, int write, int commit) {
        static List<Interleaving> over(int gaps) {
            List<Interleaving> all = new ArrayList<>();
            for (int begin = 0; begin < gaps; begin++) {
                for (int write = begin; write < gaps; write++) {
                    for (int commit = write; commit < gaps; commit++) {
                        all.add(new Interleaving(begin, write, commit));
                    }
                }
            }
            return all;
        }

        /** Writers that begin where they write, and writers that read before the publish and commit where they write. */
        boolean isInTheSlice() {
            return begin == write || (begin == 0 && write == commit);
        }
    }

    /** How many of the interleavings are played: a slice in every build, all with the fault suite. */
    enum Reach {
        SLICE,
        ALL
    }

    enum Outcome {
        PUBLISHED_AND_WRITE_SURVIVES,
        PUBLISHED_AND_WRITER_TOLD,
        REFUSED_AND_WRITE_SURVIVES,
        REFUSED_AND_WRITER_TOLD,
        WRITE_LOST
    }

    record Loss(Write write, Interleaving interleaving) {}

    static Stream<Arguments> publishes() {
        return versionsTimes(Index.NONE, Index.DROPPED_INSIDE_THE_FENCE);
    }

    static Stream<Arguments> publishesOfAPlainTable() {
        return versionsTimes(Index.NONE);
    }

    static Stream<Arguments> publishesThatDropTheIndexFirst() {
        return versionsTimes(Index.DROPPED_BEFORE_THE_FENCE);
    }

    private static Stream<Arguments> versionsTimes(Index... indexes) {
        return DuckDbVersion.all()
                .flatMap(version -> Stream.of(Publish.values())
                        .flatMap(publish -> Stream.of(indexes).map(index -> Arguments.of(version, publish, index))));
    }

    @ParameterizedTest
    @MethodSource("publishes")
    void fence_losesNoAcknowledgedWrite_whenItIsTheFirstStatement(DuckDbVersion version, Publish publish, Index index)
            throws SQLException {
        Tally tally = play(version, publish, index, Fence.FIRST, Reach.SLICE);

        assertThat(tally.losses).isEmpty();
        // The fault fired in every way that a publish can meet a writer.
        assertThat(tally.counts)
                .containsKeys(
                        Outcome.PUBLISHED_AND_WRITE_SURVIVES,
                        Outcome.PUBLISHED_AND_WRITER_TOLD,
                        Outcome.REFUSED_AND_WRITE_SURVIVES);
    }

    @ParameterizedTest
    @MethodSource("publishes")
    @Tag("fault")
    void fence_losesNoAcknowledgedWrite_inEveryInterleaving(DuckDbVersion version, Publish publish, Index index)
            throws SQLException {
        assertThat(play(version, publish, index, Fence.FIRST, Reach.ALL).losses).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("publishesThatDropTheIndexFirst")
    @Tag("fault")
    void fence_losesTheWriteThatCommitsBeforeIt_whenDropIndexIsTheFirstStatement(
            DuckDbVersion version, Publish publish, Index index) throws SQLException {
        Tally tally = play(version, publish, index, Fence.FIRST, Reach.SLICE);

        // The snapshot is taken by the first statement: begin, drop index, (here), add column.
        assertThat(tally.losses)
                .isNotEmpty()
                .allMatch(loss -> loss.interleaving.commit == 2, "commits between DROP INDEX and ADD COLUMN");
    }

    @ParameterizedTest
    @MethodSource("publishesOfAPlainTable")
    @Tag("fault")
    void fence_losesTheWriteThatCommitsBeforeIt_whenTheDriftCheckComesFirst(
            DuckDbVersion version, Publish publish, Index index) throws SQLException {
        Tally tally = play(version, publish, index, Fence.AFTER_THE_DRIFT_CHECK, Reach.SLICE);

        assertThat(tally.losses)
                .isNotEmpty()
                .allMatch(loss -> loss.interleaving.commit == 2, "commits between drift check and ADD COLUMN");
    }

    @ParameterizedTest
    @MethodSource("publishesOfAPlainTable")
    void withoutTheFence_acknowledgedWritesAreLost(DuckDbVersion version, Publish publish, Index index)
            throws SQLException {
        Tally tally = play(version, publish, index, Fence.NONE, Reach.SLICE);

        assertThat(tally.losses)
                .isNotEmpty()
                .anyMatch(loss -> loss.interleaving.begin == 0 && loss.interleaving.commit > 1, "open before it")
                .anyMatch(loss -> loss.interleaving.begin > 1, "begun after the drift check's snapshot");
    }

    @ParameterizedTest
    @MethodSource("publishes")
    @Tag("fault")
    void readers_seeTheWholeOldOrTheWholeNewTable_andNeverFail(DuckDbVersion version, Publish publish, Index index)
            throws SQLException {
        DuckDbVersion.Database database = version.freshDatabase();
        try (Connection publisher = database.connect();
                Connection passing = database.connect();
                Connection staying = database.connect()) {
            makeTables(publisher, index);
            String sum = "select sum(v) from target";
            run(staying, "begin");
            for (String statement : statements(publish, index, Fence.FIRST)) {
                assertThat(ask(passing, sum)).as("before " + statement).isEqualTo("60");
                assertThat(ask(staying, sum)).as("before " + statement).isEqualTo("60");
                run(publisher, statement);
            }
            assertThat(ask(staying, sum)).as("begun before the publish").isEqualTo("60");
            assertThat(ask(passing, sum)).isEqualTo("3060");
        }
    }

    /** What became of each write, by outcome; the losses one by one. */
    private static final class Tally {
        private final Map<Outcome, Integer> counts = new EnumMap<>(Outcome.class);
        private final List<Loss> losses = new ArrayList<>();
    }

    private static Tally play(DuckDbVersion version, Publish publish, Index index, Fence fence, Reach reach)
            throws SQLException {
        List<String> statements = statements(publish, index, fence);
        Tally tally = new Tally();
        DuckDbVersion.Database database = version.freshDatabase();
        try (Connection publisher = database.connect();
                Connection writer = database.connect()) {
            run(publisher, "set threads = 1");
            for (Write write : Write.values()) {
                for (Interleaving interleaving : Interleaving.over(statements.size() + 1)) {
                    if (reach == Reach.SLICE && !interleaving.isInTheSlice()) {
                        continue;
                    }
                    Outcome outcome = play(publisher, writer, statements, index, write, interleaving);
                    tally.counts.merge(outcome, 1, Integer::sum);
                    if (outcome == Outcome.WRITE_LOST) {
                        tally.losses.add(new Loss(write, interleaving));
                    }
                }
            }
        }
        return tally;
    }

    private static final String DRIFT_CHECK = "select count(*) || '/' || sum(hash(id, day, v)::hugeint) from target";

    private static List<String> statements(Publish publish, Index index, Fence fence) {
        List<String> statements = new ArrayList<>();
        statements.add("begin");
        if (index == Index.DROPPED_BEFORE_THE_FENCE) {
            statements.add("drop index target_day");
        }
        List<String> fencing = new ArrayList<>(
                List.of("alter table target add column fence int", "alter table target drop column fence"));
        if (index == Index.DROPPED_INSIDE_THE_FENCE) {
            fencing.add(1, "drop index target_day");
        }
        switch (fence) {
            case NONE -> {
                if (index == Index.DROPPED_INSIDE_THE_FENCE) {
                    statements.add("drop index target_day");
                }
                statements.add(DRIFT_CHECK);
            }
            case FIRST -> {
                statements.addAll(fencing);
                statements.add(DRIFT_CHECK);
            }
            case AFTER_THE_DRIFT_CHECK -> {
                statements.add(DRIFT_CHECK);
                statements.addAll(fencing);
            }
        }
        switch (publish) {
            case REPLACE ->
                statements.addAll(
                        List.of("delete from target where day = 1", "insert into target select * from shadow"));
            case SWAP ->
                statements.addAll(
                        List.of("alter table target rename to archive", "alter table shadow rename to target"));
        }
        if (index != Index.NONE) {
            statements.add("create index target_day on target (day)");
        }
        statements.add("commit");
        return statements;
    }

    private static Outcome play(
            Connection publisher,
            Connection writer,
            List<String> statements,
            Index index,
            Write write,
            Interleaving interleaving)
            throws SQLException {
        makeTables(publisher, index);
        String baseline = ask(publisher, DRIFT_CHECK);

        boolean published = true;
        boolean acknowledged = true;
        for (int gap = 0; gap <= statements.size(); gap++) {
            acknowledged = acknowledged && writes(writer, write, interleaving, gap);
            if (published && gap < statements.size()) {
                published = publishes(publisher, statements.get(gap), baseline);
            }
        }
        if (acknowledged && !ask(publisher, write.survives).equals("1")) {
            return Outcome.WRITE_LOST;
        }
        if (published) {
            return acknowledged ? Outcome.PUBLISHED_AND_WRITE_SURVIVES : Outcome.PUBLISHED_AND_WRITER_TOLD;
        }
        return acknowledged ? Outcome.REFUSED_AND_WRITE_SURVIVES : Outcome.REFUSED_AND_WRITER_TOLD;
    }

    private static void makeTables(Connection publisher, Index index) throws SQLException {
        run(
                publisher,
                "drop table if exists target",
                "drop table if exists shadow",
                "drop table if exists archive",
                "create table target (id int primary key, day int, v int)",
                "insert into target values (1, 1, 10), (2, 1, 20), (3, 1, 30)",
                "create table shadow (id int primary key, day int, v int)",
                "insert into shadow select id, day, v + 1000 from target");
        if (index != Index.NONE) {
            run(publisher, "create index target_day on target (day)");
        }
    }

    private static boolean writes(Connection writer, Write write, Interleaving interleaving, int gap)
            throws SQLException {
        try {
            if (gap == interleaving.begin) {
                run(writer, "begin", "select count(*) from target");
            }
            if (gap == interleaving.write) {
                run(writer, write.sql);
            }
            if (gap == interleaving.commit) {
                run(writer, "commit");
            }
            return true;
        } catch (SQLException told) {
            rollback(writer);
            return false;
        }
    }

    private static boolean publishes(Connection publisher, String statement, String baseline) throws SQLException {
        try {
            if (statement.equals(DRIFT_CHECK)) {
                if (!ask(publisher, DRIFT_CHECK).equals(baseline)) {
                    rollback(publisher);
                    return false;
                }
            } else {
                run(publisher, statement);
            }
            return true;
        } catch (SQLException conflict) {
            rollback(publisher);
            return false;
        }
    }

    private static void rollback(Connection connection) {
        try {
            run(connection, "rollback");
        } catch (SQLException ended) {
            // A commit that failed has ended the transaction already.
        }
    }
}
