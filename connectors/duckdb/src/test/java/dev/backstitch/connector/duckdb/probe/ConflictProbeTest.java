package dev.backstitch.connector.duckdb.probe;

import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.ask;
import static dev.backstitch.connector.duckdb.probe.DuckDbVersion.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** DuckDB sees a write conflict per column, and a column set to its old value counts
 * only for whoever comes second. So both sides of a fence have to change one and the same column. */
class ConflictProbeTest {

    private static final String VERSIONS = "dev.backstitch.connector.duckdb.probe.DuckDbVersion#all";

    private static final String TAKE_OVER = "update ledger set epoch = 3 where run = 'r' and state <> 'PUBLISHED'";

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void zombie_commitsOnItsOldSnapshot_whenItLeavesTheEpochAlone(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection owner = database.connect();
                Connection zombie = database.connect()) {
            ledger(owner);
            run(zombie, "begin", "select * from ledger");
            run(owner, TAKE_OVER);

            run(zombie, "update ledger set state = 'MERGED' where run = 'r' and part = 1 and epoch = 2", "commit");

            assertThat(ask(owner, "select state || ' ' || epoch from ledger where part = 1"))
                    .isEqualTo("MERGED 3");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void zombie_isToldOfTheConflict_whenItWritesTheEpochToo(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection owner = database.connect();
                Connection zombie = database.connect()) {
            ledger(owner);
            run(zombie, "begin", "select * from ledger");
            run(owner, TAKE_OVER);

            assertThatThrownBy(
                            () -> run(
                                    zombie,
                                    "update ledger set state = 'MERGED', epoch = epoch where run = 'r' and part = 1 and epoch = 2"))
                    .isInstanceOf(SQLException.class);
            run(zombie, "rollback");
            assertThat(ask(owner, "select state || ' ' || epoch from ledger where part = 1"))
                    .isEqualTo("CLAIMED 3");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void zombieThatWroteFirst_commitsAfterTheTakeOver_whenOnlyItRewritesTheOthersColumn(DuckDbVersion version)
            throws SQLException {
        var database = version.freshDatabase();
        try (Connection owner = database.connect();
                Connection zombie = database.connect()) {
            ledger(owner);
            run(
                    zombie,
                    "begin",
                    "update ledger set state = 'MERGED', epoch = epoch where run = 'r' and part = 1 and epoch = 2");
            run(owner, TAKE_OVER);
            run(zombie, "commit");

            // A column set to the value it had is no write for the second comer.
            assertThat(ask(owner, "select state || ' ' || epoch from ledger where part = 1"))
                    .isEqualTo("MERGED 3");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void takeOver_isToldOfTheZombieThatWroteFirst_whenItRewritesTheStateToo(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection owner = database.connect();
                Connection zombie = database.connect()) {
            ledger(owner);
            run(
                    zombie,
                    "begin",
                    "update ledger set state = 'MERGED', epoch = epoch where run = 'r' and part = 1 and epoch = 2");

            assertThatThrownBy(() -> run(owner, "update ledger set epoch = 3, state = state where run = 'r'"))
                    .isInstanceOf(SQLException.class);
            run(zombie, "commit");
            assertThat(ask(owner, "select state || ' ' || epoch from ledger where part = 1"))
                    .isEqualTo("MERGED 2");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void takeOver_isNotToldOfTheZombieThatWroteFirst_whenTheStateWasTheSameAlready(DuckDbVersion version)
            throws SQLException {
        var database = version.freshDatabase();
        try (Connection owner = database.connect();
                Connection zombie = database.connect()) {
            ledger(owner);
            run(owner, "delete from ledger", "insert into ledger values ('r', 1, 'MERGED', 2, 0)");
            run(
                    zombie,
                    "begin",
                    "update ledger set state = 'MERGED', epoch = epoch where run = 'r' and part = 1 and epoch = 2");
            run(owner, "update ledger set epoch = 3, state = state where run = 'r'");
            run(zombie, "commit");

            assertThat(ask(owner, "select state || ' ' || epoch from ledger where part = 1"))
                    .isEqualTo("MERGED 3");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void takeOver_isToldOfTheZombieThatWroteFirst_whenBothCountTheirWrites(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection owner = database.connect();
                Connection zombie = database.connect()) {
            ledger(owner);
            run(owner, "update ledger set state = 'MERGED'");
            run(
                    zombie,
                    "begin",
                    "update ledger set state = 'MERGED', writes = writes + 1 where run = 'r' and part = 1 and epoch = 2");

            assertThatThrownBy(() -> run(owner, "update ledger set epoch = 3, writes = writes + 1 where run = 'r'"))
                    .isInstanceOf(SQLException.class);
            run(zombie, "commit");
            assertThat(ask(owner, "select state || ' ' || epoch from ledger where part = 1"))
                    .isEqualTo("MERGED 2");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void zombieThatComesSecond_isTold_whenBothCountTheirWrites(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection owner = database.connect();
                Connection zombie = database.connect()) {
            ledger(owner);
            run(zombie, "begin", "select * from ledger");
            run(owner, "update ledger set epoch = 3, writes = writes + 1 where run = 'r'");

            assertThatThrownBy(() -> run(
                            zombie,
                            "update ledger set state = 'MERGED', writes = writes + 1 where part = 1 and epoch = 2"))
                    .isInstanceOf(SQLException.class);
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void mergesOfTwoPartitions_doNotConflict_inDataOrLedger(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection one = database.connect();
                Connection two = database.connect()) {
            ledger(one);
            run(one, "create table shadow (id int primary key, part int, v int)");
            run(one, "insert into shadow values (10, 1, 0), (20, 2, 0)");
            run(one, "begin", merge(1));
            run(two, "begin", merge(2));
            run(one, merged(1));
            run(two, merged(2));
            run(one, "commit");
            run(two, "commit");

            assertThat(ask(one, "select string_agg(state || epoch, ' ' order by part) from ledger"))
                    .isEqualTo("MERGED2 MERGED2");
            assertThat(ask(one, "select string_agg(id || ':' || v, ' ' order by id) from shadow"))
                    .isEqualTo("10:7 11:7 20:7 21:7");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void mergesOfTwoPartitions_conflict_whenBothInsertOneKey(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection one = database.connect();
                Connection two = database.connect()) {
            run(one, "create table shadow (id int primary key, part int)");
            run(one, "begin", "insert into shadow values (1, 1)");
            run(two, "begin", "insert into shadow values (1, 2)");
            run(one, "commit");

            assertThatThrownBy(() -> run(two, "commit")).isInstanceOf(SQLException.class);
            assertThat(ask(one, "select part from shadow")).isEqualTo("1");
        }
    }

    @ParameterizedTest
    @MethodSource(VERSIONS)
    void mergesOfTwoPartitions_bothInsertOneKey_whenNoConstraintForbidsIt(DuckDbVersion version) throws SQLException {
        var database = version.freshDatabase();
        try (Connection one = database.connect();
                Connection two = database.connect()) {
            run(one, "create table shadow (id int, part int)");
            run(one, "begin", "insert into shadow values (1, 1)");
            run(two, "begin", "insert into shadow values (1, 2)");
            run(one, "commit");
            run(two, "commit");

            assertThat(ask(one, "select count(*) from shadow where id = 1")).isEqualTo("2");
        }
    }

    private static void ledger(Connection connection) throws SQLException {
        run(
                connection,
                "create table ledger (run varchar, part int, state varchar, epoch bigint,"
                        + " writes bigint default 0, primary key (run, part))",
                "insert into ledger values ('r', 1, 'CLAIMED', 2, 0), ('r', 2, 'CLAIMED', 2, 0)");
    }

    private static String merge(int part) {
        return "merge into shadow using (select %1$d0 as id union all select %1$d1) as stage on shadow.id = stage.id"
                        .formatted(part)
                + " when matched then update set v = 7"
                + " when not matched then insert values (stage.id, %d, 7)".formatted(part);
    }

    private static String merged(int part) {
        return "update ledger set state = 'MERGED', epoch = epoch where run = 'r' and part = %d and epoch = 2"
                .formatted(part);
    }
}
