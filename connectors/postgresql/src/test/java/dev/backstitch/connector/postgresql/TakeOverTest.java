package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Refusal.refusalOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.connector.postgresql.probe.Server;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Interrupt;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A run that somebody else takes over while the former owner is still at work in the server. */
class TakeOverTest {
    private Warehouse warehouse;
    private Connection session;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
        warehouse.run(
                "create table flights (id bigint primary key, day date, delay int)",
                "insert into flights select i, date '2001-01-01' + i % 5, i from generate_series(0, 19) i",
                "create table source as select id, day, delay + 100 as delay from flights");
        session = warehouse.connect();
    }

    @AfterEach
    void tearDown() throws SQLException {
        session.close();
        warehouse.close();
    }

    @Test
    void takeOver_endsTheFormerOwnersStatement() throws SQLException {
        Work zombie = Work.replacing(warehouse, "flights", "source").seeded();
        Server.run(session, "begin", "lock table source in access exclusive mode");
        CompletableFuture<BackstitchException> failure =
                CompletableFuture.supplyAsync(() -> refusalOf(() -> zombie.merge(0)));
        String backends = "select count(*) from pg_stat_activity where application_name = 'backstitch run-1 1'"
                + " and datname = current_database()";
        Server.await(() -> warehouse.ask(backends).equals("1"));

        Work heir = zombie.with(zombie.order().at(2));
        warehouse.connector().ledger().takeOver(heir.order());

        assertThat(failure.orTimeout(20, TimeUnit.SECONDS).join().code()).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE);
        assertThat(warehouse.ask(backends)).isEqualTo("0");
        Server.run(session, "rollback");
        assertThat(refusalOf(() -> zombie.merge(0)).code()).isEqualTo(ErrorCode.FENCED);
        heir.merged().audited().published();
        assertThat(warehouse.ask("select count(*) from flights where delay >= 100"))
                .isEqualTo("12");
    }

    /** It holds the row that the take-over raises, and its client is gone or asleep. */
    @Timeout(60)
    @Test
    void takeOver_endsAFormerOwnerThatHangsBetweenTwoStatements() throws SQLException {
        Work work = Work.replacing(warehouse, "flights", "source").seeded();
        Connection zombie = warehouse.connect();
        Server.run(
                zombie,
                "begin",
                "set local application_name = 'backstitch run-1 1'",
                "update backstitch.bf_ledger set state = 'MERGED'");
        warehouse.connector().ledger().takeOver(work.order().at(2));
        assertThat(warehouse.ask("select string_agg(distinct state || epoch, ',') from backstitch.bf_ledger"))
                .isEqualTo("CLAIMED2");
    }

    @Test
    void takeOver_leavesOtherRunsAndEpochsAlone() throws SQLException {
        Work work = Work.replacing(warehouse, "flights", "source").seeded();
        try (Connection sibling = warehouse.connect();
                Connection newer = warehouse.connect();
                Connection odd = warehouse.connect()) {
            Server.run(sibling, "set application_name = 'backstitch run-10 1'");
            Server.run(newer, "set application_name = 'backstitch run-1 3'");
            Server.run(odd, "set application_name = 'backstitch run-1 x'");
            warehouse.connector().ledger().takeOver(work.order().at(2));
            for (Connection alive : new Connection[] {sibling, newer, odd}) {
                assertThat(Server.ask(alive, "select 1")).isEqualTo("1");
            }
        }
    }

    @Test
    void interrupt_cancelsTheStatementInTheServer() throws SQLException {
        Work work = Work.replacing(warehouse, "flights", "source").seeded();
        Server.run(session, "begin", "lock table source in access exclusive mode");
        Interrupt interrupt = new Interrupt();
        CompletableFuture<BackstitchException> failure = CompletableFuture.supplyAsync(() -> refusalOf(() -> warehouse
                .connector()
                .merges()
                .merge(work.order(), work.order().scope().get(0), interrupt)));
        String waiting = "select count(*) from pg_stat_activity where application_name = 'backstitch run-1 1'"
                + " and wait_event_type = 'Lock' and datname = current_database()";
        Server.await(() -> warehouse.ask(waiting).equals("1"));
        interrupt.pull(ErrorCode.TIMED_OUT, "too slow");
        assertThat(failure.orTimeout(20, TimeUnit.SECONDS).join().code()).isEqualTo(ErrorCode.TIMED_OUT);
        assertThat(warehouse.ask(waiting)).isEqualTo("0");
        Server.run(session, "rollback");
        work.merged();
    }

    @Test
    void sessionName_fitsWhateverTheRunIsCalled() throws SQLException {
        String name = PostgresDialect.sessionPrefix("läuft-" + "x".repeat(80)) + Long.MAX_VALUE;
        assertThat(name).matches("[ -~]{1,63}");
        Server.run(session, "set application_name = '" + name + "'");
        assertThat(Server.ask(session, "show application_name")).isEqualTo(name);
    }
}
