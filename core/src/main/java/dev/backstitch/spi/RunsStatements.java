package dev.backstitch.spi;

import dev.backstitch.spec.SqlTemplate;
import java.util.Optional;

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

    /**
     * Runs a statement in a transaction of its own, of which nothing is noted. After a failure whose outcome is unknown it is the
     * caller's to run it again.
     *
     * @param statement without binds
     * @throws dev.backstitch.error.BackstitchException as {@link #runOnce}
     */
    void run(SqlTemplate statement, Interrupt interrupt);

    /**
     * Asks a question.
     *
     * @param query without binds
     * @return the first value of the first row, as text; nothing when there is no row
     * @throws dev.backstitch.error.BackstitchException with {@code STATEMENT_REFUSED} and the database's words
     */
    Optional<String> ask(SqlTemplate query, Interrupt interrupt);
}
