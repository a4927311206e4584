package dev.backstitch.spi;

/**
 * One database in which targets live. Implementations are thread-safe; the engine calls their parts from several lanes
 * at the same time, each call on one thread, and each method says in which transaction it works.
 *
 * <p>A failure is always a {@link dev.backstitch.error.BackstitchException}, whose code tells the engine whether the
 * attempt may be repeated, must first be looked up in the ledger, or is final.
 */
public interface Connector extends AutoCloseable {
    /** What plans and messages call it, such as {@code duckdb}. */
    String name();

    /** What is there: tables, columns, dependents, the columns of a query. Reads only. */
    Catalog catalog();

    /** The ledger in this database: claims, checkpoints, fences and watermarks. */
    Ledger ledger();

    /** The copies that are built beside the target. */
    Shadows shadows();

    /** The merge of one partition. */
    Merges merges();

    /** What audits and invariants read. */
    Measures measures();

    /** Publish and rollback. */
    Publishes publishes();

    /** Ends every connection. Open calls fail. */
    @Override
    void close();
}
