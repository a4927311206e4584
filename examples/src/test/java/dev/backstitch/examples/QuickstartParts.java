package dev.backstitch.examples;

import dev.backstitch.spec.Dag;
import java.nio.file.Path;

/** What the quickstart is made of, for tests that put it together with a connection of their own. */
public final class QuickstartParts {
    /** The flights as they were published, on the class path. */
    public static final String FLIGHTS = "/flights-2001-01.parquet";

    private QuickstartParts() {}

    /** Its dag. */
    public static Dag dag() {
        return Quickstart.DAG;
    }

    /** Makes its data unless they are there. */
    public static Path prepared(Path directory) {
        FlightsWarehouse warehouse = new FlightsWarehouse(directory);
        warehouse.prepare();
        return warehouse.file();
    }
}
