package dev.backstitch.faults;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/** What a {@link Tap} does with the calls that pass. Thread-safe. */
interface Policy {
    /** Sends the call, or does something else. */
    Object on(Call call, Sending sending) throws SQLException;

    /** At the very end, for a policy whose fault waits for the next call. */
    default void atEnd() {}

    /** Sends everything. */
    static Policy none() {
        return (call, sending) -> sending.send();
    }

    /** This policy, and for what it sends, another one. */
    default Policy over(Policy inner) {
        return (call, sending) -> on(call, new Sending() {
            @Override
            public Object send() throws SQLException {
                return inner.on(call, sending);
            }

            @Override
            public Object answer(int rows) throws SQLException {
                return sending.answer(rows);
            }

            @Override
            public Object answer(String query) throws SQLException {
                return sending.answer(query);
            }

            @Override
            public Object sendInstead(String sql) throws SQLException {
                return sending.sendInstead(sql);
            }

            @Override
            public ResultSet ask(String query) throws SQLException {
                return sending.ask(query);
            }
        });
    }

    /** Something to do between two of the engine's calls. */
    interface Meanwhile {
        void happen() throws SQLException;
    }

    /** Just before the first call that matches, once, something happens; then this policy goes on. */
    default Policy before(Predicate<Call> matching, Meanwhile meanwhile) {
        AtomicBoolean done = new AtomicBoolean();
        return (call, sending) -> {
            if (matching.test(call) && done.compareAndSet(false, true)) {
                meanwhile.happen();
            }
            return on(call, sending);
        };
    }

    /** For the calls that match, something else; all others are sent. */
    static Policy when(Predicate<Call> matching, Policy then) {
        return (call, sending) -> matching.test(call) ? then.on(call, sending) : sending.send();
    }
}
