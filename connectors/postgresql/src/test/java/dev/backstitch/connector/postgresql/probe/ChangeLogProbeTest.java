package dev.backstitch.connector.postgresql.probe;

import static dev.backstitch.connector.postgresql.probe.Server.ask;
import static dev.backstitch.connector.postgresql.probe.Server.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.copy.CopyManager;
import org.postgresql.core.BaseConnection;

/**
 * Drift by change capture: a trigger logs the transaction of each write in the scope, and a write counts as drift when
 * the snapshot that seeded the shadow did not see its transaction.
 */
@Timeout(60)
class ChangeLogProbeTest {

    private Connection owner;
    private Connection writer;
    private Connection observer;

    @BeforeEach
    void makeTargetAndLedger() throws SQLException {
        owner = Server.connect();
        writer = Server.connect();
        observer = Server.connect();
        run(
                owner,
                "create schema ops",
                "create schema app",
                "create table app.target (id int primary key, day int, v int)",
                "insert into app.target values (1, 1, 10), (2, 2, 20)");
        run(owner, ChangeLog.TABLES);
    }

    @AfterEach
    void dropThem() throws SQLException {
        writer.close();
        run(owner, "rollback", "drop schema app cascade", "drop schema ops cascade");
        owner.close();
        observer.close();
    }

    // One writer against "create trigger" and the seed's snapshot.

    @Test
    void writeCommittedBeforeTheTrigger_isSeeded_andIsNoDrift() throws SQLException {
        run(writer, "update app.target set v = 11 where id = 1");
        run(owner, ChangeLog.TRIGGERS);
        Seed seed = seed();

        assertThat(seed.sum).isEqualTo("11");
        assertThat(drift(seed)).isEqualTo(0);
    }

    @Test
    void writeOpenAcrossTheTrigger_makesItWait_andIsSeeded() throws SQLException {
        writer.setAutoCommit(false);
        run(writer, "update app.target set v = 11 where id = 1");
        int pid = Server.pid(owner);
        CompletableFuture<Void> triggers = Server.begin(owner, ChangeLog.TRIGGERS);
        Server.awaitLockWait(observer, pid);
        writer.commit();
        triggers.join();
        Seed seed = seed();

        assertThat(seed.sum).isEqualTo("11");
        assertThat(drift(seed)).isEqualTo(0);
    }

    @Test
    void transactionThatOnlyRead_doesNotDelayTheTrigger_andItsLaterWriteIsLogged() throws SQLException {
        writer.setAutoCommit(false);
        writer.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        ask(writer, "select count(*) from app.target");
        run(owner, "set lock_timeout = '2s'");
        run(owner, ChangeLog.TRIGGERS);
        Seed seed = seed();
        // Its snapshot is older than the trigger; the trigger fires all the same.
        run(writer, "update app.target set v = 11 where id = 1");
        writer.commit();

        assertThat(drift(seed)).isEqualTo(1);
    }

    @Test
    void writeCommittedBetweenTriggerAndSeed_isLogged_andIsNoDrift() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        run(writer, "update app.target set v = 11 where id = 1");
        Seed seed = seed();

