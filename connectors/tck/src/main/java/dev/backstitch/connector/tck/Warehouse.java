package dev.backstitch.connector.tck;

import dev.backstitch.spi.Connector;
import java.util.List;
import javax.sql.DataSource;

/** A real, empty database for one test. */
public interface Warehouse extends AutoCloseable {
    /** Its connections, for the test's own statements and, watched by the test, for the connector. */
    DataSource connections();

    /** The connector under test, over these connections. */
    Connector connector(DataSource connections);

    /**
     * From one gap between statements to the next in which a quick test lets somebody write, or a statement fail, where a publish has many
     * statements; the fault suite tries every gap. One by default.
     */
    default int stride() {
        return 1;
    }

    /** Whether the connector exchanges whole tables; it does by default. */
    default boolean swaps() {
        return true;
    }

    /** Whether the connector brings late writes in; it does by default. */
    default boolean catchesUp() {
        return true;
    }

    /**
     * Whether DDL commits: then tables are made before a transaction and dropped after it, and what fails after the commit
     * is done all the same. It does not by default.
     */
    default boolean ddlCommits() {
        return false;
    }

    /** Types of its columns that a table may have, each with two values. */
    List<TypeSample> types();

    /**
     * A type with two values that differ.
     *
     * @param type as in {@code create table}
     * @param one a value, as an expression
     * @param other another value
     */
    record TypeSample(String type, String one, String other) {}

    /** Removes the database. */
    @Override
    void close() throws Exception;
}
