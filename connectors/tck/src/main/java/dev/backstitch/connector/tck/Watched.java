package dev.backstitch.connector.tck;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Connections on which each statement, and each commit, is seen before it runs, and something else can be made to happen
 * first.
 */
final class Watched {
    /** What happens before a statement; it may throw what the driver would throw. */
    @FunctionalInterface
    interface Happening {
        void happen() throws Exception;
    }

    private record Rule(Predicate<String> statement, Happening happening) {}

    private final DataSource source;
    private final List<String> statements = new CopyOnWriteArrayList<>();
    private final List<Rule> once = new CopyOnWriteArrayList<>();

    Watched(DataSource source) {
        this.source = source;
    }

    DataSource connections() {
        return proxy(DataSource.class, (proxy, method, arguments) -> {
            Object result = call(source, method, arguments);
            return result instanceof Connection connection ? watched(connection) : result;
        });
    }

    /** Makes this happen before the next statement that the predicate accepts, once. A commit reads {@code commit}. */
    void before(Predicate<String> statement, Happening happening) {
        once.add(new Rule(statement, happening));
    }

    /** Whether everything that was to happen has happened. */
    boolean everythingHappened() {
        return once.isEmpty();
    }

    /** Forgets what was seen and what is to happen. */
    void restart() {
        statements.clear();
        once.clear();
    }

    /** The statements seen since the restart, in order. */
    List<String> statements() {
        return List.copyOf(statements);
    }

    private void see(String statement) throws Exception {
        statements.add(statement);
        Optional<Rule> due = due(statement);
        if (due.isPresent()) {
            due.get().happening().happen();
        }
    }

    /** The first rule that accepts the statement; it is used up. */
    private synchronized Optional<Rule> due(String statement) {
        Optional<Rule> due =
                once.stream().filter(rule -> rule.statement().test(statement)).findFirst();
        due.ifPresent(once::remove);
        return due;
    }

    private Connection watched(Connection connection) {
        return proxy(Connection.class, (proxy, method, arguments) -> {
            if (method.getName().equals("commit")) {
                see("commit");
            }
            Object result = call(connection, method, arguments);
            return result instanceof PreparedStatement statement && arguments != null
                    ? watched(statement, String.valueOf(arguments[0]))
                    : result;
        });
    }

    private PreparedStatement watched(PreparedStatement statement, String sql) {
        return proxy(PreparedStatement.class, (proxy, method, arguments) -> {
            if (method.getName().startsWith("execute")) {
                see(sql);
            }
            return call(statement, method, arguments);
        });
    }

    private static @Nullable Object call(Object target, java.lang.reflect.Method method, Object @Nullable [] arguments)
            throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(Watched.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
