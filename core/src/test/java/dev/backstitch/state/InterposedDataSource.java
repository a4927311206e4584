package dev.backstitch.state;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A data source on which a test does something around commits and statements. */
final class InterposedDataSource {
    /** What to do; by default nothing. */
    interface Interposed {
        default void beforeConnection() throws SQLException {}

        default void beforeExecute(String sql) throws SQLException {}

        default void beforeCommit(Connection connection) throws SQLException {}

        default void afterCommit(Connection connection) throws SQLException {}
    }

    volatile Interposed interposed = new Interposed() {};

    private final DataSource database;

    InterposedDataSource(DataSource database) {
        this.database = database;
    }

    DataSource dataSource() {
        return proxy(
                DataSource.class,
                (method, args, call) -> {
                    if (method.equals("getConnection")) {
                        interposed.beforeConnection();
                        return connection((Connection) call.now());
                    }
                    return call.now();
                },
                database);
    }

    private Connection connection(Connection connection) {
        return proxy(
                Connection.class,
                (method, args, call) -> {
                    switch (method) {
                        case "commit" -> {
                            interposed.beforeCommit(connection);
                            call.now();
                            interposed.afterCommit(connection);
                            return null;
                        }
                        case "prepareStatement" -> {
                            return statement((PreparedStatement) call.now(), (String) args[0]);
                        }
                        default -> {
                            return call.now();
                        }
                    }
                },
                connection);
    }

    private PreparedStatement statement(PreparedStatement statement, String sql) {
        return proxy(
                PreparedStatement.class,
                (method, args, call) -> {
                    if (method.startsWith("execute")) {
                        interposed.beforeExecute(sql);
                    }
                    return call.now();
                },
                statement);
    }

    private interface Call {
        Object now() throws Throwable;
    }

    private interface Handler {
        Object handle(String method, Object[] args, Call call) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Handler handler, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, args) -> handler.handle(method.getName(), args, () -> {
                    try {
                        return method.invoke(target, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                })));
    }
}
