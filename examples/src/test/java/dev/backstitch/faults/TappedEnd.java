package dev.backstitch.faults;

import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The end of a transaction on its way through a {@link Tap}. */
record TappedEnd(Connection connection, Method method, Object[] args) implements Sending {
    @Override
    public Object send() throws SQLException {
        return Tap.invokeSql(connection, method, args);
    }

    @Override
    public Object answer(int rows) {
        return null;
    }

    @Override
    public Object answer(String query) {
        throw new UnsupportedOperationException("a transaction's end is no query");
    }

    @Override
    public Object sendInstead(String sql) {
        throw new UnsupportedOperationException("a transaction's end has no other words");
    }

    @Override
    public ResultSet ask(String query) throws SQLException {
        return connection.createStatement().executeQuery(query);
    }
}
