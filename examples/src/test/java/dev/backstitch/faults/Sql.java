package dev.backstitch.faults;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/** Plain SQL for oracles and set-ups. */
final class Sql {
    private Sql() {}

    /** The first column of a query, as text. */
    static List<String> column(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(1)));
            }
            return values;
        }
    }

    static String one(Connection connection, String query) throws SQLException {
        List<String> values = column(connection, query);
        if (values.size() != 1) {
            throw new AssertionError("expected one row, found " + values + ": " + query);
        }
        return values.get(0);
    }

    static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** Makes connections. */
    interface Connect {
        Connection connection() throws SQLException;
    }

    /** A new connection for each call. */
    static DataSource source(Connect connect) {
        return Tap.proxy(DataSource.class, (self, method, args) -> {
            if (method.getName().equals("getConnection") && method.getParameterCount() == 0) {
                return connect.connection();
            }
            throw new UnsupportedOperationException(method.getName());
        });
    }
}
