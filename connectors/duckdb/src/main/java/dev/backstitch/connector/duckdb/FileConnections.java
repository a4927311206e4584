package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.Dialect.Moment;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Properties;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;

/** Connections to one open file. The first one keeps it open, and with it the lock that keeps other processes out. */
final class FileConnections implements DataSource, AutoCloseable {
    private static final int SECONDS_TO_CLOSE = 5;

    private final DuckDBConnection first;

    private FileConnections(DuckDBConnection first) {
        this.first = first;
    }

    static FileConnections open(Path path, Properties settings) {
        return open(path.toAbsolutePath().toString(), settings);
    }

    /** @param path of a file; empty for a database in memory */
    static FileConnections open(String path, Properties settings) {
        try {
            Connection connection = DriverManager.getConnection("jdbc:duckdb:" + path, settings);
            return new FileConnections(connection.unwrap(DuckDBConnection.class));
        } catch (SQLException e) {
            throw new DuckDbDialect().translated("opening of " + path, e, Moment.CONNECT);
        }
    }

    @Override
    public Connection getConnection() throws SQLException {
        return first.duplicate();
    }

    @Override
    public Connection getConnection(String user, String password) throws SQLException {
        return getConnection();
    }

    @Override
    public void close() {
        try {
            first.close();
        } catch (SQLException e) {
            throw new DuckDbDialect().translated("closing of the file", e, Moment.CONNECT);
        }
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        // Statements are logged by SLF4J.
    }

    @Override
    public void setLoginTimeout(int seconds) {
        // A file opens at once or not at all.
    }

    @Override
    public int getLoginTimeout() {
        // The pool waits so long for its own threads when it closes, and warns after none.
        return SECONDS_TO_CLOSE;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("this data source does not log");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return type.cast(this);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }
}
