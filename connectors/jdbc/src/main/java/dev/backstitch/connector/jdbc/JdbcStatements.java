package dev.backstitch.connector.jdbc;

import static dev.backstitch.connector.jdbc.LedgerTables.RUN;
import static dev.backstitch.connector.jdbc.LedgerTables.SINCE;
import static dev.backstitch.connector.jdbc.LedgerTables.TASK;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Ledger;
import java.util.Map;
import java.util.Optional;
import org.jooq.impl.DSL;

/**
 * Statements beside backfills, each in one transaction with the ledger's row that says it is done. That row's key is the
 * fence: of two that run the same statement at the same time, one can't commit. Thread-safe.
 */
final class JdbcStatements {
    private final Database database;
    private final LedgerTables tables;
    private final Ledger ledger;

    JdbcStatements(Database database, LedgerTables tables, Ledger ledger) {
        this.database = database;
        this.tables = tables;
        this.ledger = ledger;
    }

    boolean runOnce(String run, String task, SqlTemplate statement, Interrupt interrupt) {
        ledger.prepare();
        String what = "statement " + task + " (run " + run + ")";
        try {
            return database.write(what, interrupt, session -> {
                if (isDone(session, run, task)) {
                    return false;
                }
                session.execute(new UserSql(database.dialect()).over(statement, Map.of()));
                tables.queue(session);
                if (!database.dialect().keepsKeysUnique() && isDone(session, run, task)) {
                    throw new BackstitchException(
                            ErrorCode.CONFLICT,
                            what + " failed: somebody else did it at the same time. All of it is rolled back.");
                }
                session.update(DSL.insertInto(tables.tasks())
                        .set(RUN, run)
                        .set(TASK, task)
                        .set(SINCE, DSL.currentOffsetDateTime()));
                return true;
            });
        } catch (BackstitchException e) {
            // Somebody else may have done it meanwhile, or its answer was lost: the ledger knows.
            if (!interrupt.isPulled() && database.read(what, interrupt, session -> isDone(session, run, task))) {
                return false;
            }
            throw e;
        }
    }

    void run(SqlTemplate statement, Interrupt interrupt) {
        database.write("statement of a hold", interrupt, session -> {
            session.execute(new UserSql(database.dialect()).over(statement, Map.of()));
            return true;
        });
    }

    Optional<String> ask(SqlTemplate query, Interrupt interrupt) {
        return database
                .read(
                        "query of a hold or probe",
                        interrupt,
                        session -> session.list(
                                new UserSql(database.dialect()).over(query, Map.of()),
                                row -> String.valueOf(row.getString(1))))
                .stream()
                .findFirst();
    }

    private boolean isDone(Session session, String run, String task) {
        return session.number(DSL.selectCount()
                        .from(tables.tasks())
                        .where(RUN.eq(run))
                        .and(TASK.eq(task)))
                > 0;
    }
}
