package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.SqlTemplate;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.RunsStatements;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Statements beside backfills, where a connector runs them: each once a run. */
abstract class StatementContract extends Contract {
    private static final String ADD =
            "insert into app.source (id, day, airline, delay, loaded_at) values (7, date '2001-01-01', 'a ? :b', 1,"
                    + " timestamp '2001-01-01 00:00:00')";

    StatementContract(Callable<Warehouse> open) {
        super(open);
    }

    @Test
    void aStatement_runsOnceARun() {
        assertThat(run("r1", "add", ADD)).isTrue();
        assertThat(run("r1", "add", ADD)).isFalse();
        assertThat(rows("select airline from app.source")).containsExactly("a ? :b");

        assertThat(run("r2", "add", ADD)).isTrue();
        assertThat(run("r2", "other", ADD)).isTrue();
        assertThat(rows("select airline from app.source")).hasSize(3);
    }

    @Test
    void aStatement_mayBeAQuery_orChangeTheSchema() {
        assertThat(run("r1", "look", "select 1")).isTrue();
        assertThat(run("r1", "make", "create table app.made (id integer)")).isTrue();
        assertThat(run("r1", "make", "create table app.made (id integer)")).isFalse();
    }

    @Test
    void aRefusedStatement_leavesNothing_andIsNotDone() {
        failure(ErrorCode.STATEMENT_REFUSED, () -> run("r1", "add", "insert into app.nowhere values (1)"));

        assertThat(run("r1", "add", ADD)).isTrue();
    }

    @Test
    void aQuestion_isAnsweredByTheFirstValue_orNot() {
        assertThat(ask("select 'lag of ' || 40, 2 where ':a' <> '?'")).contains("lag of 40");
        assertThat(ask("select 42 where 1 = 1")).contains("42");
        assertThat(ask("select airline from app.source where 1 = 0")).isEmpty();
        failure(ErrorCode.STATEMENT_REFUSED, () -> ask("select 1 from app.nowhere"));
    }

    @Test
    void aStatementOfAHold_runsAsOftenAsItIsRun() {
        statements().run(SqlTemplate.parse(ADD), Interrupt.never());
        statements().run(SqlTemplate.parse(ADD), Interrupt.never());

        assertThat(rows("select airline from app.source")).hasSize(2);
        failure(
                ErrorCode.STATEMENT_REFUSED,
                () -> statements().run(SqlTemplate.parse("delete from app.nowhere"), Interrupt.never()));
    }

    private Optional<String> ask(String query) {
        return statements().ask(SqlTemplate.parse(query), Interrupt.never());
    }

    private RunsStatements statements() {
        Assumptions.assumeTrue(connector() instanceof RunsStatements, "the connector runs no statements");
        return (RunsStatements) connector();
    }

    @Test
    void ofTwoAtOnce_oneDoesIt() throws Exception {
        run("r0", "first", "select 1");
        CyclicBarrier together = new CyclicBarrier(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Boolean>> both = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                both.add(threads.submit(() -> {
                    together.await();
                    return patiently();
                }));
            }
            assertThat(List.of(both.get(0).get(), both.get(1).get())).contains(true);
        } finally {
            threads.shutdownNow();
        }
        assertThat(rows("select airline from app.source")).hasSize(1);
    }

    /** As the engine does with what passes. */
    private boolean patiently() {
        for (int attempt = 1; ; attempt++) {
            try {
                return run("r1", "add", ADD);
            } catch (dev.backstitch.error.BackstitchException e) {
                if (e.code() != ErrorCode.CONFLICT || attempt == 50) {
                    throw e;
                }
            }
        }
    }

    private boolean run(String run, String task, String statement) {
        return statements().runOnce(run, task, SqlTemplate.parse(statement), Interrupt.never());
    }
}
