package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Refusal.refusalOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.connector.postgresql.probe.Server;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Shadow.Seed;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who waits for whom, and for how long. */
class LockTest {
    private static final Duration BUDGET = Duration.ofMillis(400);

    private Warehouse warehouse;
    private Connection reader;
    private Connection second;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
        warehouse.run(
                "create table flights (id bigint primary key, day date, delay int)",
                "insert into flights select i, date '2001-01-01' + i % 5, i from generate_series(0, 19) i",
                "create table source as select id, day, delay + 100 as delay from flights");
        reader = warehouse.connect();
        second = warehouse.connect();
    }

    @AfterEach
    void tearDown() throws SQLException {
        reader.close();
        second.close();
        warehouse.close();
    }

    private Work patient(Work work) {
        return work.on(
                Postgres.on(warehouse.source(Server.port())).lockTimeout(BUDGET).open());
    }

    private void idleReader() throws SQLException {
        Server.run(reader, "begin", "select count(*) from flights");
    }

    @Test
    void swap_givesWayToAnIdleReader_andKeepsOthersWaitingNoLongerThanTheBudget() throws SQLException {
        Work work = patient(Work.swapping(warehouse, "flights", "source")).ready();
        idleReader();
        CompletableFuture<BackstitchException> refusal = CompletableFuture.supplyAsync(() -> refusalOf(work::publish));
        Server.await(() -> !warehouse
                .ask("select count(*) from pg_locks where not granted and mode = 'AccessExclusiveLock'")
                .equals("0"));
        long began = System.nanoTime();
        Server.run(second, "select count(*) from flights");
        Duration stalled = Duration.ofNanos(System.nanoTime() - began);

        assertThat(stalled).isBetween(Duration.ofMillis(50), BUDGET.plusMillis(600));
        assertThat(refusal.orTimeout(30, TimeUnit.SECONDS).join().code()).isEqualTo(ErrorCode.LOCK_NOT_GRANTED);
        assertThat(warehouse.ask("select count(*) from flights where delay >= 100"))
                .isEqualTo("0");
        Server.run(reader, "commit");
        work.publish();
        assertThat(warehouse.ask("select count(*) from flights where delay >= 100"))
                .isEqualTo("12");
    }

    @Test
    void replace_needsNoReaderToEnd() throws SQLException {
        Work work = Work.replacing(warehouse, "flights", "source").ready();
        Server.run(reader, "begin isolation level repeatable read", "select count(*) from flights");
        work.publish();
        assertThat(Server.ask(reader, "select count(*) from flights where delay >= 100"))
                .isEqualTo("0");
        Server.run(reader, "commit");
        assertThat(Server.ask(reader, "select count(*) from flights where delay >= 100"))
                .isEqualTo("12");
    }

    @Test
    void clear_givesWayToAReader_andTheDisabledTriggersHarmNobody() throws SQLException {
        Work work = Work.replacing(warehouse, "flights", "source").ready();
        work.publish();
        idleReader();
        assertThat(refusalOf(() -> warehouse.connector().shadows().clear(work.order()))
                        .code())
                .isEqualTo(ErrorCode.LOCK_NOT_GRANTED);
        Server.run(second, "update flights set delay = 7 where id = 0");
        Server.run(reader, "commit");
        warehouse.connector().shadows().clear(work.order());
        assertThat(warehouse.ask("select count(*) from pg_trigger where tgname ~ '^bf_'"))
                .isEqualTo("0");
        assertThat(refusalOf(() -> work.rollBack(0)).getMessage()).contains("found 1 ");
    }

    @Test
    void replaceWithANewColumn_givesWayToAnIdleReader() throws SQLException {
        Work work = Work.of(
                        warehouse,
                        "flights",
                        "select *, 'x' as class from source where day >= :partition_start and day < :partition_end",
                        new Shadow<>(Seed.SCOPE_OF_TARGET, List.of(new AddedColumn("class", "text"))),
                        new Publish.ReplacePartitions(Duration.ofDays(1)))
                .ready();
        idleReader();
        assertThat(refusalOf(work::publish).code()).isEqualTo(ErrorCode.LOCK_NOT_GRANTED);
        Server.run(reader, "commit");
        work.publish();
        assertThat(warehouse.ask("select count(*) from flights where class = 'x'"))
                .isEqualTo("12");
    }

    @Test
    void foreignKeysOfTheShadow_letTheOtherTablesWritersGoOn() throws SQLException {
        warehouse.run(
                "create table days (day date primary key)",
                "insert into days select distinct day from flights",
                "alter table flights add foreign key (day) references days");
        Work work = Work.swapping(warehouse, "flights", "source").seeded().merged();
        Server.run(reader, "begin", "insert into days values ('2001-02-01')");
        assertThat(refusalOf(work::measure).code()).isEqualTo(ErrorCode.LOCK_NOT_GRANTED);
        Server.run(reader, "commit");
        work.audited().publish();
        assertThat(warehouse.ask("select count(*) from pg_constraint where contype = 'f' and convalidated"
                        + " and conrelid = 'flights'::regclass"))
                .isEqualTo("1");
    }

    /** An autovacuum holds a lock that conflicts with every one that keeps writers out, and may run for hours. */
    @Test
    void publish_isNotHeldUpByAnAutovacuum() throws SQLException {
        warehouse.run(
                "insert into flights select i, '2001-02-01', 0 from generate_series(100, 20000) i",
                "update flights set delay = delay + 0 where id >= 100",
                "alter table flights set (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,"
                        + " autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1)");
        Work work = Work.swapping(warehouse, "flights", "source").ready();
        warehouse.run("alter system set autovacuum_naptime = 1", "select pg_reload_conf()");
        try {
            String vacuuming =
                    "select count(*) from pg_stat_activity a join pg_locks l using (pid) where a.backend_type ="
                            + " 'autovacuum worker' and l.relation = 'flights'::regclass";
            Server.await(() -> !warehouse.ask(vacuuming).equals("0"));
            work.publish();
            assertThat(warehouse.ask("select count(*) from flights where delay >= 100"))
                    .isEqualTo("12");
        } finally {
            warehouse.run("alter system reset autovacuum_naptime", "select pg_reload_conf()");
        }
    }
}
