package dev.backstitch.connector.duckdb.probe;

import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.ask;
import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What one DuckDB transaction may hold: renames, data, ledger row, comment; all of it or none of it. */
class TransactionProbeTest {

    private static final String VERSIONS = "dev.backstitch.connector.duckdb.probe.DuckDbVersion#all";
    private static final String[] SWAP = {
        "alter table target rename to archive",
        "alter table shadow rename to target",
        "insert into target values (3, 30)",
        "update ledger set state = 'PUBLISHED', epoch = epoch where epoch = 1",
        "comment on table archive is 'backstitch archive r'",
    };

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void swap_isWhollyDone_afterCommit_andInANewSession(DuckDbVersion version, @TempDir Path directory)
            throws SQLException {
        var database = version.databaseIn(directory.resolve("swap.duckdb").toFile());
        String target;
        String shadow;
        try (Connection connection = database.connect()) {
            tables(connection);
            target = oid(connection, "target");
            shadow = oid(connection, "shadow");
            run(connection, "begin");
            run(connection, SWAP);
            run(connection, "commit");
            assertThat(oid(connection, "archive")).as("a rename keeps the oid").isEqualTo(target);
            assertThat(oid(connection, "target")).isEqualTo(shadow);
        }
        try (Connection connection = database.connect()) {
            assertThat(ask(connection, "select string_agg(id || ':' || v, ' ' order by id) from target"))
                    .isEqualTo("1:11 2:21 3:30");
            assertThat(ask(connection, "select string_agg(id || ':' || v, ' ' order by id) from archive"))
                    .isEqualTo("1:10 2:20");
            assertThat(ask(connection, "select state from ledger")).isEqualTo("PUBLISHED");
            assertThat(comment(connection, "archive")).isEqualTo("backstitch archive r");
            // Oids are handed out anew when a file is opened, so they prove no identity across a restart.
            assertThat(oid(connection, "archive")).isNotEqualTo(target);
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void swap_leavesNothing_afterRollback(DuckDbVersion version) throws SQLException {
        try (Connection connection = version.freshDatabase().connect()) {
            tables(connection);
            run(connection, "comment on table target is 'as it was'");
            String target = oid(connection, "target");
            run(connection, "begin");
            run(connection, SWAP);
            run(connection, "comment on table target is 'published'", "rollback");

            assertThat(oid(connection, "target")).isEqualTo(target);
            assertThat(comment(connection, "target")).isEqualTo("as it was");
            assertThat(comment(connection, "shadow")).isEqualTo("null");
            assertThat(ask(connection, "select string_agg(id || ':' || v, ' ' order by id) from target"))
                    .isEqualTo("1:10 2:20");
            assertThat(ask(connection, "select state from ledger")).isEqualTo("AUDITED");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void tablesMadeAndDropped_areBackAsTheyWere_afterRollback(DuckDbVersion version) throws SQLException {
        try (Connection connection = version.freshDatabase().connect()) {
            tables(connection);
            run(
                    connection,
                    "begin",
                    "create table made (id int primary key)",
                    "create table copied as select * from target",
                    "drop table shadow",
                    "rollback");

            assertThat(ask(connection, "select string_agg(table_name, ' ' order by table_name) from duckdb_tables()"))
                    .isEqualTo("ledger shadow target");
            assertThat(ask(connection, "select count(*) from shadow")).isEqualTo("2");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void twoSwapsAtOnce_exactlyOneWins(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection one = database.connect();
                Connection two = database.connect()) {
            tables(one);
            run(one, "create table shadow2 as select id, v + 2 as v from target");
            run(one, "begin");
            run(two, "begin", "select count(*) from target");
            run(one, "alter table target add column fence int", "alter table target drop column fence");

            assertThatThrownBy(() -> run(two, "alter table target add column fence int"))
                    .isInstanceOf(SQLException.class);
            run(two, "rollback");
            run(one, SWAP);
            run(one, "commit");
            assertThat(ask(two, "select string_agg(id || ':' || v, ' ' order by id) from target"))
                    .isEqualTo("1:11 2:21 3:30");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void swapOnASnapshotOlderThanAnotherSwap_isRefused(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection one = database.connect();
                Connection two = database.connect()) {
            tables(one);
            run(two, "begin", "select count(*) from target");
            run(one, "begin");
            run(one, SWAP);
            run(one, "commit");

            assertThatThrownBy(() -> run(two, "alter table target add column fence int"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void reader_keepsTheOldTable_whenASwapCommitsMeanwhile(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection publisher = database.connect();
                Connection reader = database.connect()) {
            tables(publisher);
            run(reader, "begin", "select count(*) from target");
            run(publisher, "begin");
            run(publisher, SWAP);
            run(publisher, "commit");

            assertThat(ask(reader, "select string_agg(id || ':' || v, ' ' order by id) from target"))
                    .isEqualTo("1:10 2:20");
            run(reader, "commit");
            assertThat(ask(reader, "select string_agg(id || ':' || v, ' ' order by id) from target"))
                    .isEqualTo("1:11 2:21 3:30");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void keysDeleted_mayBeInsertedAgain_inOneTransaction(DuckDbVersion version) throws SQLException {
        try (Connection connection = version.freshDatabase().connect()) {
            tables(connection);
            run(connection, "begin", "delete from target", "insert into target select * from shadow", "commit");

            assertThat(ask(connection, "select string_agg(id || ':' || v, ' ' order by id) from target"))
                    .isEqualTo("1:11 2:21");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void keysDeleted_mayBeInsertedAgain_whileAnOlderReaderIsOpen(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection connection = database.connect();
                Connection reader = database.connect()) {
            tables(connection);
            run(reader, "begin", "select count(*) from target");
            run(connection, "begin", "delete from target", "insert into target select * from shadow", "commit");

            assertThat(ask(reader, "select sum(v) from target")).isEqualTo("30");
            assertThat(ask(connection, "select sum(v) from target")).isEqualTo("32");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void merge_ofASourceWithOneKeyTwice_isSilentBefore2AndRefusedSince(DuckDbVersion version) throws SQLException {
        try (Connection connection = version.freshDatabase().connect()) {
            tables(connection);
            String merge = "merge into target using (values (1, 100), (1, 200)) as stage(id, v) on target.id = stage.id"
                    + " when matched then update set v = stage.v";
            if (version.isPrevious()) {
                run(connection, merge);
                assertThat(ask(connection, "select v from target where id = 1")).isIn("100", "200");
            } else {
                assertThatThrownBy(() -> run(connection, merge)).isInstanceOf(SQLException.class);
                assertThat(ask(connection, "select v from target where id = 1")).isEqualTo("10");
            }
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void merge_insertsAKeyTwice_whenTheSourceHoldsItTwiceAndNoConstraintForbidsIt(DuckDbVersion version)
            throws SQLException {
        try (Connection connection = version.freshDatabase().connect()) {
            run(connection, "create table target (id int, v int)");
            run(
                    connection,
                    "merge into target using (values (5, 100), (5, 200)) as stage(id, v) on target.id = stage.id"
                            + " when not matched then insert values (stage.id, stage.v)");

            assertThat(ask(connection, "select count(*) from target where id = 5"))
                    .isEqualTo("2");
        }
    }

    private static void tables(Connection connection) throws SQLException {
        run(
                connection,
                "create table target (id int primary key, v int)",
                "insert into target values (1, 10), (2, 20)",
                "create table shadow (id int primary key, v int)",
                "insert into shadow select id, v + 1 from target",
                "create table ledger (target varchar primary key, state varchar, epoch bigint)",
                "insert into ledger values ('target', 'AUDITED', 1)");
    }

    private static String oid(Connection connection, String table) throws SQLException {
        return ask(connection, "select table_oid from duckdb_tables() where table_name = '%s'".formatted(table));
    }

    private static String comment(Connection connection, String table) throws SQLException {
        return ask(connection, "select comment from duckdb_tables() where table_name = '%s'".formatted(table));
    }
}
