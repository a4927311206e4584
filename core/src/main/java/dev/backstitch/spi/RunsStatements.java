package dev.backstitch.spi;

import dev.backstitch.spec.SqlTemplate;

/** A connector that runs statements of the developer's beside backfills. */
public interface RunsStatements {
    /**
     * Runs a statement in one transaction, in which the ledger notes that this task of this run is done. A task that is
     * done already is left alone, so that whoever comes again, or too late, does nothing.
     *
     * @param task its name, unique within the run
     * @param statement without binds
     * @return whether it was run now
     * @throws dev.backstitch.error.BackstitchException with {@code STATEMENT_REFUSED} and the database's words; with {@code
     *     CONNECTION_LOST} when the outcome is unknown: calling it again tells
     */
    boolean runOnce(String run, String task, SqlTemplate statement, Interrupt interrupt);
}
