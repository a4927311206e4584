package dev.backstitch.connector.tck;

import org.junit.jupiter.api.Nested;

/**
 * What every connector has to do, proved on its real database. A connector's module extends this class by one test class
 * that gives a fresh database for each test; what it makes visible is in {@link PublishingConnectorContract}, and what it
 * does beside others in {@link ConcurrentConnectorContract}, so that a build may run them at once.
 */
public abstract class ConnectorContract {
    /** A fresh database; called once a test. */
    protected abstract Warehouse warehouse() throws Exception;

    @Nested
    class OfTheCatalog extends CatalogContract {
        OfTheCatalog() {
            super(ConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfTheLedger extends LedgerContract {
        OfTheLedger() {
            super(ConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfShadows extends ShadowContract {
        OfShadows() {
            super(ConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfMerges extends MergeContract {
        OfMerges() {
            super(ConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfWrites extends WriteContract {
        OfWrites() {
            super(ConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfRefusedMerges extends MergeRefusalContract {
        OfRefusedMerges() {
            super(ConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfDisturbedMerges extends MergeFaultContract {
        OfDisturbedMerges() {
            super(ConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfMeasures extends MeasureContract {
        OfMeasures() {
            super(ConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfTypes extends TypeContract {
        OfTypes() {
            super(ConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfScopes extends ScopeContract {
        OfScopes() {
            super(ConnectorContract.this::warehouse);
        }
    }

    @Nested
    class OfStatements extends StatementContract {
        OfStatements() {
            super(ConnectorContract.this::warehouse);
        }
    }
}
