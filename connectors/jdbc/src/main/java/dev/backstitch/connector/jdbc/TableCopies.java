package dev.backstitch.connector.jdbc;

import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;

/** How a database copies a table, in the caller's transaction. Thread-safe. */
public interface TableCopies {
    /** Makes an empty table with the columns, defaults and constraints of another. */
    void make(Session session, TableInfo of, ResolvedTable as);

    /** Gives the copy, which has its rows by now, what is cheaper to make then. */
    void filled(Session session, TableInfo of, ResolvedTable as);
}
