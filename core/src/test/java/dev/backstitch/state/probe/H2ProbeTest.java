package dev.backstitch.state.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the state store leans on in H2: where it listens, and how claims meet. */
@Timeout(60)
class H2ProbeTest {

    @TempDir
    private Path directory;

    private String url;

    @BeforeEach
    void makeTasks() throws SQLException {
        url = "jdbc:h2:file:" + directory.resolve("state");
        try (Connection connection = connect()) {
            run(
                    connection,
                    "create table task (id int primary key, state varchar(20), owner varchar(20))",
                    "insert into task values (1, 'READY', null), (2, 'READY', null), (3, 'READY', null)");
        }
    }

    @Test
    void autoServer_listensOnLoopbackOnly_whenTheBindAddressIsSetBeforeH2Loads() throws Exception {
        assertThat(listeningAddresses("-Dh2.bindAddress=127.0.0.1")).containsOnly("127.0.0.1");
    }

    @Test
    void autoServer_listensEverywhere_whenTheBindAddressIsNotSet() throws Exception {
        assertThat(listeningAddresses()).containsOnly("any");
    }

    @Test
    void autoServer_listensEverywhere_whenTheBindAddressIsSetAfterH2Loaded() throws Exception {
        assertThat(listeningAddresses("-Dprobe.late=true")).containsOnly("any");
    }

    @Test
    void skipLocked_givesEachClaimantAnotherRow() throws SQLException {
        String next = "select id from task where state = 'READY' order by id limit 1 for update skip locked";
        try (Connection one = connect();
                Connection two = connect();
                Connection three = connect()) {
            assertThat(ask(one, next)).isEqualTo("1");
            assertThat(ask(two, next)).isEqualTo("2");
            assertThat(ask(three, next)).isEqualTo("3");
            one.rollback();
            two.rollback();
            three.rollback();
        }
    }

    @Test
    void updateOfALockedRow_failsAfterTwoSeconds_andLeavesTheTransactionOpen() throws SQLException {
        try (Connection one = connect();
                Connection two = connect()) {
            assertThat(ask(two, "select lock_timeout()"))
                    .as("the default, in milliseconds")
                    .isEqualTo("2000");
            run(two, "set lock_timeout 200");
            run(one, "update task set owner = 'one' where id = 1");
            run(two, "update task set owner = 'two' where id = 2");

            SQLException refused = catchThrowableOfType(
                    SQLException.class, () -> run(two, "update task set owner = 'two' where id = 1"));

            assertThatObject(refused).isInstanceOf(SQLTimeoutException.class);
            assertThat(refused.getErrorCode()).isEqualTo(50200);
            assertThat(refused.getSQLState()).isEqualTo("HYT00");
            // Only the statement is undone. Whoever commits now, commits half of what was meant.
            two.commit();
            one.rollback();
            assertThat(ask(one, "select listagg(coalesce(owner, '-'), ' ') within group (order by id) from task"))
                    .isEqualTo("- two -");
        }
    }

    @Test
    void compareAndSet_countsNoRow_whenTheOtherOneCommittedFirst() throws Exception {
        String claim = "update task set state = 'CLAIMED', owner = '%s' where id = 1 and state = 'READY'";
        try (Connection one = connect();
                Connection two = connect()) {
            run(two, "set lock_timeout 20000");
            assertThat(update(one, claim.formatted("one"))).isEqualTo(1);
            // It waits for the first one, then looks at the row again.
            CompletableFuture<Integer> second =
                    CompletableFuture.supplyAsync(() -> update(two, claim.formatted("two")));
            awaitBlocked();
            one.commit();
            assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(0);
            two.commit();
            assertThat(ask(one, "select owner from task where id = 1")).isEqualTo("one");
        }
    }

    @Test
    void deadlock_isBrokenAtOnce_byRollingBackOneWholeTransaction() throws Exception {
        try (Connection one = connect();
                Connection two = connect()) {
            run(one, "set lock_timeout 20000");
            run(two, "set lock_timeout 20000");
            assertThat(update(one, "update task set owner = 'one' where id = 1"))
                    .isEqualTo(1);
            assertThat(update(two, "update task set owner = 'two' where id = 2"))
                    .isEqualTo(1);
            CompletableFuture<Integer> waits =
                    CompletableFuture.supplyAsync(() -> update(one, "update task set owner = 'one' where id = 2"));
            awaitBlocked();

            SQLException refused = catchThrowableOfType(
                    SQLException.class, () -> run(two, "update task set owner = 'two' where id = 1"));

            assertThat(refused.getErrorCode()).isEqualTo(40001);
            assertThat(refused.getSQLState()).isEqualTo("40001");
            assertThat(waits.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    @Test
    void secondInsertOfOneKey_isRefused() throws SQLException {
        try (Connection connection = connect()) {
            SQLException refused = catchThrowableOfType(
                    SQLException.class, () -> run(connection, "insert into task values (1, 'READY', null)"));

            assertThat(refused.getErrorCode()).isEqualTo(23505);
            assertThat(refused.getSQLState()).isEqualTo("23505");
        }
    }

    /** Returns when a session waits for another one's lock. */
    private void awaitBlocked() throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        try (Connection observer = connect()) {
            while (ask(observer, "select count(blocker_id) from information_schema.sessions")
                    .equals("0")) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                observer.commit();
                LockSupport.parkNanos(2_000_000);
            }
        }
    }

    private Connection connect() throws SQLException {
        Connection connection = DriverManager.getConnection(url, "sa", "");
        connection.setAutoCommit(false);
        return connection;
    }

    private static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
        if (statements.length > 1) {
            connection.commit();
        }
    }

    private static int update(Connection connection, String sql) {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    private static String ask(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? String.valueOf(rows.getObject(1)) : "null";
        }
    }

    /** The addresses that a JVM of its own listens on once it has opened a store with AUTO_SERVER. */
    private List<String> listeningAddresses(String... options) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(options));
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                AutoServerOwner.class.getName(),
                url + ";AUTO_SERVER=TRUE"));
        Process owner = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(owner.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("open");
            return ListeningSockets.of(owner.pid());
        } finally {
            owner.destroyForcibly().waitFor();
        }
    }
}
