package dev.backstitch.state;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.jooq.Configuration;
import org.jooq.SQLDialect;
import org.jooq.exception.DataAccessException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a piece of work in a transaction of its own, never in autocommit. What has surely been rolled back (a conflict, or
 * a connection lost before the commit was sent) is done again, a bounded number of times; a commit without an answer
 * never is. Thread-safe.
 */
final class Transactions {
    /** Work inside a transaction. It may run more than once, and so must not do anything outside the database. */
    interface Work<T> {
        T in(Session session) throws SQLException;
    }

    private enum End {
        COMMIT,
        ROLLBACK
    }

    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);
    private static final int ATTEMPTS = 5;

    /** More than a pool's connections, each of which may turn out to be broken when the database has gone and come back. */
    private static final int ATTEMPTS_TO_CONNECT = 12;

    /**
     * PostgreSQL ends a transaction whose client says nothing for so long: one that is suspended in the middle of it would
     * keep its locks from everybody else, who wait for them to take its work over. Ours take milliseconds.
     */
    private static final String BOUND = "set local idle_in_transaction_session_timeout = '5s'";

    private final DataSource database;
    private final Configuration configuration;
    private final String location;

    Transactions(DataSource database, Configuration configuration, String location) {
        this.database = database;
        this.configuration = configuration;
        this.location = location;
    }

    /** Runs work that changes something, and commits. */
    <T> T write(String what, Work<T> work) {
        return run(what, work, End.COMMIT);
    }

    /** Runs work that only reads. */
    <T> T read(String what, Work<T> work) {
        return run(what, work, End.ROLLBACK);
    }

    private <T> T run(String what, Work<T> work, End end) {
        // A lane may be interrupted by a cancel while it records what it did: that record takes a moment and is worth
        // it.
        boolean interrupted = Thread.interrupted();
        try {
            return retried(what, work, end);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <T> T retried(String what, Work<T> work, End end) {
        for (int attempt = 1; ; attempt++) {
            try {
                return once(what, work, end);
            } catch (DataAccessException e) {
                SQLException cause = Fault.in(e);
                if (cause == null) {
                    throw e;
                }
                refuseUnlessWorthAnother(attempt, what, cause);
            } catch (SQLException e) {
                refuseUnlessWorthAnother(attempt, what, e);
            }
        }
    }

    private <T> T once(String what, Work<T> work, End end) throws SQLException {
        try (Connection connection = connect(what)) {
            boolean autoCommit = connection.getAutoCommit();
            if (autoCommit) {
                connection.setAutoCommit(false);
            }
            boolean ended = false;
            try {
                if (end == End.COMMIT && configuration.family() == SQLDialect.POSTGRES) {
                    bound(connection);
                }
                T result = work.in(new Session(connection, configuration));
                if (end == End.COMMIT) {
                    // Set before: a commit that failed must not be followed by a rollback that seems to decide it.
                    ended = true;
                    commit(connection, what);
                }
                return result;
            } finally {
                if (!ended) {
                    rollback(connection);
                }
                if (autoCommit && !connection.isClosed()) {
                    connection.setAutoCommit(true);
                }
            }
        }
    }

    private static void bound(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(BOUND);
        }
    }

    private Connection connect(String what) {
        try {
            return database.getConnection();
        } catch (SQLException e) {
            throw new BackstitchException(
                    ErrorCode.DATABASE_UNAVAILABLE,
                    what + " failed: no connection to the state store " + location + " (" + e.getMessage()
                            + "). Nothing was changed. It is tried again; see that the store can be reached.",
                    e);
        }
    }

    private void commit(Connection connection, String what) throws SQLException {
        try {
            connection.commit();
        } catch (SQLException e) {
            if (Fault.of(e) == Fault.CONFLICT) {
                throw e;
            }
            throw new BackstitchException(
                    ErrorCode.CONNECTION_LOST,
                    what + " has an unknown outcome: the commit in the state store " + location
                            + " had no answer (" + e.getMessage()
                            + "). It is either wholly stored or not at all; read it before writing again.",
                    e);
        }
    }

    /** A connection that can't roll back is gone, and its transaction with it. */
    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            LOG.debug("Rollback failed; the connection is given up, and the database rolls back", e);
        }
    }

    private void refuseUnlessWorthAnother(int attempt, String what, SQLException failure) {
        Fault fault = Fault.of(failure);
        int attempts = switch (fault) {
            case CONFLICT -> ATTEMPTS;
            case CONNECTION -> ATTEMPTS_TO_CONNECT;
            case DUPLICATE, NO_SPACE, OTHER -> 1;
        };
        if (attempt < attempts) {
            LOG.debug(
                    "{} was rolled back ({}), attempt {} of {}; trying again", what, fault, attempt, attempts, failure);
            return;
        }
        String before = what + " failed in the state store " + location + ": " + failure.getMessage()
                + ". It was rolled back; nothing was changed. ";
        throw switch (fault) {
            case CONFLICT ->
                new BackstitchException(
                        ErrorCode.CONFLICT,
                        before + ATTEMPTS + " attempts met other transactions on the same rows; try again.",
                        failure);
            case CONNECTION ->
                new BackstitchException(
                        ErrorCode.DATABASE_UNAVAILABLE,
                        before + "See that the store can be reached; try again.",
                        failure);
            case NO_SPACE ->
                new BackstitchException(ErrorCode.NO_SPACE, before + "Free some space, then resume.", failure);
            case DUPLICATE, OTHER ->
                new BackstitchException(
                        ErrorCode.STATEMENT_REFUSED, before + "The cause is in the database's message.", failure);
        };
    }
}
