package dev.backstitch.connector.duckdb;

import dev.backstitch.connector.jdbc.Database;
import dev.backstitch.connector.jdbc.FingerprintDrift;
import dev.backstitch.connector.jdbc.HashSeals;
import dev.backstitch.connector.jdbc.JdbcConnector;
import dev.backstitch.connector.jdbc.JdbcSandboxes;
import dev.backstitch.connector.jdbc.LedgerTables;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Rehearses;
import dev.backstitch.spi.RepointsViews;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.Sandboxes;
import dev.backstitch.spi.SizesCompute;
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;
import org.jooq.impl.DSL;

/** Backfills in a DuckDB database. */
final class DuckDbConnector extends JdbcConnector implements RepointsViews, SizesCompute, Rehearses {
    private final DuckDbCatalog catalog;
    private final Runnable close;
    private final SharedCompute shared;
    private final Sandboxes sandboxes;

    private DuckDbConnector(Database database, String name, String ledgerSchema, SharedCompute shared, Runnable close) {
        this(database, name, new LedgerTables(name, ledgerSchema), new DuckDbTables(database), shared, close);
    }

    private DuckDbConnector(
            Database database,
            String name,
            LedgerTables ledger,
            DuckDbTables tables,
            SharedCompute shared,
            Runnable close) {
        this(database, name, ledger, tables, new DuckDbCatalog(database, tables), shared, close);
    }

    private DuckDbConnector(
            Database database,
            String name,
            LedgerTables ledger,
            DuckDbTables tables,
            DuckDbCatalog catalog,
            SharedCompute shared,
            Runnable close) {
        super(
                "duckdb",
                database,
                ledger,
                catalog,
                tables,
                new FingerprintDrift(database.dialect()),
                new HashSeals(database.dialect(), tables));
        this.catalog = catalog;
        this.close = close;
        this.shared = shared;
        this.sandboxes = new JdbcSandboxes(
                database,
                name,
                tables,
                tables,
                sandbox -> new DuckDbConnector(database, name, sandbox.schema(), shared, () -> {}));
    }

    /** Connects, and finds what the database is called: a schema of the same name would make shorter names ambiguous. */
    static DuckDbConnector connect(Database database, String ledgerSchema, Runnable close) {
        String catalog = database.read(
                "connection to DuckDB",
                Interrupt.never(),
                session -> session.one(DSL.resultQuery("select current_database()"), row -> row.getString(1)));
        return new DuckDbConnector(database, catalog, ledgerSchema, new SharedCompute(database), close);
    }

    @Override
    public Optional<ViewInfo> view(TableName name) {
        return catalog.view(name);
    }

    @Override
    public List<Dependent> dependents(ViewInfo view, List<ResolvedTable> pinned) {
        return catalog.dependents(view, pinned);
    }

    @Override
    public MergeCounts merge(WorkOrder order, Partition partition, Compute compute, Interrupt interrupt) {
        shared.begin(compute);
        try {
            return merges().merge(order, partition, interrupt);
        } finally {
            shared.end(compute);
        }
    }

    @Override
    public Sandboxes sandboxes() {
        return sandboxes;
    }

    @Override
    public void close() {
        close.run();
    }
}
