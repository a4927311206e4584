package dev.backstitch.connector.postgresql;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Dialect;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.WorkOrder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.postgresql.PGConnection;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** PostgreSQL's words, types and errors. */
final class PostgresDialect extends Dialect {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresDialect.class);

    /** How long the server may take to end one of its processes. */
    private static final Duration TERMINATION = Duration.ofSeconds(10);

    /**
     * None of these takes a snapshot. A client that dies ends its statement within half a second, one that hangs between
     * two statements loses its transaction, and neither the session's zone nor its user's timeouts change what we do.
     */
    private static final String BEGIN = "set transaction isolation level repeatable read;"
            + " set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; set local extra_float_digits = 1;"
            + " set local statement_timeout = 0; set local lock_timeout = 0;"
            + " set local client_connection_check_interval = '500ms';"
            + " set local idle_in_transaction_session_timeout = '5min'";

    /** Types whose own equality and hash are right. All others are compared by their text; json has no equality at all. */
    private static final Pattern COMPARABLE =
            Pattern.compile("(smallint|integer|bigint|numeric|real|double precision|boolean"
                    + "|text|character varying|character|date|uuid|bytea|jsonb|interval|inet|cidr|macaddr"
                    + "|time(stamp)?(\\(\\d\\))? with(out)? time zone)(\\([\\d,-]+\\))?(\\[\\])*");

    @Override
    public SQLDialect jooq() {
        return SQLDialect.POSTGRES;
    }

    /** These are settings of the transaction, so that a pooled connection goes back as it came. */
    @Override
    public void prepare(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute(BEGIN);
        }
    }

    @Override
    public BackstitchException translated(String what, SQLException failure, Moment moment) {
        String state = Optional.ofNullable(failure.getSQLState()).orElse("");
        return new BackstitchException(
                code(state, moment),
                what + " failed: " + words(failure) + " (SQLSTATE " + state + "). " + advice(moment),
                failure);
    }

    private static ErrorCode code(String state, Moment moment) {
        if (moment == Moment.CONNECT) {
            return ErrorCode.DATABASE_UNAVAILABLE;
        }
        return switch (state) {
            case "55P03" -> ErrorCode.LOCK_NOT_GRANTED;
            // Two that made the same thing at once; the next attempt sees the other's.
            case "40001", "40P01", "23505", "42P07", "42710", "42P06", "XX000" -> ErrorCode.CONFLICT;
            case "53100" -> ErrorCode.NO_SPACE;
            case "57014" -> ErrorCode.TIMED_OUT;
            case "42501" -> ErrorCode.PRIVILEGE_MISSING;
            default ->
                isConnection(state)
                        ? moment == Moment.COMMIT ? ErrorCode.CONNECTION_LOST : ErrorCode.DATABASE_UNAVAILABLE
                        : ErrorCode.STATEMENT_REFUSED;
        };
    }

    /** Whether the connection is gone, or a resource of the server that comes back. */
    private static boolean isConnection(String state) {
        return state.isEmpty()
                || state.startsWith("08")
                || state.startsWith("57P")
                || state.startsWith("53")
                || state.startsWith("58")
                || state.equals("25P03");
    }

    /** The server's sentence, without the detail, which may hold values of rows. */
    @Override
    public String words(SQLException failure) {
        if (failure instanceof PSQLException postgres) {
            ServerErrorMessage server = postgres.getServerErrorMessage();
            if (server != null && server.getMessage() != null) {
                return server.getMessage();
            }
        }
        return String.valueOf(failure.getMessage());
    }

    private static String advice(Moment moment) {
        return switch (moment) {
            case CONNECT -> "Nothing was begun. Check that the server can be reached.";
            case STATEMENT -> "The transaction was rolled back; nothing of it remains.";
            case COMMIT -> "The ledger tells whether it was committed.";
        };
    }

    @Override
    public String questionMark() {
        return "??";
    }

    @Override
    public Field<?> rowHash(List<? extends Field<?>> values) {
        return DSL.field("hash_record_extended(row({0}), 0)", DSL.list(values));
    }

    @Override
    public Condition matches(Field<?> text, String pattern) {
        return DSL.condition("cast({0} as text) ~ {1}", text, DSL.val("^(?:" + pattern + ")$"));
    }

    @Override
    public Field<?> rowId() {
        return DSL.field("ctid");
    }

    @Override
    public Field<?> comparable(Column column, Field<?> value) {
        return COMPARABLE.matcher(column.type()).matches() ? value : DSL.field("cast({0} as text)", value);
    }

    @Override
    public void staged(Session session, Name stage) {
        session.update(DSL.query("analyze {0}", stage));
    }

    /**
     * A function that a query calls may write, so that the queries run in a read-only subtransaction; what comes after it
     * may write again.
     */
    @Override
    public <T> T reading(Session session, Supplier<T> queries) {
        PostgresTables.run(session, "savepoint bf_reading");
        PostgresTables.run(session, "set transaction read only");
        T answer = queries.get();
        PostgresTables.run(session, "rollback to savepoint bf_reading");
        return answer;
    }

    @Override
    public String overriding() {
        return "overriding system value";
    }

    /** Names the session for the server's own lists, and for whoever takes the run over. For this transaction. */
    @Override
    public void actFor(Session session, WorkOrder order) {
        session.update(new BoundSql(
                "set local application_name = " + Quoted.text(sessionPrefix(order.run()) + order.epoch()), List.of()));
    }

    /** Ends with a blank; an application name is cut off at 63 bytes and loses what is not ASCII. */
    static String sessionPrefix(String run) {
        String shortRun =
                run.matches("[\\w.-]{1,32}") ? run : Inventory.sha256(run).substring(0, 32);
        return "backstitch " + shortRun + " ";
    }

    @Override
    public void endOlderSessions(Session session, WorkOrder order) {
        String prefix = sessionPrefix(order.run());
        List<Boolean> ended = session.list(
                DSL.query("""
                        select pg_terminate_backend(pid, {0}) as ended
                        from (select pid, substr(application_name, length({1}) + 1) as epoch from pg_stat_activity
                            where starts_with(application_name, {1}) and pid <> pg_backend_pid()) s
                        where case when epoch ~ '^[0-9]{1,18}$' then epoch::bigint < {2} end
                        """, DSL.val(TERMINATION.toMillis()), DSL.val(prefix), DSL.val(order.epoch())),
                row -> row.getBoolean("ended"));
        if (ended.contains(false)) {
            throw new BackstitchException(
                    ErrorCode.CONFLICT,
                    session.what() + " failed: a session of an older epoch did not end within " + TERMINATION
                            + ". The epoch keeps it from committing. It is tried again.");
        }
        if (!ended.isEmpty()) {
            LOG.info("run={} epoch={}: ended {} sessions of older epochs", order.run(), order.epoch(), ended.size());
        }
    }

    /**
     * Through the connection: the driver's own cancel does nothing while a statement is merely described, and that may wait
     * for a lock. A cancel that comes too late may hit what the connection does next, which is tried again then.
     */
    @Override
    public void cancel(Statement statement) throws SQLException {
        if (!statement.isClosed()) {
            statement.getConnection().unwrap(PGConnection.class).cancelQuery();
        }
    }

    /** The transaction, and the server process that might still be about to commit it. */
    @Override
    public Optional<String> transactionId(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select pg_current_xact_id_if_assigned(), pg_backend_pid()")) {
            row.next();
            String xid = row.getString(1);
            return xid == null ? Optional.empty() : Optional.of(xid + "/" + row.getString(2));
        }
    }

    /**
     * The server remembers. Where its process has not noticed yet that the client is gone, it is ended; that does not
     * interrupt a commit, so that the answer is final either way.
     */
    @Override
    public Outcome outcome(Connection fresh, String transactionId) throws SQLException {
        String xid = transactionId.substring(0, transactionId.indexOf('/'));
        int pid = Integer.parseInt(transactionId.substring(xid.length() + 1));
        try (PreparedStatement status = fresh.prepareStatement("select pg_xact_status(?::xid8)");
                PreparedStatement end = fresh.prepareStatement("select pg_terminate_backend(pid, ?)"
                        + " from pg_stat_activity where pid = ? and backend_xid = ?::xid8::xid")) {
            status.setString(1, xid);
            String found = text(status);
            if ("in progress".equals(found)) {
                end.setLong(1, TERMINATION.toMillis());
                end.setInt(2, pid);
                end.setString(3, xid);
                text(end);
                found = text(status);
            }
            return switch (found) {
                case "committed" -> Outcome.COMMITTED;
                case "aborted" -> Outcome.ROLLED_BACK;
                default -> Outcome.UNKNOWN;
            };
        }
    }

    private static String text(PreparedStatement query) throws SQLException {
        try (ResultSet row = query.executeQuery()) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }
}
