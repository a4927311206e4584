package dev.backstitch.connector.snowflake;

import dev.backstitch.connector.jdbc.BoundSql;
import dev.backstitch.connector.jdbc.Dialect;
import dev.backstitch.connector.jdbc.Session;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Column.Family;
import dev.backstitch.spi.WorkOrder;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/**
 * Snowflake's words and errors. jOOQ's open-source edition has no dialect for it; the standard SQL that its default dialect
 * renders is what Snowflake takes, and what differs is here.
 */
final class SnowflakeDialect extends Dialect {
    private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSSSSS");
    private static final DateTimeFormatter WITH_OFFSET =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSxxx");

    /**
     * <a href="https://docs.snowflake.com/en/sql-reference/parameters">Session parameters</a> that would change what
     * statements mean, or how long they hold others up, pinned for every session.
     */
    static final List<String> SESSION = List.of(
            "TIMEZONE = 'UTC'",
            "TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_NTZ'",
            "CLIENT_TIMESTAMP_TYPE_MAPPING = 'TIMESTAMP_NTZ'",
            "ERROR_ON_NONDETERMINISTIC_MERGE = true",
            "ABORT_DETACHED_QUERY = true",
            "QUOTED_IDENTIFIERS_IGNORE_CASE = false",
            "LOCK_TIMEOUT = 60");

    private final Set<Connection> pinned = Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

    @Override
    public SQLDialect jooq() {
        return SQLDialect.DEFAULT;
    }

    /** A session is pinned once, and keeps what was pinned for as long as a pool keeps it. */
    @Override
    public void prepare(Connection connection) throws SQLException {
        Connection own = connection.unwrap(Connection.class);
        if (pinned.add(own)) {
            try (Statement statement = connection.createStatement()) {
                for (String parameter : SESSION) {
                    statement.execute("alter session set " + parameter);
                }
            } catch (SQLException e) {
                pinned.remove(own);
                throw e;
            }
        }
    }

    /** Names the work in the query history, up to 2,000 characters. */
    @Override
    public void actFor(Session session, WorkOrder order) {
        String tag = "backstitch dag=" + order.dag() + " backfill=" + order.backfill() + " run=" + order.run()
                + " epoch=" + order.epoch();
        session.update(new BoundSql("alter session set QUERY_TAG = " + DSL.inline(tag), List.of()));
    }

    /**
     * DDL <a href="https://docs.snowflake.com/en/sql-reference/transactions#ddl">commits the open transaction</a> and is
     * one of its own.
     */
    @Override
    public Ddl ddl() {
        return Ddl.COMMITS;
    }

    /**
     * <a href="https://docs.snowflake.com/en/sql-reference/transactions#isolation-level">READ COMMITTED</a>, the only
     * isolation of its tables.
     */
    @Override
    public Isolation isolation() {
        return Isolation.STATEMENT;
    }

    /** Keys are <a href="https://docs.snowflake.com/en/sql-reference/constraints-overview">declared and not enforced</a>. */
    @Override
    public boolean keepsKeysUnique() {
        return false;
    }

    /** The driver takes no {@code java.time}; as text each is what it says, whatever the zones of session and JVM. */
    @Override
    public void bind(PreparedStatement statement, int place, @Nullable Object value) throws SQLException {
        if (value == null) {
            statement.setNull(place, Types.VARCHAR);
        } else if (value instanceof BigInteger number) {
            statement.setBigDecimal(place, new BigDecimal(number));
        } else if (value instanceof LocalDate || value instanceof LocalDateTime || value instanceof OffsetDateTime) {
            statement.setString(place, text(value));
        } else {
            statement.setObject(place, value);
        }
    }

    private static String text(Object time) {
        if (time instanceof LocalDateTime local) {
            return LOCAL.format(local);
        }
        return time instanceof OffsetDateTime instant ? WITH_OFFSET.format(instant) : time.toString();
    }

    /** Times as text, which the marker casts to the column's own type. */
    @Override
    public Object bound(Object value, Column column) {
        if (value instanceof LocalDate day && column.family() == Family.LOCAL_TIMESTAMP) {
            return text(day.atStartOfDay());
        }
        if (value instanceof LocalDate day && column.family() == Family.INSTANT) {
            return text(day.atStartOfDay().atOffset(ZoneOffset.UTC));
        }
        if (value instanceof Instant instant) {
            OffsetDateTime utc = instant.atOffset(ZoneOffset.UTC);
            return text(column.family() == Family.INSTANT ? utc : utc.toLocalDateTime());
        }
        return value instanceof LocalDate || value instanceof LocalDateTime ? text(value) : super.bound(value, column);
    }

