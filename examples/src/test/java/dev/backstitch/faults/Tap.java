package dev.backstitch.faults;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * A place in the line between the engine and its databases where every statement, commit and rollback passes as a numbered
 * {@link Call}, and a {@link Policy} says what becomes of it. The engine knows nothing of it. Thread-safe.
 */
final class Tap {
    private final AtomicInteger numbers = new AtomicInteger();
    private final List<Call> calls = Collections.synchronizedList(new ArrayList<>());
    private volatile Policy policy = Policy.none();

    /** A data source like this one, whose connections are tapped. */
    DataSource on(Call.Store store, DataSource source) {
        return proxy(DataSource.class, (self, method, args) -> {
            Object result = invoke(source, method, args);
            return result instanceof Connection connection ? connection(store, connection) : result;
        });
    }

    /** From now on, this becomes of calls. */
    Tap with(Policy next) {
        policy = next;
        return this;
    }

    /** Everything that has passed so far, in order. */
    List<Call> calls() {
        synchronized (calls) {
            return List.copyOf(calls);
        }
    }

    /** What waits for a next call happens now, since there will be none. */
    void end() {
        policy.atEnd();
    }

    Object pass(Call.Store store, String sql, Sending sending) throws SQLException {
        Call call = new Call(numbers.incrementAndGet(), store, Phase.now(store), sql);
        calls.add(call);
        return policy.on(call, sending);
    }

    private Connection connection(Call.Store store, Connection connection) {
        return proxy(Connection.class, (self, method, args) -> {
            switch (method.getName()) {
                case "commit":
                    return pass(store, Call.COMMIT, new TappedEnd(connection, method, args));
                case "rollback":
                    return pass(store, Call.ROLLBACK, new TappedEnd(connection, method, args));
                case "createStatement":
                    return statement(Statement.class, store, "", (Connection) self, connection, method, args);
                case "prepareStatement":
                    return statement(
                            PreparedStatement.class,
                            store,
                            (String) args[0],
                            (Connection) self,
                            connection,
                            method,
                            args);
                case "prepareCall":
                    return statement(
                            CallableStatement.class,
                            store,
                            (String) args[0],
                            (Connection) self,
                            connection,
                            method,
                            args);
                default:
                    return invoke(connection, method, args);
            }
        });
    }

    private <S extends Statement> S statement(
            Class<S> type,
            Call.Store store,
            String sql,
            Connection tapped,
            Connection connection,
            Method method,
            Object[] args)
            throws Throwable {
        Statement statement = (Statement) invoke(connection, method, args);
        return proxy(type, new TappedStatement(this, store, sql, tapped, connection, statement));
    }

    static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(Tap.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    /** Calls through; {@code unwrap} finds what is behind the tap. */
    static Object invoke(Object behind, Method method, Object[] args) throws Throwable {
        if (method.getName().equals("unwrap") && ((Class<?>) args[0]).isInstance(behind)) {
            return behind;
        }
        if (method.getName().equals("isWrapperFor") && ((Class<?>) args[0]).isInstance(behind)) {
            return true;
        }
        try {
            return method.invoke(behind, args);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** As {@link #invoke}, where only an {@link SQLException} or an unchecked one can be thrown. */
    static Object invokeSql(Object behind, Method method, Object[] args) throws SQLException {
        try {
            return invoke(behind, method, args);
        } catch (SQLException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new SQLException(e);
        }
    }
}
