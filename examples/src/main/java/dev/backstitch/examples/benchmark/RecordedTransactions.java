package dev.backstitch.examples.benchmark;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what the engine sends: the statements, with their binds, of each committed transaction. A loop by hand then
 * does just the same. Thread-safe.
 */
final class RecordedTransactions {
    private final ConcurrentLinkedQueue<List<Sent>> committed = new ConcurrentLinkedQueue<>();

    /**
     * A statement as it was sent.
     *
     * @param binds by position, from 1
     */
    record Sent(String sql, Map<Integer, @Nullable Object> binds) {
        void sendAgain(Connection connection) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (Map.Entry<Integer, @Nullable Object> bind : binds.entrySet()) {
                    statement.setObject(bind.getKey(), bind.getValue());
                }
                if (statement.execute()) {
                    try (var rows = statement.getResultSet()) {
                        while (rows.next()) {
                            rows.getObject(1);
                        }
                    }
                }
            }
        }
    }

    /** The transactions that merged a partition, each its statements, in the order of their commits. */
    List<List<Sent>> merges() {
        return committed.stream().filter(RecordedTransactions::merges).toList();
    }

    /** The transactions before the first merge. */
    List<List<Sent>> beforeMerges() {
        return committed.stream().takeWhile(transaction -> !merges(transaction)).toList();
    }

    private static boolean merges(List<Sent> transaction) {
        return transaction.stream()
                .anyMatch(sent -> sent.sql().toLowerCase(Locale.ROOT).startsWith("merge into"));
    }

    /** The same data source, written down. */
    DataSource around(DataSource real) {
        return proxy(DataSource.class, (proxy, method, args) -> {
            Object result = call(real, method, args);
            return result instanceof Connection connection ? around(connection) : result;
        });
    }

    private Connection around(Connection real) {
        List<Sent> sent = new ArrayList<>();
        return proxy(Connection.class, (proxy, method, args) -> {
            Object result = call(real, method, args);
            switch (method.getName()) {
                case "commit" -> {
                    committed.add(List.copyOf(sent));
                    sent.clear();
                }
                case "rollback", "close" -> sent.clear();
                default -> {}
            }
            if (result instanceof PreparedStatement statement && args != null) {
                return around(statement, (String) args[0], sent);
            }
            return result instanceof Statement statement ? around(statement, sent) : result;
        });
    }

    private static PreparedStatement around(PreparedStatement real, String sql, List<Sent> sent) {
        Map<Integer, @Nullable Object> binds = new TreeMap<>();
        return proxy(PreparedStatement.class, (proxy, method, args) -> {
            if (method.getName().startsWith("set")
                    && args != null
                    && args.length >= 2
                    && args[0] instanceof Integer at) {
                binds.put(at, method.getName().equals("setNull") ? null : args[1]);
            } else if (method.getName().startsWith("execute")) {
                sent.add(new Sent(sql, new TreeMap<>(binds)));
            }
            return call(real, method, args);
        });
    }

    private static Statement around(Statement real, List<Sent> sent) {
        return proxy(Statement.class, (proxy, method, args) -> {
            if (method.getName().startsWith("execute") && args != null && args[0] instanceof String sql) {
                sent.add(new Sent(sql, Map.of()));
            }
            return call(real, method, args);
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static @Nullable Object call(Object real, Method method, Object @Nullable [] args) throws Throwable {
        try {
            return method.invoke(real, args);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }
}
