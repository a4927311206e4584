package dev.backstitch.state;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import org.h2.jdbcx.JdbcDataSource;
import org.jooq.Configuration;
import org.jooq.SQLDialect;

/** A state store in H2's memory, which lasts as long as there is a connection to it. */
final class H2Memory {
    private static final String LOCATION = "memory";

    private H2Memory() {}

    static StateStore open() {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";LOCK_TIMEOUT=10000;TRACE_LEVEL_FILE=0");
        HikariConfig config = new HikariConfig();
        config.setPoolName("backstitch-memory");
        config.setDataSource(h2);
        config.setAutoCommit(false);
        config.setMinimumIdle(1);
        try {
            // The pool may be without any for a moment.
            Connection lasting = h2.getConnection();
            HikariDataSource pool = new HikariDataSource(config);
            Runnable close = () -> {
                pool.close();
                close(lasting);
            };
            Configuration configuration = Session.configuration(SQLDialect.H2);
            try {
                new Schema(pool, configuration, LOCATION).migrate();
            } catch (RuntimeException e) {
                close.run();
                throw e;
            }
            return new JooqStateStore(pool, configuration, LOCATION, close);
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    private static void close(Connection lasting) {
        try {
            lasting.close();
        } catch (SQLException e) {
            throw unavailable(e);
        }
    }

    private static BackstitchException unavailable(SQLException e) {
        return new BackstitchException(
                ErrorCode.DATABASE_UNAVAILABLE,
                "the state store in memory failed: " + e.getMessage() + ". Nothing was changed.",
                e);
    }
}
