package dev.backstitch.faults;

import java.sql.ResultSet;
import java.sql.SQLException;

/** A call that is on its way: it can be sent, or be answered without. */
interface Sending {
    /** Sends it, once, and returns the database's answer. */
    Object send() throws SQLException;

    /** Answers a statement that changes rows, or a commit, without sending it. */
    Object answer(int rows) throws SQLException;

    /** Answers a query without sending it, with the rows of another query on the same connection. */
    Object answer(String query) throws SQLException;

    /** Sends other words instead, with the same values bound. */
    Object sendInstead(String sql) throws SQLException;

    /** The rows of another query on the same connection and in the same transaction. */
    ResultSet ask(String query) throws SQLException;
}
