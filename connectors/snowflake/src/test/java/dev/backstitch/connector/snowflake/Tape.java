package dev.backstitch.connector.snowflake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Every statement that was sent, with its values and its answer: recorded where there is a database, and played back where
 * there is none. Played back, another statement than the recorded one fails the test, so that a tape is at once the script
 * that is sent and the proof that nothing else is. Used by one thread.
 */
final class Tape {
    /**
     * What was asked and answered.
     *
     * @param sql a statement, or {@code commit} and {@code rollback}
     * @param binds its values as text
     * @param columns of a query: name, then type
     * @param rows of a query, times as instants
     * @param written the rows that a statement wrote
     */
    record Step(
            String sql,
            List<String> binds,
            List<List<String>> columns,
            List<List<@Nullable String>> rows,
            long written) {}

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final @Nullable DataSource real;
    private final List<Step> steps;
    private int next;

    private Tape(@Nullable DataSource real, List<Step> steps) {
        this.real = real;
        this.steps = steps;
    }

    static Tape recording(DataSource real) {
        return new Tape(real, new ArrayList<>());
    }

    static Tape of(Path file) throws IOException {
        return new Tape(null, JSON.readValue(Files.readString(file), new TypeReference<List<Step>>() {}));
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, JSON.writeValueAsString(steps) + "\n");
    }

    List<Step> steps() {
        return List.copyOf(steps);
    }

    /** Whether all of it was played. */
    boolean isAtItsEnd() {
        return real != null || next == steps.size();
    }

    DataSource connections() {
        return proxy(DataSource.class, (proxy, method, arguments) -> {
            if (method.getName().equals("getConnection")) {
                return connection(real == null ? null : real.getConnection());
            }
            throw unexpected(method);
        });
    }

    private interface Sending {
        Step send() throws SQLException;
    }

    /** Asks the database, and keeps its answer; or gives the one that was kept. */
    private Step step(String sql, List<String> binds, @Nullable Sending sending) throws SQLException {
        if (sending != null) {
            Step step = sending.send();
            steps.add(step);
            return step;
        }
        assertThat(next).as("statements on the tape, and then: %s", sql).isLessThan(steps.size());
        Step step = steps.get(next);
        assertThat(sql).as("statement %s", next).isEqualTo(step.sql());
        assertThat(binds).as("values of statement %s, %s", next, sql).isEqualTo(step.binds());
        next++;
        return step;
    }

    private Connection connection(@Nullable Connection own) {
        return proxy(Connection.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "unwrap" -> proxy;
            case "setAutoCommit" -> {
                if (own != null) {
                    own.setAutoCommit((Boolean) arguments[0]);
                }
                yield null;
            }
            case "close" -> {
                if (own != null) {
                    own.close();
                }
                yield null;
            }
            case "commit", "rollback" ->
                step(
                        method.getName(),
                        List.of(),
                        own == null
                                ? null
                                : () -> {
                                    method(own, method);
                                    return new Step(method.getName(), List.of(), List.of(), List.of(), 0);
                                });
            case "createStatement" -> statement(own, null);
            case "prepareStatement" -> statement(own, (String) arguments[0]);
            case "hashCode" -> System.identityHashCode(proxy);
            case "equals" -> proxy == arguments[0];
            default -> throw unexpected(method);
        });
    }

    private static void method(Connection own, Method method) throws SQLException {
        if (method.getName().equals("commit")) {
            own.commit();
        } else {
            own.rollback();
        }
    }

    private PreparedStatement statement(@Nullable Connection own, @Nullable String prepared) throws SQLException {
        TreeMap<Integer, String> binds = new TreeMap<>();
        PreparedStatement statement = own == null || prepared == null ? null : own.prepareStatement(prepared);
        return proxy(PreparedStatement.class, (proxy, method, arguments) -> {
            String sql =
                    prepared == null && arguments != null ? String.valueOf(arguments[0]) : String.valueOf(prepared);
            List<String> values = List.copyOf(binds.values());
            switch (method.getName()) {
                case "setNull", "setString", "setObject", "setBigDecimal" -> {
                    binds.put(
                            (Integer) arguments[0],
                            method.getName().equals("setNull") ? "null" : String.valueOf(arguments[1]));
                    return statement == null ? null : method.invoke(statement, arguments);
                }
                case "executeQuery" -> {
                    return rows(step(
                            sql,
                            values,
                            statement == null
                                    ? null
                                    : () -> {
                                        try (ResultSet rows = statement.executeQuery()) {
                                            return queried(sql, values, rows);
                                        }
                                    }));
                }
                case "getMetaData" -> {
                    return columns(step(
                            "describe: " + sql,
                            values,
                            statement == null
                                    ? null
                                    : () -> new Step(
                                            "describe: " + sql,
                                            values,
                                            columnsOf(statement.getMetaData()),
                                            List.of(),
                                            0)));
                }
                case "executeLargeUpdate" -> {
                    return step(
                                    sql,
                                    values,
                                    statement == null
                                            ? null
                                            : () -> new Step(
                                                    sql, values, List.of(), List.of(), statement.executeLargeUpdate()))
                            .written();
                }
                case "execute" -> {
                    step(
                            sql,
                            values,
                            own == null
                                    ? null
                                    : () -> {
                                        try (Statement plain = own.createStatement()) {
                                            plain.execute(sql);
                                        }
                                        return new Step(sql, values, List.of(), List.of(), 0);
                                    });
                    return true;
                }
                case "close" -> {
                    if (statement != null) {
                        statement.close();
                    }
                    return null;
                }
                default -> throw unexpected(method);
            }
        });
    }

    private static Step queried(String sql, List<String> binds, ResultSet found) throws SQLException {
        List<List<String>> columns = columnsOf(found.getMetaData());
        List<List<@Nullable String>> rows = new ArrayList<>();
        while (found.next()) {
            List<@Nullable String> row = new ArrayList<>();
            for (int i = 1; i <= columns.size(); i++) {
                if (columns.get(i - 1).get(1).startsWith("TIMESTAMP")) {
                    Timestamp time = found.getTimestamp(i);
                    row.add(time == null ? null : time.toInstant().toString());
                } else {
                    row.add(found.getString(i));
                }
            }
            rows.add(row);
        }
        return new Step(sql, binds, columns, rows, 0);
    }

    private static List<List<String>> columnsOf(ResultSetMetaData meta) throws SQLException {
        List<List<String>> columns = new ArrayList<>();
        for (int i = 1; i <= meta.getColumnCount(); i++) {
            columns.add(List.of(meta.getColumnLabel(i), meta.getColumnTypeName(i)));
        }
        return columns;
    }

    private static ResultSetMetaData columns(Step step) {
        return proxy(ResultSetMetaData.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "getColumnCount" -> step.columns().size();
            case "getColumnLabel" ->
                step.columns().get((Integer) arguments[0] - 1).get(0);
            case "getColumnTypeName" ->
                step.columns().get((Integer) arguments[0] - 1).get(1);
            default -> throw unexpected(method);
        });
    }

    private static ResultSet rows(Step step) {
        int[] at = {-1};
        boolean[] wasNull = {false};
        return proxy(ResultSet.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "next" -> ++at[0] < step.rows().size();
            case "wasNull" -> wasNull[0];
            case "getMetaData" -> columns(step);
            case "close" -> null;
            case "getString", "getLong", "getTimestamp", "getBoolean" -> {
                String value = step.rows().get(at[0]).get(place(step, arguments[0]));
                wasNull[0] = value == null;
                yield converted(method.getName(), value);
            }
            default -> throw unexpected(method);
        });
    }

    private static int place(Step step, Object column) {
        if (column instanceof Integer number) {
            return number - 1;
        }
        return IntStream.range(0, step.columns().size())
                .filter(i -> step.columns().get(i).get(0).equals(column))
                .findFirst()
                .orElseThrow();
    }

    private static @Nullable Object converted(String getter, @Nullable String value) {
        return switch (getter) {
            case "getLong" -> value == null ? 0L : Long.parseLong(value);
            case "getBoolean" -> Boolean.parseBoolean(value);
            case "getTimestamp" -> value == null ? null : Timestamp.from(Instant.parse(value));
            default -> value;
        };
    }

    private static UnsupportedOperationException unexpected(Method method) {
        return new UnsupportedOperationException("a tape has no " + method);
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(Tape.class.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
