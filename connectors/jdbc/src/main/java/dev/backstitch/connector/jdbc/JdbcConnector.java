package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Catalog;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Ledger;
import dev.backstitch.spi.Measures;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Merges;
import dev.backstitch.spi.Pin;
import dev.backstitch.spi.Publishes;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.RunsStatements;
import dev.backstitch.spi.Shadows;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;

/** A connector made of the shared parts and a database's own ones. Thread-safe, as its parts are. */
public abstract class JdbcConnector implements Connector, RunsStatements {
    private final String name;
    private final Catalog catalog;
    private final Ledger ledger;
    private final Shadows shadows;
    private final JdbcMerges merges;
    private final Measures measures;
    private final Publishes publishes;
    private final JdbcStatements statements;
    private final JdbcPins pins;

    /**
     * @param name what plans and messages call it, such as {@code duckdb}
     * @param tables what the database does with tables
     * @param drift how writes to the target are noticed
     * @param seals how the audited rows are kept apart
     */
    protected JdbcConnector(
            String name,
            Database database,
            LedgerTables ledger,
            Catalog catalog,
            TableOperations tables,
            Drift drift,
            Seals seals) {
        this.name = name;
        this.catalog = catalog;
        this.ledger = new JdbcLedger(database, ledger);
        this.shadows = new JdbcShadows(database, ledger, tables, drift, seals);
        this.merges = new JdbcMerges(database, ledger);
        this.measures = new JdbcMeasures(database, ledger, tables, drift, seals, catalog);
        this.publishes = new JdbcPublishes(database, ledger, tables, drift, seals);
        this.statements = new JdbcStatements(database, ledger, this.ledger);
        this.pins = new JdbcPins(database, ledger, tables);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Catalog catalog() {
        return catalog;
    }

    @Override
    public Ledger ledger() {
        return ledger;
    }

    @Override
    public Shadows shadows() {
        return shadows;
    }

    @Override
    public Merges merges() {
        return merges;
    }

    /**
     * A merge whose transaction begins with these statements.
     *
     * @param settings which end with the transaction
     */
    protected final MergeCounts merge(
            WorkOrder order, Partition partition, List<String> settings, Interrupt interrupt) {
        return merges.merge(order, partition, settings, interrupt);
    }

    /** Where an order's pinned views are, for a connector that repoints views. */
    public List<Pin> pins(WorkOrder order) {
        return pins.of(order);
    }

    /** Points a pinned view at what is published, for a connector that repoints views. */
    public boolean unpin(WorkOrder order, ResolvedTable view, Interrupt interrupt) {
        return pins.unpin(order, view, interrupt);
    }

    @Override
    public Measures measures() {
        return measures;
    }

    @Override
    public Publishes publishes() {
        return publishes;
    }

    @Override
    public boolean runOnce(String run, String task, SqlTemplate statement, Interrupt interrupt) {
        return statements.runOnce(run, task, statement, interrupt);
    }

    @Override
    public void run(SqlTemplate statement, Interrupt interrupt) {
        statements.run(statement, interrupt);
    }

    @Override
    public Optional<String> ask(SqlTemplate query, Interrupt interrupt) {
        return statements.ask(query, interrupt);
    }
}
