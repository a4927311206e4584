package dev.backstitch.state;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.h2.api.ErrorCode;
import org.h2.jdbcx.JdbcDataSource;
import org.jspecify.annotations.Nullable;

/**
 * New connections to an H2 file, one at a time on this host.
 *
 * <p>H2's own lock on a file settles who owns it by writing, waiting and reading again. Alone it takes 3.5 s to replace
 * the lock of a killed process. Several processes at once disturb each other, and fail or take up to 20 s (both
 * measured). An operating system's lock around each opening, which dies with its process, makes the first one the owner
 * and lets the others connect to it. Thread-safe.
 */
final class H2Connections implements DataSource {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** An owner that closes the file deletes its lock a moment before it lets the file go. */
    private static final Duration PATIENCE_UNSHARED = Duration.ofSeconds(1);

    private static final int SECONDS_TO_CLOSE = 5;
    private static final Duration PAUSE = Duration.ofMillis(50);

    /** What passes: the owner closes the file, or another program opens it at the same moment. */
    private static final Set<Integer> PASSING = Set.of(
            ErrorCode.DATABASE_ALREADY_OPEN_1,
            ErrorCode.ERROR_OPENING_DATABASE_1,
            ErrorCode.DATABASE_IS_CLOSED,
            ErrorCode.DATABASE_CALLED_AT_SHUTDOWN,
            ErrorCode.CONNECTION_BROKEN_1);

    /** Within a JVM the operating system's lock doesn't hold threads apart. */
    private static final Object OPENING = new Object();

    private final JdbcDataSource h2;
    private final Path opening;
    private final Path lock;
    private final H2Address address;

    H2Connections(JdbcDataSource h2, Path opening, Path lock, H2Address address) {
        this.h2 = h2;
        this.opening = opening;
        this.lock = lock;
        this.address = address;
    }

    @Override
    public Connection getConnection() throws SQLException {
        synchronized (OPENING) {
            try (FileChannel channel = FileChannel.open(opening, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    AutoCloseable held = channel.lock()) {
                return connect();
            } catch (SQLException | RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new SQLException("can't lock " + opening + ": " + e.getMessage(), e);
            }
        }
    }

    private Connection connect() throws SQLException {
        long start = System.nanoTime();
        while (true) {
            try {
                return h2.getConnection();
            } catch (SQLException e) {
                boolean shared = address == H2Address.LOOPBACK && !isHeldWithoutServer();
                Duration patience = shared ? PATIENCE : PATIENCE_UNSHARED;
                if (!PASSING.contains(e.getErrorCode()) || System.nanoTime() - start > patience.toNanos()) {
                    throw e;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    /** Whether the file's owner, if it has one, opened it for itself alone, so that waiting doesn't help. */
    boolean isHeldWithoutServer() {
        try {
            return Files.readAllLines(lock).stream().noneMatch(line -> line.startsWith("server="));
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public Connection getConnection(@Nullable String user, @Nullable String password) throws SQLException {
        throw new SQLFeatureNotSupportedException("the state store has one user");
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
        throw new SQLFeatureNotSupportedException("logs through SLF4J");
    }

    @Override
    public void setLoginTimeout(int seconds) {
        h2.setLoginTimeout(seconds);
    }

    /** The pool waits for so long for its last connection when it is closed. */
    @Override
    public int getLoginTimeout() {
        // The pool waits so long for its own threads when it closes, and warns after none.
        return SECONDS_TO_CLOSE;
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("logs through SLF4J");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return h2.unwrap(type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return h2.isWrapperFor(type);
    }
}
