package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.spi.Interrupt;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jooq.DSLContext;
import org.jooq.QueryPart;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An open transaction. Every statement is one JDBC call of its own, can be stopped by the call's interrupt, and fails with
 * a {@link BackstitchException}; after a failure no other statement runs. Used by one thread.
 */
public final class Session {
    private static final Logger LOG = LoggerFactory.getLogger("dev.backstitch.sql");

    private static final int CANCELS = 50;
    private static final long CANCEL_WAIT_MILLIS = 100;

    private final Connection connection;
    private final Dialect dialect;
    private final DSLContext renderer;
    private final String what;
    private final Interrupt interrupt;
    private @Nullable BackstitchException failure;

    Session(Connection connection, Dialect dialect, DSLContext renderer, String what, Interrupt interrupt) {
        this.connection = connection;
        this.dialect = dialect;
        this.renderer = renderer;
        this.what = what;
        this.interrupt = interrupt;
    }

    /** What the transaction is for, for messages. */
    public String what() {
        return what;
    }

    /** How the call is stopped. */
    public Interrupt interrupt() {
        return interrupt;
    }

    /** The words of the database. */
    public Dialect dialect() {
        return dialect;
    }

    /** Runs a statement; the number of rows that it wrote. */
    public long update(QueryPart statement) {
        return update(rendered(statement));
    }

    /** Runs a statement; the number of rows that it wrote. */
    public long update(BoundSql statement) {
        return with(statement, PreparedStatement::executeLargeUpdate);
    }

    /** The rows of a query, in its order. */
    public <T> List<T> list(QueryPart query, RowReader<T> reader) {
        return list(rendered(query), reader);
    }

    /** The rows of a query, in its order. */
    public <T> List<T> list(BoundSql query, RowReader<T> reader) {
        return with(query, statement -> {
            try (ResultSet rows = statement.executeQuery()) {
                List<T> result = new ArrayList<>();
                while (rows.next()) {
                    result.add(reader.read(rows));
                }
                return result;
            }
        });
    }

    /** The only row of a query that gives at most one. */
    public <T> Optional<T> first(QueryPart query, RowReader<T> reader) {
        List<T> rows = list(query, reader);
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(0));
    }

    /** The row of a query that always gives one. */
    public <T> T one(QueryPart query, RowReader<T> reader) {
        return one(rendered(query), reader);
    }

    /** The row of a query that always gives one. */
    <T> T one(BoundSql query, RowReader<T> reader) {
        return list(query, reader).stream()
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no row from " + query.text()));
    }

    /** Executes a statement of whatever kind; what it answers is passed over. */
    void execute(BoundSql statement) {
        with(statement, PreparedStatement::execute);
    }

    /** The single number of a query that always gives one. */
    public long number(QueryPart query) {
        return number(rendered(query));
    }

    /** The single number of a query that always gives one. */
    long number(BoundSql query) {
        return one(query, row -> row.getLong(1));
    }

    /**
     * The names and types of a query's columns. It is prepared and not run: as a subquery, since some drivers run all but
     * the last of several statements when they prepare them.
     */
    public List<QueryColumn> columns(BoundSql query) {
        BoundSql subquery = new BoundSql("select * from (" + query.text() + "\n) q", query.binds());
        return with(subquery, statement -> {
            ResultSetMetaData meta = statement.getMetaData();
            List<QueryColumn> columns = new ArrayList<>();
            for (int i = 1; i <= meta.getColumnCount(); i++) {
                columns.add(new QueryColumn(meta.getColumnLabel(i), meta.getColumnTypeName(i)));
            }
            return columns;
        });
    }

    /** The statement's text with markers, and its values. */
    public BoundSql rendered(QueryPart statement) {
        return new BoundSql(renderer.render(statement), renderer.extractBindValues(statement));
    }

    /** The statement's text with its values in it, for people to read. */
    public String readable(QueryPart statement) {
        return renderer.renderInlined(statement);
    }

    private interface Call<T> {
        T on(PreparedStatement statement) throws SQLException;
    }

    private <T> T with(BoundSql sql, Call<T> call) {
        if (failure != null) {
            // The database may have ended the transaction; a later statement would not be part of it.
            throw failure;
        }
        LOG.debug("{}: {}", what, sql.text());
        try (PreparedStatement statement = connection.prepareStatement(sql.text())) {
            for (int i = 0; i < sql.binds().size(); i++) {
                dialect.bind(statement, i + 1, sql.binds().get(i));
            }
            CountDownLatch ended = new CountDownLatch(1);
            try (Interrupt.Registration registration = interrupt.register(() -> cancel(statement, ended))) {
                return call.on(statement);
            } finally {
                ended.countDown();
            }
        } catch (SQLException e) {
            // A cancelled statement fails in the database's words; the reason is the interrupt's.
            failure = dialect.translated(what, e, Dialect.Moment.STATEMENT);
            interrupt.throwIfPulled();
            throw failure;
        }
    }

    /**
     * Cancels a statement until it has ended, for a bounded time: a cancel that comes before the database has begun with
     * it is lost.
     */
    private void cancel(Statement statement, CountDownLatch ended) {
        try {
            for (int i = 0; i < CANCELS; i++) {
                dialect.cancel(statement);
                if (ended.await(CANCEL_WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
            LOG.warn("{}: the statement does not end although it was cancelled", what);
        } catch (SQLException e) {
            LOG.warn("{}: the statement could not be cancelled and runs to its end: {}", what, e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
