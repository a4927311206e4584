package dev.backstitch.connector.tck;

import dev.backstitch.spi.Connector;
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

    /** Removes the database. */
    @Override
    void close() throws Exception;
}
