package dev.backstitch.connector.jdbc;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.WorkOrder;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.Name;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

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
     * Prepares a connection before its transaction begins: UTC, and the {@linkplain #isolation() isolation} that it has.
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

    /** What the database itself says of a failure, on one line and without values of rows. */
    public abstract String words(SQLException failure);

    /**
     * What a statement that makes, changes or drops a table does to the transaction that is open: by default it is part of
     * it, and is taken back with it.
     */
    public Ddl ddl() {
        return Ddl.IN_TRANSACTION;
    }

    /** How a database's DDL and its transactions go together. */
    public enum Ddl {
        IN_TRANSACTION,
        /** It commits what is open, and is a transaction of its own. */
        COMMITS
    }

    /** What the statements of one transaction see; by default all of them the same. */
    public Isolation isolation() {
        return Isolation.SNAPSHOT;
    }

    /** What a statement sees of what others commit. */
    public enum Isolation {
        /** What was committed before the transaction began, and of two that write the same row one fails. */
        SNAPSHOT,
        /** What was committed before the statement began; of two that write the same row the second waits for the first. */
        STATEMENT
    }

    /** Whether the database keeps the keys unique that a table declares; by default it does. */
    public boolean keepsKeysUnique() {
        return true;
    }

    /** Binds a value as the driver takes it. */
    public void bind(PreparedStatement statement, int place, @Nullable Object value) throws SQLException {
        statement.setObject(place, value);
    }

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

    /** A number for each row of a query, to be stored as its {@link #rowId}, in a database that has none of its own. */
    public Optional<Field<?>> numberOfRow() {
        return Optional.empty();
    }

    /** The name of a table that only this session sees. */
    public Name ofSession(WorkOrder order, String name) {
        return DSL.name(name);
    }

    /** How its making begins; it replaces one that an earlier transaction of a pooled session left, where that can be. */
    public String createOfSession() {
        return "create temporary table";
    }

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

    /**
     * What is bound for a value of a partition column.
     *
     * @param value a {@code LocalDate}, {@code LocalDateTime}, {@code Instant} or {@code Long}, or the text of a value
     */
    public Object bound(Object value, Column column) {
        if (value instanceof LocalDate day) {
            return ofDay(day, column.family());
        }
        if (value instanceof Instant instant) {
            OffsetDateTime utc = instant.atOffset(ZoneOffset.UTC);
            return column.family() == Column.Family.INSTANT ? utc : utc.toLocalDateTime();
        }
        return value instanceof String text && column.family() == Column.Family.NUMBER ? number(text) : value;
    }

    private static Object ofDay(LocalDate day, Column.Family family) {
        return switch (family) {
            case LOCAL_TIMESTAMP -> day.atStartOfDay();
            case INSTANT -> day.atStartOfDay().atOffset(ZoneOffset.UTC);
            case DATE, NUMBER, TEXT, OTHER -> day;
        };
    }

    private static Object number(String text) {
        try {
            BigDecimal number = new BigDecimal(text.strip());
            return number.scale() <= 0 ? number.longValueExact() : number;
        } catch (ArithmeticException | NumberFormatException tooLongOrSpecial) {
            // Such as NaN: the database reads it as a value of the column's type.
            return text;
        }
    }

    /**
     * A parameter whose type does not depend on where it stands, so that a query's columns are known before it runs.
     *
     * @param bound as {@link #bound} gave it
     * @param column the partition column
     */
    public final String marker(Object bound, Column column) {
        return type(bound, column).map(type -> "cast(? as " + type + ")").orElse("?");
    }

    /** A value of a partition column, as a parameter of a statement of ours. */
    public final Field<?> literal(Object value, Column column) {
        Object bound = bound(value, column);
        // A text says nothing of its type, and neither does a decimal of its digits.
        return bound instanceof String || bound instanceof BigDecimal
                ? DSL.field("cast({0} as " + type(bound, column).orElseThrow() + ")", DSL.val(bound))
                : DSL.val(bound);
    }

    private static Optional<String> type(Object bound, Column column) {
        if (bound instanceof LocalDate) {
            return Optional.of("date");
        }
        if (bound instanceof LocalDateTime) {
            return Optional.of("timestamp");
        }
        if (bound instanceof OffsetDateTime) {
            return Optional.of("timestamp with time zone");
        }
        if (bound instanceof Long) {
            return Optional.of("bigint");
        }
        if (bound instanceof BigDecimal number) {
            return Optional.of("decimal(38, " + number.scale() + ")");
        }
        // Not the column's own type of text, whose length would cut a longer value to one that it equals.
        return Optional.of(column.family() == Column.Family.TEXT ? "varchar" : column.type());
    }

    /** Whether the whole of a text matches a regular expression of the common kind. */
    public abstract Condition matches(Field<?> text, String pattern);

    /**
     * How many whole widths lie between an origin and a value that is not below it, as a whole number.
     *
     * @param origin of the partition's type: days are counted for a {@code LocalDate}, ones for a {@code Long}, else seconds
     * @param width in that unit
     */
    public final Field<?> steps(Field<?> value, Comparable<?> origin, long width, Column column) {
        Field<?> from = literal(origin, column);
        Field<?> distance;
        if (origin instanceof LocalDate day) {
            distance = DSL.field("(cast({0} as date) - {1})", value, day(day));
        } else if (origin instanceof Long) {
            boolean whole = column.type().toLowerCase(Locale.ROOT).contains("int");
            distance = DSL.field(whole ? "({0} - {1})" : "cast(floor({0} - {1}) as bigint)", value, from);
        } else {
            distance = secondsBetween(from, value);
        }
        return quotient(distance, width);
    }

    /** A day as a parameter. */
    protected Field<?> day(LocalDate day) {
        return DSL.val(day);
    }

    /** Whole seconds between two timestamps of one type, the second of which is not the earlier. */
    protected Field<?> secondsBetween(Field<?> from, Field<?> to) {
        return DSL.field("cast(floor(extract(epoch from ({1} - {0}))) as bigint)", from, to);
    }

    /** The whole part of a division of whole numbers that are not negative. */
    protected Field<?> quotient(Field<?> dividend, long divisor) {
        return DSL.field("({0} / {1})", dividend, DSL.inline(divisor));
    }
}
