package dev.backstitch.connector.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Interrupt;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import org.jooq.impl.DSL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pool of one connection, which failures must not poison. */
class DuckDbPoolTest {
    private final FileConnections connections = FileConnections.open("", new Properties());
    private HikariDataSource pool;
    private Database database;

    @BeforeEach
    void open() {
        HikariConfig config = new HikariConfig();
        config.setDataSource(connections);
        config.setMaximumPoolSize(1);
        pool = new HikariDataSource(config);
        database = new Database(pool, new DuckDbDialect());
        outside("create table t (id integer, v integer)");
        outside("insert into t values (1, 1)");
    }

    @AfterEach
    void close() {
        pool.close();
        connections.close();
    }

    private void outside(String sql) {
        try (Connection connection = connections.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long run(Session session, String sql) {
        return session.update(new BoundSql(sql, List.of()));
    }

    private long write(String sql, String meanwhile) {
        return database.write("a write", Interrupt.never(), session -> {
            session.number(DSL.query("select count(*) from t"));
            long rows = run(session, sql);
            outside(meanwhile);
            return rows;
        });
    }

    /** Fails unless what a transaction wrote vanishes with its rollback. */
    private void assertThatTransactionsAreWhole() {
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> database.write("a write", Interrupt.never(), session -> {
                        run(session, "insert into t (id) values (7)");
                        throw new IllegalStateException("the test's own failure");
                    }))
                    .isInstanceOfAny(IllegalStateException.class, BackstitchException.class);
        }
        assertThat(database.<Long>read(
                        "a look",
                        Interrupt.never(),
                        session -> session.number(DSL.query("select count(*) from t where id = 7"))))
                .isZero();
        assertThat(write("insert into t (id) values (8)", "select 1")).isEqualTo(1);
    }

    @Test
    void transactions_areWhole_afterACommitThatFailed() {
        assertThatThrownBy(() -> write("update t set v = 2", "alter table t add column w integer"))
                .isInstanceOfSatisfying(
                        BackstitchException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.CONFLICT));

        assertThatTransactionsAreWhole();
    }

    @Test
    void transactions_areWhole_afterAConflict() {
        assertThatThrownBy(() -> database.write("a write", Interrupt.never(), session -> {
                    session.number(DSL.query("select count(*) from t"));
                    outside("update t set v = 5");
                    return run(session, "update t set v = 6");
                }))
                .isInstanceOfSatisfying(
                        BackstitchException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.CONFLICT));

        assertThatTransactionsAreWhole();
    }

    @Test
    void transactions_areWhole_afterARefusedStatement() {
        assertThatThrownBy(() -> write("insert into nothing values (1)", "select 1"))
                .isInstanceOfSatisfying(
                        BackstitchException.class,
                        failure -> assertThat(failure.code()).isEqualTo(ErrorCode.STATEMENT_REFUSED));

        assertThatTransactionsAreWhole();
    }

    @Test
    void noStatementFollowsAFailedOne() {
        assertThatThrownBy(() -> database.write("a write", Interrupt.never(), session -> {
                    outside("update t set v = 5");
                    session.number(DSL.query("select count(*) from t"));
                    outside("update t set v = 6");
                    assertThatThrownBy(() -> run(session, "update t set v = 7"))
                            .isInstanceOf(BackstitchException.class);
                    return run(session, "insert into t (id) values (7)");
                }))
                .isInstanceOf(BackstitchException.class);

        assertThatTransactionsAreWhole();
    }

    @Test
    void queriesOfSeveralStatements_areNotRunWhenTheyAreLookedAt() {
        assertThatThrownBy(() -> database.write(
                        "a look",
                        Interrupt.never(),
                        session -> session.columns(new BoundSql("delete from t; select 1 as one", List.of()))))
                .isInstanceOf(BackstitchException.class);

        assertThat(database.<Long>read(
                        "a look", Interrupt.never(), session -> session.number(DSL.query("select count(*) from t"))))
                .isEqualTo(1);
    }
}
