package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.faults.Call.Store;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TapTest {
    private static final String MEMORY = "jdbc:duckdb::memory:tap";

    private final Tap tap = new Tap();
    private Connection root;
    private DataSource source;

    @BeforeEach
    void open() throws SQLException {
        root = DriverManager.getConnection(MEMORY);
        Sql.run(root, "create table t (n integer)", "insert into t values (1)");
        source = tap.on(Store.TARGET, Sql.source(() -> DriverManager.getConnection(MEMORY)));
    }

    @AfterEach
    void close() throws SQLException {
        root.close();
    }

    @Test
    void calls_areNumbered_withTheirTexts() throws SQLException {
        try (Connection connection = source.getConnection();
                PreparedStatement prepared = connection.prepareStatement("update t set n = ?")) {
            connection.setAutoCommit(false);
            prepared.setInt(1, 2);
            prepared.executeUpdate();
            connection.commit();
            connection.createStatement().execute("select  1");
            connection.rollback();
        }
        assertThat(tap.calls())
                .extracting(Call::toString)
                .containsExactly(
                        "1 TARGET OTHER update t set n = ?",
                        "2 TARGET OTHER COMMIT",
                        "3 TARGET OTHER select 1",
                        "4 TARGET OTHER ROLLBACK");
    }

    @Test
    void unwrap_findsTheDriversOwn() throws SQLException {
        try (Connection connection = source.getConnection()) {
            assertThat(connection.isWrapperFor(root.getClass())).isTrue();
            assertThat(Proxy.isProxyClass(connection.unwrap(root.getClass()).getClass()))
                    .isFalse();
            assertThat(connection.createStatement().getConnection()).isSameAs(connection);
        }
    }

    @Test
    void aSwallowedUpdate_isNotSent_andAnswersItsCount() throws SQLException {
        Swallow swallow = Swallow.update(7, call -> call.says("update T", "N ="));
        tap.with(swallow);
        try (Connection connection = source.getConnection();
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate("update t set n = 5")).isEqualTo(7);
            assertThat(statement.execute("update \"t\" set n = 5")).isFalse();
            assertThat(statement.getUpdateCount()).isEqualTo(7);
            assertThat(statement.getMoreResults()).isFalse();
            assertThat(statement.getUpdateCount()).isEqualTo(-1);
        }
        assertThat(swallow.swallowed()).hasSize(2);
        assertThat(Sql.one(root, "select n from t")).isEqualTo("1");
    }

    @Test
    void aSwallowedQuery_answersWithAnotherOnesRows() throws SQLException {
        tap.with(Swallow.query("select 42", call -> call.says("from t")));
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement("select n from t")) {
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(42);
            }
            assertThat(statement.execute()).isTrue();
            try (ResultSet rows = statement.getResultSet()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(42);
            }
        }
    }

    @Test
    void aFailure_isTheDrivers() {
        tap.with(Policy.when(call -> call.says("from t"), (call, sending) -> {
            throw new SQLException("gone", "08006");
        }));
        assertThatThrownBy(() -> {
                    try (Connection connection = source.getConnection()) {
                        connection.createStatement().executeQuery("select n from t");
                    }
                })
                .isInstanceOf(SQLException.class)
                .hasMessage("gone");
    }

    @Test
    void aHeldCommit_isSeenByNobody_untilItIsReleased() throws Exception {
        Hold hold = new Hold(Call::isCommit);
        tap.with(hold);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            try (Connection connection = source.getConnection()) {
                connection.setAutoCommit(false);
                Sql.run(connection, "update t set n = 9");
                connection.commit();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(hold.awaitReached(Duration.ofSeconds(10)).number()).isEqualTo(2);
        assertThat(Sql.one(root, "select n from t")).isEqualTo("1");
        hold.release();
        writer.join();
        assertThat(Sql.one(root, "select n from t")).isEqualTo("9");
    }
}
