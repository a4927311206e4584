package dev.backstitch.spi;

import dev.backstitch.error.BackstitchException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Rooms for rehearsals in a database: schemas of ours beside those of the targets, each with a ledger of its own, so that
 * nothing of a rehearsal is found where work that counts is looked for. Thread-safe.
 */
public interface Sandboxes {
    /**
     * Makes an empty sandbox, all of it or nothing.
     *
     * @param dag whose rehearsal it is for
     * @param actor who rehearses
     * @param lifetime after which anybody may drop it, by the database's clock
     * @throws BackstitchException when the connection's user may not make a schema, in the database's words
     */
    Sandbox open(String dag, String actor, Duration lifetime);

    /** Those that are there, oldest first. A schema without our marker is none. */
    List<Sandbox> sandboxes();

    /**
     * Drops a sandbox with all that is in it; one that is gone is fine.
     *
     * @return whether it was there
     */
    boolean drop(Sandbox sandbox);

    /**
     * The same database with the ledger in the sandbox.
     *
     * @return a connector whose {@link Connector#close} leaves every connection to this one
     */
    Connector within(Sandbox sandbox);

    /**
     * Makes a copy of an order's target in the sandbox, in one transaction: columns, defaults, constraints and indexes, and
     * the rows.
     *
     * @param as the copy's name, in the sandbox's schema
     * @param rows which of the rows
     * @param view a view of this name that shows the copy, in the sandbox's schema, where the publish repoints one
     * @return how many rows it has
     * @throws BackstitchException with {@code NAME_TAKEN} when the sandbox has a table of this name
     */
    long copy(WorkOrder order, ResolvedTable as, Rows rows, Optional<ResolvedTable> view, Interrupt interrupt);

    /**
     * What tells whether somebody has changed an order's target: its identity, its structure, its comment, and the number
     * and hash of the rows of the order's scope. Reads only.
     */
    String fingerprint(WorkOrder order, Interrupt interrupt);

    /** Which rows a copy has. */
    enum Rows {
        OF_SCOPE,
        ALL
    }
}
