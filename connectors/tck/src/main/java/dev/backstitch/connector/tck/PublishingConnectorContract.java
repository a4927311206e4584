package dev.backstitch.connector.tck;

import org.junit.jupiter.api.Nested;

/**
 * What every connector has to do when it makes a run's work visible, and when it takes that back. Apart from {@link
 * ConnectorContract}, since it takes its time.
 */
public abstract class PublishingConnectorContract {
    /** A fresh database; called once a test. */
    protected abstract Warehouse warehouse() throws Exception;

    @Nested
    class OfPublishes extends PublishContract {
        OfPublishes() {
            super(PublishingConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfRepointedViews extends RepointContract {
        OfRepointedViews() {
            super(PublishingConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfDisturbedRepoints extends RepointFaultContract {
        OfDisturbedRepoints() {
            super(PublishingConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfLateWrites extends LateWriteContract {
        OfLateWrites() {
            super(PublishingConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfRestores extends RestoreContract {
        OfRestores() {
            super(PublishingConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfRollbacks extends RollbackContract {
        OfRollbacks() {
            super(PublishingConnectorContract.this::warehouse);
        }
    }
}
