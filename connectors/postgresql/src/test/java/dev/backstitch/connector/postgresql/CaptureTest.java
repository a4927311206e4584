package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Refusal.refusalOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.connector.postgresql.probe.Server;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.WorkOrder;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writers at every moment between seed and publish: none of their rows is lost, and none is an obstacle that needn't be. */
class CaptureTest {
    private Warehouse warehouse;
    private Connection writer;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
        warehouse.run(
                "create table flights (id bigint primary key, day date, delay int)",
                "insert into flights select i, date '2001-01-01' + i % 5, i from generate_series(0, 19) i",
                "create table source as select id, day, delay + 100 as delay from flights");
        writer = warehouse.connect();
    }

    @AfterEach
    void tearDown() throws SQLException {
        writer.close();
        warehouse.close();
    }

    private Work replacing() {
        return Work.replacing(warehouse, "flights", "source");
    }

    private Work swapping() {
        return Work.swapping(warehouse, "flights", "source");
    }

    private void write(String... statements) throws SQLException {
        Server.run(writer, statements);
    }

    private void assertDrift(Work work, int writes) throws SQLException {
        String before = warehouse.rows("select * from flights");
        BackstitchException refusal = refusalOf(work::publish);
        assertThat(refusal.code()).isEqualTo(ErrorCode.DRIFT);
        assertThat(refusal.getMessage()).contains("found " + writes + " of them");
        assertThat(warehouse.rows("select * from flights")).isEqualTo(before);
        assertThat(warehouse
                        .connector()
                        .ledger()
                        .head(work.order().target().name())
                        .orElseThrow()
                        .state())
                .hasToString("AUDITED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into flights values (100, '2001-01-01', 1)",
                "update flights set delay = -1 where id = 0",
                "delete from flights where id = 0",
                "update flights set day = '2001-01-05' where id = 0",
                "update flights set day = '2001-01-02' where id = 4",
                "insert into flights values (0, '2001-01-01', 7) on conflict (id) do update set delay = 7",
                "merge into flights f using (values (0)) v (id) on f.id = v.id when matched then delete",
                "set session_replication_role = replica; delete from flights where id = 0; set session_replication_role = origin"
            })
    void publish_isRefused_afterAWriteInTheScope(String write) throws SQLException {
        Work work = replacing().seeded();
        write(write.split("; "));
        work.merged().audited();
        assertDrift(work, 1);
    }

    @Test
    void publish_isRefused_afterATruncate() throws SQLException {
        Work work = replacing().ready();
        write("truncate flights");
        assertThat(refusalOf(work::publish).code()).isEqualTo(ErrorCode.DRIFT);
        assertThat(warehouse.ask("select count(*) from flights")).isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "insert into flights values (100, '2001-01-05', 1)",
                "insert into flights values (100, null, 1)",
                "update flights set delay = -1 where id = 4",
                "delete from flights where id = 4"
            })
    void replace_overlooksAWriteOutsideTheScope(String write) throws SQLException {
        Work work = replacing().ready();
        write(write);
        String outside = "select * from flights where not coalesce(day < '2001-01-04', false)";
        String before = warehouse.rows(outside);
        work.published();
        assertThat(warehouse.rows(outside)).isEqualTo(before);
        assertThat(warehouse.ask("select count(*) from flights where delay >= 100"))
                .isEqualTo("12");
    }

    @Test
    void swap_isRefused_afterAWriteOutsideTheScope() throws SQLException {
        Work work = swapping().ready();
        write("update flights set delay = -1 where id = 4");
        assertDrift(work, 1);
    }

    @Test
    void replace_countsOnlyWritesOfTheScope_whereItHasGaps() throws SQLException {
        Work whole = replacing();
        List<Partition> gap =
                List.of(whole.order().scope().get(0), whole.order().scope().get(2));
        Work work = whole.with(scoped(whole.order(), gap)).ready();
        write("update flights set delay = -1 where day = '2001-01-02'");
        work.published();
        assertThat(warehouse.ask("select count(*) from flights where delay = -1"))
                .isEqualTo("4");
        assertThat(warehouse.ask("select count(*) from flights where delay >= 100"))
                .isEqualTo("8");
    }

    private static WorkOrder scoped(WorkOrder order, List<Partition> scope) {
        return new WorkOrder(
                order.run(),
                order.epoch(),
                order.dag(),
                order.backfill(),
                order.actor(),
                order.logic(),
                order.target(),
                order.shadow(),
                order.archive(),
                order.partitionColumns(),
                scope,
                order.seed(),
                order.merge(),
                order.publish());
    }

    @Test
    void publish_overlooksAWriteThatWasRolledBack() throws SQLException {
        Work work = replacing().ready();
        write(
                "begin",
                "delete from flights",
                "rollback",
                "begin",
                "savepoint s",
                "delete from flights",
                "rollback to s",
                "commit");
        work.published();
        assertThat(warehouse.ask("select count(*) from flights")).isEqualTo("20");
    }

    @Test
    void seed_waitsForNoWriter_butGivesWay() throws SQLException {
        write("begin", "update flights set delay = -1 where id = 0");
        Work work = replacing();
        assertThat(refusalOf(work::seeded).code()).isEqualTo(ErrorCode.LOCK_NOT_GRANTED);
        write("commit");
        work.seeded().merged().audited().published();
        assertThat(warehouse.ask("select delay from flights where id = 0")).isEqualTo("100");
        assertThat(warehouse.ask("select delay from bf_111111111111_archive where id = 0"))
                .isEqualTo("-1");
    }

    /** The writer began before the seed and commits after it. */
    @Test
    void publish_isRefused_afterAWriterThatWasOpenAcrossTheSeed() throws SQLException {
        write("begin", "select pg_current_xact_id()");
        Work work = replacing().seeded();
        write("update flights set delay = -1 where id = 0", "commit");
        work.merged().audited();
        assertDrift(work, 1);
    }

    /** The writer has written when the publish comes: it gives way, and then sees the write. */
    @Test
    void publish_givesWayToAnOpenWriter_andThenSeesIt() throws SQLException {
        Work work = replacing().ready();
        write("begin", "update flights set delay = -1 where id = 0");
        assertThat(refusalOf(work::publish).code()).isEqualTo(ErrorCode.LOCK_NOT_GRANTED);
        write("commit");
        assertDrift(work, 1);
    }

    /** The publish waits for the writer, whose commit comes before the lock: the snapshot has to be taken after the wait. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void publish_seesTheWriteThatItWaitedFor(boolean swap) throws SQLException {
        Work patient = new Work(
                        Postgres.on(warehouse.source(Server.port()))
                                .lockTimeout(Duration.ofSeconds(20))
                                .open(),
                        (swap ? swapping() : replacing()).order())
                .ready();
        write("begin", "update flights set delay = -1 where id = 0");
        CompletableFuture<BackstitchException> refusal =
                CompletableFuture.supplyAsync(() -> refusalOf(patient::publish));
        Server.await(() -> !warehouse
                .ask("select count(*) from pg_locks where not granted and relation = 'flights'::regclass")
                .equals("0"));
        write("commit");
        assertThat(refusal.orTimeout(30, TimeUnit.SECONDS).join().code()).isEqualTo(ErrorCode.DRIFT);
        assertThat(warehouse.ask("select delay from flights where id = 0")).isEqualTo("-1");
    }

    /** The same for the shadow: it was still open to a session that had begun before. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void publish_seesTheWriteOfTheShadowThatItWaitedFor(boolean swap) throws SQLException {
        Work patient = new Work(
                        Postgres.on(warehouse.source(Server.port()))
                                .lockTimeout(Duration.ofSeconds(20))
                                .open(),
                        (swap ? swapping() : replacing()).order())
                .ready();
        String before = warehouse.rows("select * from flights");
        write("begin", "update bf_111111111111_shadow set delay = -1 where id = 0");
        CompletableFuture<BackstitchException> refusal =
                CompletableFuture.supplyAsync(() -> refusalOf(patient::publish));
        Server.await(() -> !warehouse
                .ask("select count(*) from pg_locks where not granted"
                        + " and relation = 'bf_111111111111_shadow'::regclass")
                .equals("0"));
        write("commit");
        assertThat(refusal.orTimeout(30, TimeUnit.SECONDS).join().code()).isEqualTo(ErrorCode.SHADOW_CHANGED);
        assertThat(warehouse.rows("select * from flights")).isEqualTo(before);
    }

    @Test
    void writerAfterASwap_reachesTheNewTable() throws SQLException {
        Work work = swapping().ready();
        work.published();
        write("insert into flights values (100, '2001-01-01', 1)");
        assertThat(warehouse.ask("select count(*) from flights where id = 100")).isEqualTo("1");
        assertThat(warehouse.ask("select count(*) from bf_111111111111_archive where id = 100"))
                .isEqualTo("0");
    }

    @Test
    void publish_isRefused_afterTheCaptureWasSwitchedOffForAWhile() throws SQLException {
        Work work = replacing().ready();
        write(
                "alter table flights disable trigger all",
                "update flights set delay = -1 where id = 0",
                "alter table flights enable trigger all");
        String always = warehouse.ask("select string_agg('alter table flights enable always trigger ' || tgname, ';')"
                + " from pg_trigger where tgname ~ '^bf_' and tgrelid = 'flights'::regclass");
        write(always.split(";"));
        BackstitchException refusal = refusalOf(work::publish);
        assertThat(refusal.code()).isEqualTo(ErrorCode.DRIFT);
        assertThat(refusal.getMessage()).contains("switched off or the table rewritten");
    }

    @Test
    void publish_isRefused_afterARewriteThatFiresNoTrigger() throws SQLException {
        Work work = replacing().ready();
        write("alter table flights alter delay type int using delay + 1");
        assertThat(refusalOf(work::publish).code()).isEqualTo(ErrorCode.DRIFT);
    }

    @Test
    void publish_isRefused_afterAWriteOfTheShadow() throws SQLException {
        for (Work work : List.of(replacing(), swapping())) {
            work.ready();
            write("update bf_111111111111_shadow set delay = 0 where id = 0");
            BackstitchException refusal = refusalOf(work::publish);
            assertThat(refusal.code()).isEqualTo(ErrorCode.SHADOW_CHANGED);
            assertThat(refusal.getMessage()).contains("1 writes since");
            // Another look makes another seal.
            work.audited().published();
            assertThat(warehouse.ask("select delay from flights where id = 0")).isEqualTo("0");
            work.rollBack(0);
            warehouse.run("drop schema backstitch cascade");
        }
    }

    /** The application knows nothing of the ledger and may do no more than write its table. */
    @Test
    void capture_letsAWriterWriteThatMayDoNothingElse() throws SQLException {
        warehouse.run(
                "do $$ begin create role application login; exception when duplicate_object then null; end $$",
                "grant select, insert, update, delete on flights to application");
        Work work = replacing().ready();
        try (Connection application = warehouse.connectAs("application")) {
            Server.run(application, "delete from flights where id = 0");
        }
        assertDrift(work, 1);
    }

    @Test
    void clear_endsTheCapture_andTheApplicationGoesOn() throws SQLException {
        Work work = replacing().ready();
        warehouse.connector().ledger().abandon(work.order());
        warehouse.connector().shadows().clear(work.order());
        warehouse.connector().shadows().clear(work.order());
        assertThat(
                        warehouse.rows(
                                "select tgname from pg_trigger where tgname ~ '^bf_' union all select proname from pg_proc"
                                        + " where proname ~ '^bf_' union all select relname from pg_class where relname ~ '^bf_[0-9a-f]{12,16}_'"))
                .isEmpty();
        write("update flights set delay = -1");
    }

    /** The triggers are there and the seed is not: as after a crash between the two. */
    @Test
    void create_goesOn_whereTheCaptureIsThereAlready() throws SQLException {
        Work work = replacing();
        warehouse.connector().ledger().prepare();
        warehouse.connector().ledger().open(work.order());
        warehouse.run("create table bf_111111111111_shadow ()");
        assertThat(refusalOf(() -> warehouse.connector().shadows().create(work.order(), Interrupt.never()))
                        .code())
                .isEqualTo(ErrorCode.NAME_TAKEN);
        assertThat(warehouse.ask("select count(*) from pg_trigger where tgname ~ '^bf_'"))
                .isEqualTo("4");
        write("update flights set delay = -1 where id = 0");
        warehouse.run("drop table bf_111111111111_shadow");
        work.ready().published();
        assertThat(warehouse.ask("select delay from bf_111111111111_archive where id = 0"))
                .isEqualTo("-1");
    }
}
