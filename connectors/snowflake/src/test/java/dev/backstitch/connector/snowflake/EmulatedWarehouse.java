package dev.backstitch.connector.snowflake;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.connector.tck.Warehouse;
import dev.backstitch.spi.Connector;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.logging.Logger;
import javax.sql.DataSource;

/** A database in the emulator. */
final class EmulatedWarehouse implements Warehouse {
    private final HikariDataSource pool;

    EmulatedWarehouse() {
        this(Emulator.newDatabase());
    }

    EmulatedWarehouse(String database) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(new Connections(database));
        config.setMaximumPoolSize(12);
        config.setMinimumIdle(0);
        pool = new HikariDataSource(config);
    }

    @Override
    public DataSource connections() {
        return pool;
    }

    @Override
    public Connector connector(DataSource connections) {
        return Snowflake.on(connections).open();
    }

    @Override
    public boolean swaps() {
        return false;
    }

    @Override
    public boolean catchesUp() {
        return false;
    }

    @Override
    public boolean ddlCommits() {
        return true;
    }

    @Override
    public int stride() {
        return 7;
    }

    @Override
    public List<TypeSample> types() {
        return List.of(
                new TypeSample("boolean", "true", "false"),
                new TypeSample("number(18, 0)", "1", "999999999999999999"),
                new TypeSample("number(38, 10)", "0.0000000001", "1234567890123456789012345678.0000000001"),
                new TypeSample("float", "0.1", "0.2"),
                new TypeSample("varchar", "'a'", "''"),
                new TypeSample("varchar(3)", "'ä '", "'ä'"),
                new TypeSample("date", "'2001-02-03'", "'2001-02-04'"),
                new TypeSample("time", "'12:00:00.000001'", "'12:00:00'"),
                new TypeSample("timestamp_ntz", "'2001-03-25 02:30:00.000001'", "'2001-03-25 02:30:00'"),
                new TypeSample("timestamp_tz", "'2001-10-28 02:30:00+02:00'", "'2001-10-28 02:30:00+01:00'"));
    }

    @Override
    public void close() {
        pool.close();
    }

    private record Connections(String database) implements DataSource {
        @Override
        public Connection getConnection() throws SQLException {
            return Emulator.get().connect(database);
        }

        @Override
        public Connection getConnection(String user, String password) throws SQLException {
            return getConnection();
        }

        @Override
        public PrintWriter getLogWriter() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void setLogWriter(PrintWriter out) {}

        @Override
        public void setLoginTimeout(int seconds) {}

        @Override
        public int getLoginTimeout() {
            return 0;
        }

        @Override
        public Logger getParentLogger() {
            return Logger.getLogger(Logger.GLOBAL_LOGGER_NAME);
        }

        @Override
        public <T> T unwrap(Class<T> type) throws SQLException {
            throw new SQLException("wraps nothing");
        }

        @Override
        public boolean isWrapperFor(Class<?> type) {
            return false;
        }
    }
}
