package dev.backstitch.connector.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Makes a value of the row that a result set stands on.
 *
 * @param <T> the value
 */
@FunctionalInterface
public interface RowReader<T> {
    /** Reads the current row; it does not move on. */
    T read(ResultSet row) throws SQLException;
}
