package dev.backstitch.state;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;
import org.jooq.exception.DataAccessException;
import org.jspecify.annotations.Nullable;

/** What kind of thing went wrong in the database, by SQLSTATE and H2's own codes. */
enum Fault {
    /** The connection is gone, or there was none to be had. */
    CONNECTION,
    /** Deadlock, lock timeout or concurrent update: the database has refused, and a rollback ends it. */
    CONFLICT,
    DUPLICATE,
    NO_SPACE,
    OTHER;

    /** 90067 broken, 90098 and 90121 closed under us, 90007 object closed, 90135 exclusive to another. */
    private static final Set<Integer> H2_CONNECTION = Set.of(90067, 90098, 90121, 90007, 90135);

    /** 90131 concurrent update, 50200 lock timeout. */
    private static final Set<Integer> H2_CONFLICT = Set.of(90131, 50200);

    /** PostgreSQL has ended the session, since nothing was heard from it in its transaction. */
    private static final String IDLE_IN_TRANSACTION = "25P03";

    private static final int H2_NO_SPACE = 90100;

    static Fault of(SQLException failure) {
        for (SQLException each = failure; each != null; each = inner(each)) {
            Fault fault = ofOne(each);
            if (fault != OTHER) {
                return fault;
            }
        }
        return OTHER;
    }

    /** The database's exception in what jOOQ threw, when there is one. */
    static @Nullable SQLException in(DataAccessException failure) {
        return failure.getCause(SQLException.class);
    }

    private static Fault ofOne(SQLException failure) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        int code = failure.getErrorCode();
        if (state.startsWith("08")
                || state.startsWith("57P0")
                || state.equals(IDLE_IN_TRANSACTION)
                || H2_CONNECTION.contains(code)
                || failure instanceof SQLTransientConnectionException
                || failure instanceof SQLNonTransientConnectionException
                || failure instanceof SQLRecoverableException) {
            return CONNECTION;
        }
        if (state.startsWith("40") || state.equals("55P03") || state.equals("HYT00") || H2_CONFLICT.contains(code)) {
            return CONFLICT;
        }
        if (state.equals("23505")) {
            return DUPLICATE;
        }
        return state.equals("53100") || code == H2_NO_SPACE ? NO_SPACE : OTHER;
    }

    private static @Nullable SQLException inner(SQLException failure) {
        Throwable cause = failure.getCause();
        return cause instanceof SQLException inner && inner != failure ? inner : null;
    }
}
