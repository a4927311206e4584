package dev.backstitch.connector.jdbc;

import static java.util.Objects.requireNonNull;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.WorkOrder;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A database in which work runs in transactions, each on a connection of its own. Thread-safe. */
public final class Database {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    private final DataSource source;
    private final Dialect dialect;
    private final DSLContext renderer;

    public Database(DataSource source, Dialect dialect) {
        this.source = requireNonNull(source, "source");
        this.dialect = requireNonNull(dialect, "dialect");
        this.renderer = DSL.using(dialect.jooq());
    }

    public Dialect dialect() {
        return dialect;
    }

    /**
     * Does the work in a transaction and commits it.
     *
     * @param what it is, for messages: {@code merge of 2001-01-05 into ..}
     * @throws dev.backstitch.error.BackstitchException with {@code CONNECTION_LOST} when the commit's outcome is unknown;
     *     after every other failure nothing was written
     */
    public <T> T write(String what, Interrupt interrupt, Work<T> work) {
        return transaction(what, interrupt, work, Ending.COMMIT);
    }

    /** As {@link #write(String, Interrupt, Work)}, known to the server as the order's. */
    public <T> T write(String what, WorkOrder order, Interrupt interrupt, Work<T> work) {
        return write(what, interrupt, session -> {
            dialect.actFor(session, order);
            return work.in(session);
        });
    }

    /**
     * What is around a transaction where {@linkplain Dialect.Ddl#COMMITS DDL commits}, on its connection. Elsewhere the
     * transaction itself does it.
     *
     * @param before runs before it begins; a failure is the work's
     * @param after tidies up once it is committed; a failure is logged, since what counts is done
     */
    record Frame(Work<?> before, Work<?> after) {}

    /** As {@link #write(String, WorkOrder, Interrupt, Work)}, with what is around the transaction. */
    <T> T write(String what, WorkOrder order, Interrupt interrupt, Frame frame, Work<T> work) {
        boolean commits = dialect.ddl() == Dialect.Ddl.COMMITS;
        return transaction(
                what,
                interrupt,
                commits ? Optional.of(frame) : Optional.empty(),
                session -> {
                    dialect.actFor(session, order);
                    return work.in(session);
                },
                Ending.COMMIT);
    }

    /** Does each piece of work, followed by the fence, in a transaction of its own. */
    void writeEach(String what, WorkOrder order, Interrupt interrupt, List<Work<Boolean>> works, Work<?> fence) {
        for (Work<Boolean> work : works) {
            write(what, order, interrupt, session -> {
                work.in(session);
                return fence.in(session);
            });
        }
    }

    /** Does work that only reads, in one snapshot. What it writes all the same is rolled back. */
    public <T> T read(String what, Interrupt interrupt, Work<T> work) {
        return transaction(what, interrupt, work, Ending.ROLLBACK);
    }

    private enum Ending {
        COMMIT,
        ROLLBACK
    }

    private <T> T transaction(String what, Interrupt interrupt, Work<T> work, Ending ending) {
        return transaction(what, interrupt, Optional.empty(), work, ending);
    }

    private <T> T transaction(String what, Interrupt interrupt, Optional<Frame> frame, Work<T> work, Ending ending) {
        interrupt.throwIfPulled();
        Connection connection = connect(what);
        boolean open = true;
        try {
            frame.ifPresent(around -> outside(what, connection, interrupt, around.before()));
            T result = work.in(new Session(connection, dialect, renderer, what, interrupt));
            if (ending == Ending.COMMIT) {
                interrupt.throwIfPulled();
                Optional<String> id = transactionId(what, connection);
                open = false;
                commit(what, connection, id);
                frame.ifPresent(around -> tidyUp(what, connection, around.after()));
            }
            return result;
        } finally {
            if (open) {
                rollBack(what, connection);
            }
            close(what, connection);
        }
    }

    /** Whatever of it is no DDL is committed with its end. */
    private void outside(String what, Connection connection, Interrupt interrupt, Work<?> work) {
        work.in(new Session(connection, dialect, renderer, what, interrupt));
        try {
            connection.commit();
        } catch (SQLException e) {
            throw dialect.translated(what, e, Dialect.Moment.STATEMENT);
        }
    }

    private void tidyUp(String what, Connection connection, Work<?> work) {
        try {
            outside(what, connection, Interrupt.never(), work);
        } catch (RuntimeException e) {
            // Whatever it is, the work is committed: to say that it failed would be wrong.
            LOG.warn("{} is done; what it left behind could not be removed: {}", what, e.getMessage());
        }
    }

    private Connection connect(String what) {
        try {
            Connection connection = source.getConnection();
            try {
                dialect.prepare(connection);
                connection.setAutoCommit(false);
                return connection;
            } catch (SQLException | RuntimeException e) {
                close(what, connection);
                throw e;
            }
        } catch (SQLException e) {
            throw dialect.translated(what, e, Dialect.Moment.CONNECT);
        }
    }

    private Optional<String> transactionId(String what, Connection connection) {
        try {
            return dialect.transactionId(connection);
        } catch (SQLException e) {
            throw dialect.translated(what, e, Dialect.Moment.STATEMENT);
        }
    }

    private void commit(String what, Connection connection, Optional<String> id) {
        try {
            LOG.debug("commit: {}", what);
            connection.commit();
        } catch (SQLException e) {
            // A commit that the database refused may leave the transaction open on a pooled connection.
            rollBack(what, connection);
            discard(what, connection);
            BackstitchException failure = dialect.translated(what, e, Dialect.Moment.COMMIT);
            if (failure.code() != ErrorCode.CONNECTION_LOST || id.isEmpty()) {
                throw failure;
            }
            requireCommitted(what, id.get(), failure);
        }
    }

    /** A lost answer to a commit says nothing about the transaction; where the server remembers it, the server is asked. */
    private void requireCommitted(String what, String id, BackstitchException lost) {
        Dialect.Outcome outcome = Dialect.Outcome.UNKNOWN;
        try (Connection fresh = source.getConnection()) {
            fresh.setAutoCommit(true);
            outcome = dialect.outcome(fresh, id);
        } catch (SQLException e) {
            LOG.debug("outcome of {}: {}", what, e.getMessage());
        }
        LOG.info("{}: the connection was lost at the commit of transaction {}: {}", what, id, outcome);
        if (outcome == Dialect.Outcome.ROLLED_BACK) {
            throw new BackstitchException(
                    ErrorCode.DATABASE_UNAVAILABLE,
                    what
                            + " failed: the connection was lost at the commit, and the server says that the transaction was"
                            + " rolled back. Nothing of it remains. It is tried again.",
                    lost);
        }
        if (outcome == Dialect.Outcome.UNKNOWN) {
            throw lost;
        }
    }

    private void rollBack(String what, Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            // The transaction is gone already, or goes with its connection; the failure that led here is what counts.
            LOG.debug("rollback after {}: {}", what, e.getMessage());
            discard(what, connection);
        }
    }

    private void discard(String what, Connection connection) {
        try {
            dialect.discard(connection);
        } catch (SQLException e) {
            LOG.warn("a connection that failed may be used again, after {}: {}", what, e.getMessage());
        }
    }

    private static void close(String what, Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("close after {}: {}", what, e.getMessage());
        }
    }
}
