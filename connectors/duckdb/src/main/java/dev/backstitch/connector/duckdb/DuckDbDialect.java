package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.Dialect;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.duckdb.DuckDBConnection;
import org.jooq.Condition;
import org.jooq.Field;
import org.jooq.SQLDialect;
import org.jooq.impl.DSL;

/** DuckDB's words and errors. Its driver has no SQLSTATEs: the kind of an error is how its text begins. */
final class DuckDbDialect extends Dialect {
    private static final String FATAL = "FATAL Error";

    private static final String ENDED =
            " DuckDB has given this database up for the whole process; what was committed is in"
                    + " the file. Close it wherever the process has it open, or restart the process, then resume.";

    @Override
    public SQLDialect jooq() {
        return SQLDialect.DUCKDB;
    }

    @Override
    public void prepare(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("set TimeZone = 'UTC'");
        }
    }

    /**
     * After a failed commit, or a conflict, DuckDB has no transaction any more, but its driver believes that one is open
     * and begins no other: the next transaction on this connection would commit statement by statement. A pool does not
     * notice. So a transaction is begun behind the driver's back, whose rollback both of them see. Where none can be, the
     * connection itself is closed.
     */
    @Override
    public void discard(Connection connection) throws SQLException {
        try {
            try (Statement statement = connection.createStatement()) {
                statement.execute("begin transaction");
            } catch (SQLException alreadyOpen) {
                // It was right already, and the driver has begun one itself.
            }
            connection.rollback();
        } catch (SQLException broken) {
            connection.unwrap(DuckDBConnection.class).close();
        }
    }

    @Override
    public String questionMark() {
        // DuckDB has no operator with a question mark, and its driver no way to escape one.
        throw new BackstitchException(
                ErrorCode.UNSUPPORTED,
                "the query holds a question mark that is no text, which DuckDB takes for a parameter. Nothing was"
                        + " written. Use a named bind, or leave it out.");
    }

    @Override
    public Field<?> rowHash(List<? extends Field<?>> values) {
        return DSL.field("hash({0})", BigInteger.class, DSL.list(values));
    }

    @Override
    public Field<?> rowId() {
        return DSL.field("rowid");
    }

    @Override
    public Condition matches(Field<?> text, String pattern) {
        return DSL.condition("regexp_full_match(cast({0} as varchar), {1})", text, DSL.val(pattern));
    }

    /** By whole microseconds: its epochs are floating otherwise, and so is its division but for the function. */
    @Override
    protected Field<?> secondsBetween(Field<?> from, Field<?> to) {
        return DSL.field("divide(epoch_us({1}) - epoch_us({0}), 1000000)", from, to);
    }

    @Override
    protected Field<?> quotient(Field<?> dividend, long divisor) {
        return DSL.field("divide({0}, {1})", dividend, DSL.inline(divisor));
    }

    @Override
    public BackstitchException translated(String what, SQLException failure, Moment moment) {
        String text = String.valueOf(failure.getMessage());
        Optional<BackstitchException> inUse = moment == Moment.CONNECT ? FileHolder.inUse(failure) : Optional.empty();
        if (inUse.isPresent()) {
            return inUse.get();
        }
        ErrorCode code = codeOf(text, failure, moment);
        String advice = text.startsWith(FATAL) ? consequence(code) + ENDED : consequence(code);
        return new BackstitchException(code, what + " failed: " + sentence(words(failure)) + advice, failure);
    }

    private static ErrorCode codeOf(String text, SQLException failure, Moment moment) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.startsWith("interrupt error")) {
            return ErrorCode.CANCELLED;
        }
        if (lower.startsWith("out of memory error") || lower.contains("no space left on device")) {
            return ErrorCode.NO_SPACE;
        }
        if (isConflict(lower)) {
            return ErrorCode.CONFLICT;
        }
        boolean lost = isLost(lower, failure);
        return switch (moment) {
            case CONNECT -> ErrorCode.DATABASE_UNAVAILABLE;
            // What a commit says beyond a conflict tells nothing about what reached the file.
            case COMMIT -> ErrorCode.CONNECTION_LOST;
            case STATEMENT -> lost ? ErrorCode.DATABASE_UNAVAILABLE : ErrorCode.STATEMENT_REFUSED;
        };
    }

    private static boolean isConflict(String lower) {
        return lower.startsWith("transactioncontext error")
                || lower.contains("write-write conflict")
                || lower.contains("transaction conflict")
                || lower.contains("conflict on ")
                || lower.contains("has been altered by a different transaction")
                || lower.contains("another transaction has altered");
    }

    private static boolean isLost(String lower, SQLException failure) {
        String state = failure.getSQLState();
        return (state != null && state.startsWith("08"))
                || lower.startsWith(FATAL.toLowerCase(Locale.ROOT))
                || lower.startsWith("io error")
                || lower.contains("connection was closed")
                || lower.contains("has been closed");
    }

    private static String consequence(ErrorCode code) {
        return switch (code) {
            case CONFLICT -> " Somebody else wrote at the same time; all of it is rolled back. It is tried again.";
            case CONNECTION_LOST -> " Whether it was committed is unknown; the ledger tells.";
            case NO_SPACE -> " All of it is rolled back. Make room, then resume.";
            case DATABASE_UNAVAILABLE -> " Nothing was committed. It is tried again.";
            default -> " All of it is rolled back.";
        };
    }

    /** Its first line, and the names that it suggests; what follows is the statement. */
    @Override
    public String words(SQLException failure) {
        List<String> lines = String.valueOf(failure.getMessage())
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        return lines.stream().findFirst().orElse("no reason was given")
                + lines.stream()
                        .filter(line -> line.startsWith("Candidate bindings:"))
                        .findFirst()
                        .map(line -> " " + line)
                        .orElse("");
    }

    private static String sentence(String words) {
        return words.matches(".*[.!?]") ? words : words + ".";
    }
}
