package dev.backstitch.connector.postgresql;

import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.connector.jdbc.Database;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/** The connector, put together. */
final class PostgresConnector extends JdbcConnector implements RepointsViews, SizesCompute, Rehearses {
    private final PostgresCatalog catalog;
    private final Sandboxes sandboxes;
    private final Runnable close;

    private PostgresConnector(Database database, Parts parts, Runnable close) {
        this(database, parts, new PostgresCatalog(database, parts.reader, parts.tables, parts.schema), close);
    }

    private PostgresConnector(Database database, Parts parts, PostgresCatalog catalog, Runnable close) {
        super(
                "postgresql",
                database,
                parts.ledger,
                catalog,
                parts.tables,
                new CaptureDrift(database.dialect(), parts.captures),
                new CaptureSeals(new HashSeals(database.dialect(), parts.tables), parts.tables, parts.captures));
        this.catalog = catalog;
        this.close = close;
        this.sandboxes = new JdbcSandboxes(
                database,
                "",
                parts.tables,
                parts.tables,
                sandbox -> new PostgresConnector(database, new Parts(sandbox.schema(), parts.lockTimeout), () -> {}));
    }

    private static final class Parts {
        private final String schema;
        private final Duration lockTimeout;
        private final LedgerTables ledger;
        private final Captures captures;
        private final Tables reader;
        private final PostgresTables tables;

        Parts(String schema, Duration lockTimeout) {
            this.schema = schema;
            this.lockTimeout = lockTimeout;
            this.ledger = new LedgerTables("", schema);
            this.captures = new Captures(schema, lockTimeout);
            this.reader = new Tables();
            this.tables = new PostgresTables(reader, captures, schema);
        }
    }

    static PostgresConnector over(DataSource source, String ledgerSchema, Duration lockTimeout) {
        return new PostgresConnector(
                new Database(source, new PostgresDialect()), new Parts(ledgerSchema, lockTimeout), () -> close(source));
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
    public Sandboxes sandboxes() {
        return sandboxes;
    }

    /**
     * By <a href="https://www.postgresql.org/docs/current/sql-set.html">{@code set local}</a>, which ends with the transaction. A
     * statement has one process of its own beside its workers.
     */
    @Override
    public MergeCounts merge(WorkOrder order, Partition partition, Compute compute, Interrupt interrupt) {
        List<String> settings = new ArrayList<>();
        compute.threads()
                .ifPresent(threads -> settings.add("set local max_parallel_workers_per_gather = " + (threads - 1)));
        compute.megabytes().ifPresent(amount -> settings.add("set local work_mem = '" + amount + "MB'"));
        return merge(order, partition, settings, interrupt);
    }

    @Override
    public void close() {
        close.run();
    }

    /** A pool of ours is closed; a data source that was handed in belongs to whoever made it. */
    private static void close(DataSource source) {
        if (source instanceof HikariDataSource pool && pool.getPoolName().startsWith(Postgres.POOL)) {
            pool.close();
        }
    }
}
