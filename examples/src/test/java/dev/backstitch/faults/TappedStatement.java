package dev.backstitch.faults;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** A statement behind a {@link Tap}. What is answered without being sent is what it says afterwards, too. */
final class TappedStatement implements InvocationHandler {
    private final Tap tap;
    private final Call.Store store;
    private final String prepared;
    private final Connection tapped;
    private final Connection connection;
    private final Statement statement;
    private final List<String> batch = new ArrayList<>();
    private final List<Bind> binds = new ArrayList<>();
    private ResultSet rows;
    private Integer count;

    TappedStatement(
            Tap tap, Call.Store store, String prepared, Connection tapped, Connection connection, Statement statement) {
        this.tap = tap;
        this.store = store;
        this.prepared = prepared;
        this.tapped = tapped;
        this.connection = connection;
        this.statement = statement;
    }

    /** A value that was set, so that another statement can be given the same. */
    private record Bind(Method setter, Object[] arguments) {}

    @Override
    public Object invoke(Object self, Method method, Object[] args) throws Throwable {
        String name = method.getName();
        if (name.startsWith("execute")) {
            String sql = args != null && args.length > 0 && args[0] instanceof String text
                    ? text
                    : prepared.isEmpty() ? String.join("; ", batch) : prepared;
            rows = null;
            count = null;
            return tap.pass(store, sql, new OnItsWay(method, args));
        }
        if (name.equals("addBatch") && args != null) {
            batch.add((String) args[0]);
        }
        if (name.startsWith("set") && args != null && args.length > 1 && args[0] instanceof Integer) {
            binds.add(new Bind(method, args));
        }
        if (name.equals("getConnection")) {
            return tapped;
        }
        if (rows != null || count != null) {
            switch (name) {
                case "getResultSet":
                    return rows;
                case "getUpdateCount":
                    return rows == null ? count : Integer.valueOf(-1);
                case "getLargeUpdateCount":
                    return rows == null ? count.longValue() : -1L;
                case "getMoreResults":
                    rows = null;
                    count = -1;
                    return false;
                default:
                    break;
            }
        }
        return Tap.invoke(statement, method, args);
    }

    private final class OnItsWay implements Sending {
        private final Method method;
        private final Object[] args;

        OnItsWay(Method method, Object[] args) {
            this.method = method;
            this.args = args;
        }

        @Override
        public Object send() throws SQLException {
            return Tap.invokeSql(statement, method, args);
        }

        @Override
        public Object answer(int changed) {
            count = changed;
            switch (method.getName()) {
                case "execute":
                    return false;
                case "executeUpdate":
                    return changed;
                case "executeLargeUpdate":
                    return (long) changed;
                case "executeBatch":
                    return new int[] {changed};
                default:
                    throw new UnsupportedOperationException(method.getName() + " doesn't answer a count");
            }
        }

        @Override
        public Object answer(String query) throws SQLException {
            rows = ask(query);
            switch (method.getName()) {
                case "execute":
                    return true;
                case "executeQuery":
                    return rows;
                default:
                    throw new UnsupportedOperationException(method.getName() + " doesn't answer rows");
            }
        }

        @Override
        public Object sendInstead(String sql) throws SQLException {
            PreparedStatement other = connection.prepareStatement(sql);
            other.closeOnCompletion();
            for (Bind bind : binds) {
                Tap.invokeSql(other, bind.setter(), bind.arguments());
            }
            Object answer = Tap.invokeSql(other, method, args);
            if (answer instanceof ResultSet found) {
                rows = found;
            }
            return answer;
        }

        @Override
        public ResultSet ask(String query) throws SQLException {
            Statement other = connection.createStatement();
            other.closeOnCompletion();
            return other.executeQuery(query);
        }
    }
}
