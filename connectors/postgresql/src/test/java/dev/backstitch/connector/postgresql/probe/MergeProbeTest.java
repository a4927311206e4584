package dev.backstitch.connector.postgresql.probe;

import static dev.backstitch.connector.postgresql.probe.Server.ask;
import static dev.backstitch.connector.postgresql.probe.Server.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** MERGE on PostgreSQL 15: what it refuses by itself and what it lets pass. */
@Timeout(60)
class MergeProbeTest {

    @Test
    void merge_isRefused_whenTheSourceUpdatesOneRowTwice() throws SQLException {
        try (Connection connection = Server.connect()) {
            run(connection, "create table doubled (id int primary key, v int)", "insert into doubled values (1, 0)");

            SQLException refused = Server.refusalOf(Server.begin(connection, merge("doubled", "(1, 10), (1, 20)")));

            assertThat(refused.getSQLState()).isEqualTo("21000");
            assertThat(ask(connection, "select v from doubled")).isEqualTo("0");
        }
    }

    @Test
    void merge_insertsAKeyTwice_whenTheSourceHoldsItTwiceAndNoIndexForbidsIt() throws SQLException {
        try (Connection connection = Server.connect()) {
            run(connection, "create table unindexed (id int, v int)", merge("unindexed", "(1, 10), (1, 20)"));

            assertThat(ask(connection, "select count(*) from unindexed where id = 1"))
                    .isEqualTo("2");
        }
    }

    @Test
    void mergesOfTwoPartitions_runSideBySide() throws SQLException {
        try (Connection one = Server.connect();
                Connection two = Server.connect()) {
            run(one, "create table parted (id int primary key, v int)", "insert into parted values (10, 0), (20, 0)");
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            // Neither has committed when the other one merges: a wait for each other would hit the timeout.
            run(one, "set local lock_timeout = '2s'", merge("parted", "(10, 7), (11, 7)"));
            run(two, "set local lock_timeout = '2s'", merge("parted", "(20, 7), (21, 7)"));
            two.commit();
            one.commit();

            assertThat(ask(one, "select string_agg(id || ':' || v, ' ' order by id) from parted"))
                    .isEqualTo("10:7 11:7 20:7 21:7");
        }
    }

    @Test
    void twoMergesOfOneNewKey_bothInsert_whenNoIndexForbidsIt() throws SQLException {
        try (Connection one = Server.connect();
                Connection two = Server.connect()) {
            run(one, "create table twice (id int, v int)");
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            run(one, merge("twice", "(1, 10)"));
            run(two, merge("twice", "(1, 20)"));
            one.commit();
            two.commit();

            assertThat(ask(one, "select count(*) from twice where id = 1")).isEqualTo("2");
        }
    }

    @Test
    void secondMergeOfOneNewKey_waitsAndIsRefused_whenAnIndexForbidsIt() throws SQLException {
        try (Connection one = Server.connect();
                Connection two = Server.connect();
                Connection observer = Server.connect()) {
            run(one, "create table once (id int primary key, v int)");
            int pid = Server.pid(two);
            one.setAutoCommit(false);
            run(one, merge("once", "(1, 10)"));
            CompletableFuture<Void> second = Server.begin(two, merge("once", "(1, 20)"));
            Server.awaitLockWait(observer, pid);
            one.commit();

            // MERGE does not turn into an update as INSERT .. ON CONFLICT would.
            assertThat(Server.refusalOf(second).getSQLState()).isEqualTo("23505");
        }
    }

    private static String merge(String table, String values) {
        return "merge into " + table + " t using (values " + values + ") as s(id, v) on t.id = s.id"
                + " when matched and t.v is distinct from s.v then update set v = s.v"
                + " when not matched then insert values (s.id, s.v)";
    }
}