        assertThat(ask(owner, "select count(*) from ops.change")).isEqualTo("1");
        assertThat(seed.sum).isEqualTo("11");
        assertThat(drift(seed)).isEqualTo(0);
    }

    @Test
    void writeOpenAcrossTheSeed_isDrift_onceItCommits() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        writer.setAutoCommit(false);
        run(writer, "update app.target set v = 11 where id = 1");
        Seed seed = seed();
        assertThat(seed.sum).isEqualTo("10");
        assertThat(drift(seed)).as("not yet committed").isEqualTo(0);
        writer.commit();

        assertThat(drift(seed)).isEqualTo(1);
    }

    @Test
    void lockOfThePublish_waitsForTheOpenWriter_soThatTheCheckSeesIt() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        Seed seed = seed();
        writer.setAutoCommit(false);
        run(writer, "update app.target set v = 11 where id = 1");
        int pid = Server.pid(owner);
        owner.setAutoCommit(false);
        CompletableFuture<Void> lock = Server.begin(owner, "lock table app.target in access exclusive mode");
        Server.awaitLockWait(observer, pid);
        writer.commit();
        lock.join();

        assertThat(drift(seed)).isEqualTo(1);
        owner.rollback();
        owner.setAutoCommit(true);
    }

    @Test
    void checkInARepeatableReadTransaction_isBlind_whenItsSnapshotIsOlderThanTheLock() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        Seed seed = seed();
        owner.setAutoCommit(false);
        owner.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        ask(owner, "select 1 from ops.change");
        run(writer, "update app.target set v = 11 where id = 1");
        run(owner, "lock table app.target in access exclusive mode");

        assertThat(drift(seed)).as("so the publish must run READ COMMITTED").isEqualTo(0);
        owner.rollback();
        owner.setAutoCommit(true);
        owner.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "update app.target set v = 11 where id = 1     | 1",
                "delete from app.target where id = 1           | 1",
                "insert into app.target values (9, 1, 90)      | 1",
                "truncate app.target                           | 1",
                "update app.target set v = 21 where id = 2     | 0",
                "delete from app.target where id = 2           | 0",
                "insert into app.target values (9, 2, 90)      | 0",
                "update app.target set day = 2 where id = 1    | 1",
                "update app.target set day = 1 where id = 2    | 1",
                "update app.target set day = null where id = 1 | 1",
                "update app.target set day = null where id = 2 | 0",
                "insert into app.target values (9, null, 90)   | 0",
                "insert into app.target values (1, 1, 0) on conflict (id) do update set v = 12 | 1",
                "insert into app.target values (1, 1, 0) on conflict (id) do nothing           | 0",
                "merge into app.target t using (values (1)) s(id) on t.id = s.id when matched then delete | 1",
                "update app.target set v = 11 where id = 77    | 0",
            })
    void writeAfterTheSeed_isDrift_whenItTouchesTheScope(String sql, int expected) throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        Seed seed = seed();
        run(writer, sql);

        assertThat(drift(seed)).isEqualTo(expected);
    }

    @Test
    void truncateBetweenTheSeedsSnapshotAndItsRead_emptiesTheSeed_andIsDrift() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        try (Connection seeding = Server.connect()) {
            seeding.setAutoCommit(false);
            seeding.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            Seed seed = new Seed(ask(seeding, "select pg_current_snapshot()"), "");
            run(writer, "truncate app.target");

            // TRUNCATE is not MVCC: even this older snapshot sees no row.
            assertThat(ask(seeding, "select count(*) from app.target")).isEqualTo("0");
            assertThat(drift(seed)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"update app.target set v = 11 where id = 1", "truncate app.target"})
    void writeThatIsRolledBack_isNoDrift(String sql) throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        Seed seed = seed();
        run(writer, "begin", sql, "rollback");

        assertThat(drift(seed)).isEqualTo(0);
    }

    @Test
    void writeRolledBackToASavepoint_isNoDrift_andOneInAReleasedSavepointIs() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        Seed seed = seed();
        String write = "update app.target set v = v + 1 where id = 1";
        run(writer, "begin", "savepoint s", write, "rollback to s", "commit");
        assertThat(drift(seed)).isEqualTo(0);

        run(writer, "begin", "savepoint s", write, "release s", "commit");
        assertThat(drift(seed)).isEqualTo(1);
    }

    @Test
    void writeInASavepointOpenAcrossTheSeed_isDrift() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        run(writer, "begin", "savepoint s", "update app.target set v = 11 where id = 1", "release s");
        Seed seed = seed();
        run(writer, "commit");

        assertThat(drift(seed)).isEqualTo(1);
    }

    @Test
    void copy_isDrift() throws Exception {
        run(owner, ChangeLog.TRIGGERS);
        Seed seed = seed();
        new CopyManager(writer.unwrap(BaseConnection.class))
                .copyIn("copy app.target from stdin (format csv)", new StringReader("7,1,70\n8,2,80\n"));

        assertThat(drift(seed)).isEqualTo(1);
    }

    @Test
    void writeOfAReplica_isDrift_becauseTheTriggerIsAlwaysEnabled() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        Seed seed = seed();
        run(writer, "set session_replication_role = replica", "update app.target set v = 11 where id = 1");
        assertThat(drift(seed)).isEqualTo(1);

        run(owner, "alter table app.target enable trigger backstitch_rewrite");
        run(writer, "update app.target set v = 12 where id = 1");
        assertThat(drift(seed)).as("without ALWAYS it goes unseen").isEqualTo(1);
    }

    @Test
    void writeOfARoleWithoutRightsOnTheLedger_succeedsAndIsDrift() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        withRole("writing_app", () -> {
            run(owner, "grant usage on schema app to writing_app", "grant all on app.target to writing_app");
            Seed seed = seed();
            try (Connection app = Server.connectAs("writing_app")) {
                run(app, "update app.target set v = 11 where id = 1");
                assertThat(refusal(app, "select * from ops.change")).isEqualTo("42501");
                run(app, "truncate app.target");
            }
            assertThat(drift(seed)).isEqualTo(2);
        });
    }

    @Test
    void writer_cannotSlipInAFunctionOfItsOwn_byItsSearchPath() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        Seed seed = seed();
        run(
                writer,
                "create function app.pg_current_xact_id() returns xid8 language sql as $$ select '3'::xid8 $$",
                "set search_path = app, pg_catalog",
                "update app.target set v = 11 where id = 1");

        assertThat(drift(seed)).isEqualTo(1);
    }

    @Test
    void ledgerThatIsGone_failsTheApplicationsWrite() throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        run(owner, "drop table ops.change");

        assertThat(refusal(writer, "update app.target set v = 11 where id = 1")).isEqualTo("42P01");
        assertThat(refusal(writer, "update app.target set v = 21 where id = 2")).isEqualTo("none");
    }

    // Locks and rights.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "create trigger other after insert on app.target for each row execute function ops.log_change() | ShareRowExclusiveLock",
                "alter table app.target enable always trigger backstitch_write | ShareRowExclusiveLock",
                "alter table app.target disable trigger backstitch_write       | ShareRowExclusiveLock",
                "drop trigger backstitch_write on app.target                   | AccessExclusiveLock",
            })
    void triggerStatement_takesItsLock(String sql, String lock) throws SQLException {
        run(owner, ChangeLog.TRIGGERS);
        int pid = Server.pid(owner);
        run(owner, "begin", sql);

        assertThat(ask(
                        observer,
                        "select min(mode) from pg_locks where mode <> 'AccessShareLock'"
                                + " and relation = 'app.target'::regclass and pid = " + pid))
                .isEqualTo(lock);
        run(owner, "rollback");
    }

    @Test
    void triggers_needTheTriggerRightOnTheTable_andOwnershipToBeAlwaysEnabled() throws SQLException {
        withRole("backfiller", () -> {
            run(owner, "grant usage on schema app, ops to backfiller", "grant select on app.target to backfiller");
            try (Connection role = Server.connectAs("backfiller")) {
                String create = ChangeLog.TRIGGERS[1];
                assertThat(refusal(role, ChangeLog.TRIGGERS[0]))
                        .as("create function")
                        .isEqualTo("42501");
                run(owner, ChangeLog.TRIGGERS[0]);
                assertThat(refusal(role, create)).as("create trigger").isEqualTo("42501");

                run(owner, "grant trigger on app.target to backfiller");
                assertThat(refusal(role, create)).isEqualTo("none");
                assertThat(refusal(role, "alter table app.target enable always trigger backstitch_write"))
                        .as("only the table's owner")
                        .isEqualTo("42501");
                assertThat(refusal(role, "drop trigger backstitch_write on app.target"))
                        .as("not even its maker, unless the table's owner")
                        .isEqualTo("42501");

                run(owner, "alter table app.target owner to backfiller");
                assertThat(refusal(role, "alter table app.target enable always trigger backstitch_write"))
                        .isEqualTo("none");
                assertThat(refusal(role, "drop trigger backstitch_write on app.target"))
                        .isEqualTo("none");
                run(owner, "alter table app.target owner to postgres");
            }
        });
    }

    record Seed(String snapshot, String sum) {}

    /** The seed's transaction: the snapshot that is the baseline is the one that reads the rows. */
    private Seed seed() throws SQLException {
        try (Connection seeding = Server.connect()) {
            seeding.setAutoCommit(false);
            seeding.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            String snapshot = ask(seeding, "select pg_current_snapshot()");
            String sum = ask(seeding, "select sum(v) from app.target where day = 1");
            seeding.commit();
            return new Seed(snapshot, sum);
        }
    }

    private int drift(Seed seed) throws SQLException {
        return Integer.parseInt(ask(owner, ChangeLog.driftSince(seed.snapshot)));
    }

    private static String refusal(Connection connection, String sql) {
        try {
            run(connection, sql);
            return "none";
        } catch (SQLException e) {
            return e.getSQLState();
        }
    }

    @FunctionalInterface
    interface Steps {
        void take() throws SQLException;
    }

    private void withRole(String role, Steps steps) throws SQLException {
        run(owner, "create role " + role + " login");
        try {
            steps.take();
        } finally {
            run(owner, "drop owned by " + role, "drop role " + role);
        }
    }
}
