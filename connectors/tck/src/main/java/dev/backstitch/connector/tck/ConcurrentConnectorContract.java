package dev.backstitch.connector.tck;

import org.junit.jupiter.api.Nested;

/**
 * What every connector has to do beside others that work on the same tables. Apart from {@link ConnectorContract}, since it
 * takes its time: a build may run both at once.
 */
public abstract class ConcurrentConnectorContract {
    /** A fresh database; called once a test. */
    protected abstract Warehouse warehouse() throws Exception;

    @Nested
    class OfInterleavings extends InterleavingContract {
        OfInterleavings() {
            super(ConcurrentConnectorContract.this::warehouse);
        }
    }
}
