package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.WorkOrder;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jooq.Field;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/** How one database says what all of them can say: its words, types and errors. Immutable and thread-safe. */
public abstract class Dialect {
    /** When a failure came; the same failure means something else at a commit. */
    public enum Moment {
        /** No transaction had begun. */
        CONNECT,
        /** In the transaction: nothing of it remains. */
        STATEMENT,
        /** At its commit: a lost connection leaves the outcome unknown. */
        COMMIT
    }

    /** By which jOOQ renders. */
    public abstract SQLDialect jooq();

    /**
     * Prepares a connection before its transaction begins: UTC, and an isolation by which each transaction reads one
     * snapshot from its first statement on, and two that write the same row never both commit.
     */
    public abstract void prepare(Connection connection) throws SQLException;

    /**
     * Sees to it that a connection whose commit or rollback failed is never used again, by whatever pool; by default a
     * pool's own care is enough.
     */
    public void discard(Connection connection) throws SQLException {}

    /**
     * The exception for a failure of the driver's.
     *
     * @param what the work that failed, for the message
     */
    public abstract BackstitchException translated(String what, SQLException failure, Moment moment);

    /** How the driver takes a question mark that is no marker. */
    public abstract String questionMark();

    /**
     * A number from 64 bits or more that is equal for equal rows, and the same in every session.
     *
     * @param values of the row's columns, in a fixed order; at least one
     */
    public abstract Field<?> rowHash(List<? extends Field<?>> values);

    /** What tells two rows of a table apart within a statement, even if all their columns are equal. */
    public abstract Field<?> rowId();

    /** A column's value in a form that can be compared and hashed. By default the value itself. */
    public Field<?> comparable(Column column, Field<?> value) {
        return value;
    }

    /** Statements that make a freshly filled stage cheap to join; none by default. */
    public void staged(Session session, org.jooq.Name stage) {}

    /**
     * Runs queries of the user's in the session's transaction, so that they cannot write where the database can see to
     * that; by default they just run.
     */
    public <T> T reading(Session session, Supplier<T> queries) {
        return queries.get();
    }

    /** What stands between an INSERT's columns and its query, so that it may write every written column; by default nothing. */
    public String overriding() {
        return "";
    }

    /** Tells the server for whom the transaction works, as its first statement; nothing by default. */
    public void actFor(Session session, WorkOrder order) {}

    /**
     * What {@link #outcome} needs to find out about a transaction, asked right before its commit; by default nothing.
     *
     * @param connection whose transaction is about to commit
     */
    public Optional<String> transactionId(Connection connection) throws SQLException {
        return Optional.empty();
    }

    /**
     * What became of a transaction whose commit ended with a lost connection.
     *
     * @param fresh another connection, outside a transaction
     * @param transactionId as {@link #transactionId} gave it
     */
    public Outcome outcome(Connection fresh, String transactionId) throws SQLException {
        return Outcome.UNKNOWN;
    }

    /** What became of a transaction. */
    public enum Outcome {
        COMMITTED,
        ROLLED_BACK,
        UNKNOWN
    }

    /**
     * Stops a statement that another thread runs or prepares.
     *
     * @param statement which may have ended in the meantime
     */
    public void cancel(Statement statement) throws SQLException {
        statement.cancel();
    }

    /** Ends what older epochs of this run still do in the server; nothing by default. */
    public void endOlderSessions(Session session, WorkOrder order) {}

    /** The value to bind for a day's beginning against a column of this family. */
    public Object bound(LocalDate day, Column.Family family) {
        return switch (family) {
            case LOCAL_TIMESTAMP -> day.atStartOfDay();
            case INSTANT -> day.atStartOfDay().atOffset(ZoneOffset.UTC);
            case DATE, NUMBER, TEXT, OTHER -> day;
        };
    }

    /** A parameter whose type does not depend on where it stands, so that a query's columns are known before it runs. */
    public String marker(Object bound) {
        if (bound instanceof LocalDate) {
            return "cast(? as date)";
        }
        if (bound instanceof LocalDateTime) {
            return "cast(? as timestamp)";
        }
        return bound instanceof OffsetDateTime ? "cast(? as timestamp with time zone)" : "?";
    }

    /** The day that a value of the partition column lies on. Sessions are pinned to UTC. */
    public Field<LocalDate> dayOf(Field<?> column) {
        return DSL.field("cast({0} as date)", LocalDate.class, column);
    }
}