    @Override
    protected Field<?> day(LocalDate day) {
        return DSL.field("to_date({0})", DSL.val(day.toString()));
    }

    @Override
    protected Field<?> secondsBetween(Field<?> from, Field<?> to) {
        return DSL.field("floor(datediff('microsecond', {0}, {1}) / 1000000)", from, to);
    }

    /** Its division of whole numbers gives a decimal. */
    @Override
    protected Field<?> quotient(Field<?> dividend, long divisor) {
        return DSL.field("floor({0} / {1})", dividend, DSL.inline(divisor));
    }

    /** Snowflake has no operator with a question mark. */
    @Override
    public String questionMark() {
        throw new BackstitchException(
                ErrorCode.UNSUPPORTED,
                "the query holds a question mark that is no text, which Snowflake takes for a parameter. Nothing was"
                        + " written. Use a named bind, or leave it out.");
    }

    /**
     * <a href="https://docs.snowflake.com/en/sql-reference/functions/hash">HASH</a>, 64 bits, signed, and equal for equal
     * values.
     */
    @Override
    public Field<?> rowHash(List<? extends Field<?>> values) {
        return DSL.field("hash({0})", BigInteger.class, DSL.list(values));
    }

    /** A column of the stage, since Snowflake's tables have no row ids. */
    @Override
    public Field<?> rowId() {
        return DSL.field(DSL.quotedName("bf_row"));
    }

    @Override
    public Optional<Field<?>> numberOfRow() {
        return Optional.of(DSL.field("row_number() over (order by 1)"));
    }

    @Override
    public Field<?> comparable(Column column, Field<?> value) {
        return SnowflakeTypes.isSemiStructured(column.type()) ? DSL.field("to_json({0})", value) : value;
    }

    /** REGEXP_LIKE <a href="https://docs.snowflake.com/en/sql-reference/functions/regexp_like">matches the whole text</a>. */
    @Override
    public Condition matches(Field<?> text, String pattern) {
        return DSL.condition("regexp_like(cast({0} as varchar), {1})", text, DSL.val(pattern));
    }

    /** Beside the order's tables, since a session need not have a schema of its own. */
    @Override
    public Name ofSession(WorkOrder order, String name) {
        return DSL.name(order.shadow().catalog(), order.shadow().schema(), name);
    }

    @Override
    public String createOfSession() {
        return "create or replace temporary table";
    }

    @Override
    public BackstitchException translated(String what, SQLException failure, Moment moment) {
        String state = Optional.ofNullable(failure.getSQLState()).orElse("");
        ErrorCode code = code(state, failure.getErrorCode(), moment);
        return new BackstitchException(
                code,
                what + " failed: " + sentence(words(failure)) + " (Snowflake's " + failure.getErrorCode() + "). "
                        + consequence(code, moment),
                failure);
    }

    /**
     * The numbers are Snowflake's own and the driver's, seen with 4.4.1 and listed at
     * <a href="https://docs.snowflake.com/en/developer-guide/jdbc/jdbc-troubleshooting">Troubleshooting</a>.
     */
    private static ErrorCode code(String state, int number, Moment moment) {
        return switch (number) {
            case 604 -> ErrorCode.CANCELLED;
            // Locked for too long, too many waiters, or a transaction that the server has ended.
            case 625, 639 -> ErrorCode.CONFLICT;
            case 630 -> ErrorCode.TIMED_OUT;
            case 3001 -> ErrorCode.PRIVILEGE_MISSING;
            default -> other(state, number, moment);
        };
    }

    private static ErrorCode other(String state, int number, Moment moment) {
        boolean lost = state.startsWith("08") || state.equals("58030") || number == 200015;
        return switch (moment) {
            case CONNECT -> ErrorCode.DATABASE_UNAVAILABLE;
            // No answer does not say that nothing was committed: the ledger tells.
            case COMMIT -> lost ? ErrorCode.CONNECTION_LOST : ErrorCode.CONFLICT;
            case STATEMENT -> lost ? ErrorCode.DATABASE_UNAVAILABLE : ErrorCode.STATEMENT_REFUSED;
        };
    }

    private static String consequence(ErrorCode code, Moment moment) {
        if (code == ErrorCode.CONNECTION_LOST) {
            return "Whether it was committed is unknown; the ledger tells.";
        }
        return switch (moment) {
            case CONNECT -> "Nothing was begun.";
            case STATEMENT, COMMIT -> "All of it is rolled back.";
        };
    }

    @Override
    public String words(SQLException failure) {
        return String.valueOf(failure.getMessage())
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.equalsIgnoreCase("SQL compilation error:"))
                .findFirst()
                .orElse("no reason was given");
    }

    private static String sentence(String words) {
        return words.replaceFirst("[.]+$", "");
    }
}
