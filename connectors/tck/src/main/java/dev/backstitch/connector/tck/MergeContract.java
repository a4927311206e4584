package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** The merge of one partition. */
abstract class MergeContract extends Contract {
    MergeContract(Callable<Warehouse> open) {
        super(open);
    }

    /** The rows of a day as the source has them. */
    private void source(String... values) {
        for (String row : values) {
            sql("insert into app.source (id, day, airline, delay, loaded_at) values (" + row + ")");
        }
    }

    private List<String> shadow(WorkOrder order) {
        return rows("select id, day, airline, delay from " + name(order.shadow()) + " order by id, day");
    }

    @Test
    void merge_insertsUpdatesAndKeeps_andSaysSo() {
        WorkOrder order = begun(order().build());
        source(
                "21, date '2001-01-02', 'AA', 1, null",
                "22, date '2001-01-02', 'BB', 2, null",
                "29, date '2001-01-02', null, null, null");

        MergeCounts counts = merge(order, 0);

        assertThat(counts).isEqualTo(new MergeCounts(3, 0, 1, 1, 1, 0, 4));
        assertThat(shadow(order))
                .containsExactly(
                        "21 2001-01-02 AA 1",
                        "22 2001-01-02 BB 2",
                        "23 2001-01-02 AA 3",
                        "29 2001-01-02 null null",
                        "31 2001-01-03 AA 1",
                        "32 2001-01-03 AA 2",
                        "33 2001-01-03 AA 3",
                        "41 2001-01-04 AA 1",
                        "42 2001-01-04 AA 2",
                        "43 2001-01-04 AA 3");
        assertThat(connector().ledger().entries("r1").get(0))
                .extracting(Entry::state, Entry::rows)
                .containsExactly(Entry.State.MERGED, counts);
        assertThat(rows("select count(*) from app.flights where airline = 'AA'"))
                .containsExactly("15");
    }

    @Test
    void merge_seesAValueBecomeNull_andANullBecomeAValue() {
        sql("update app.flights set airline = null where id in (21, 22)");
        WorkOrder order = begun(order().build());
        source(
                "21, date '2001-01-02', 'BB', 1, null",
                "22, date '2001-01-02', null, 2, null",
                "23, date '2001-01-02', 'AA', null, null");

        MergeCounts counts = merge(order, 0);

        assertThat(counts).isEqualTo(new MergeCounts(3, 0, 0, 2, 1, 0, 3));
        assertThat(shadow(order)).contains("21 2001-01-02 BB 1", "22 2001-01-02 null 2", "23 2001-01-02 AA null");
    }

    @Test
    void merge_isDoneOnce() {
        WorkOrder order = begun(order().build());
        merge(order, 0);

        failure(ErrorCode.FENCED, () -> merge(order, 0));
    }

    @Test
    void merge_readsTheSourceOnce() {
        sql("create sequence app.reads");
        WorkOrder order = begun(
                order().sql("select id, day, airline, cast(nextval('app.reads') as integer) as delay from app.source"
                                + " where day = :partition")
                        .build());
        source("21, date '2001-01-02', 'AA', 0, null", "22, date '2001-01-02', 'AA', 0, null");

        merge(order, 0);

        assertThat(rows("select nextval('app.reads')")).containsExactly("3");
    }

    @Test
    void merge_matchesColumnsByName_inAnyOrderAndCase() {
        WorkOrder order =
                begun(order().sql("select delay, airline as \"AIRLINE\", day, id from app.source where day = :day")
                        .build());
        source("21, date '2001-01-02', 'BB', 77, null");

        merge(order, 0);

        assertThat(shadow(order)).contains("21 2001-01-02 BB 77");
    }

    @Test
    void merge_isRefused_whenTheSourceLacksAColumnOrHasOneMore() {
        WorkOrder order = begun(order().sql("select id, day, airline, 1 as gate from app.source where day = :day")
                .build());

        BackstitchException failure = failure(ErrorCode.SOURCE_COLUMNS, () -> merge(order, 0));

        assertThat(failure).hasMessageContaining("delay is missing").hasMessageContaining("gate");
        failure(
                ErrorCode.SOURCE_COLUMNS,
                () -> merge(
                        order().sql(
                                        "select id, id as \"ID\", day, airline, delay, delay as delay from app.source where day = :day")
                                .build(),
                        0));
    }

    @Test
    void merge_isRefused_whenTheSourceLostAColumnBetweenTwoPartitions() throws SQLException {
        sql("create table app.moved as select id, day, airline, delay from app.source");
        WorkOrder order =
                begun(order().sql("select * from app.moved where day = :day").build());
        merge(order, 0);
        sql("alter table app.moved rename column delay to lateness");

        BackstitchException failure = failure(ErrorCode.SOURCE_COLUMNS, () -> merge(order, 1));

        assertThat(failure).hasMessageContaining("delay is missing").hasMessageContaining("lateness");
        sql("alter table app.moved rename column lateness to delay");
        merge(order, 1);
        assertThat(connector().ledger().entries(order.run()))
                .filteredOn(entry -> entry.state() == Entry.State.MERGED)
                .hasSize(2);
    }

    @Test
    void merge_storesWhatTheColumnsTypeMakesOfAValue_andComparesThat() {
        WorkOrder order = begun(order().sql(
                        "select cast(id as varchar(9)) as id, day, airline, delay + 0.25 as delay from app.source where day = :day")
                .build());
        source("21, date '2001-01-02', 'AA', 1, null");

        boolean assigned = rejects(() -> merge(order, 0));

        if (assigned) {
            assertThat(shadow(order)).contains("21 2001-01-02 AA 1");
            assertThat(connector().ledger().entries("r1").get(0).rows().unchanged())
                    .isEqualTo(1);
        }
    }

    /** Some databases don't assign a text to a number. */
    private static boolean rejects(Runnable call) {
        try {
            call.run();
            return true;
        } catch (BackstitchException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.STATEMENT_REFUSED);
            return false;
        }
    }

    @Test
    void merge_isRefused_whenTheDatabaseRefusesTheQuery() {
        WorkOrder order = begun(
                order().sql("select id, day, airline, delay / (delay - delay) as delay from app.source where day = :day"
                                + " and cast(airline as integer) = 1")
                        .build());
        source("21, date '2001-01-02', 'AA', 1, null");

        failure(ErrorCode.STATEMENT_REFUSED, () -> merge(order, 0));

        assertThat(shadow(order)).hasSize(9);
        assertThat(connector().ledger().entries("r1").get(0).state()).isEqualTo(Entry.State.CLAIMED);
    }

    @Test
    void merge_isRefused_whenAKeyIsNull() {
        WorkOrder order = begun(order().build());
        source("null, date '2001-01-02', 'AA', 1, null", "21, date '2001-01-02', 'ZZ', 1, null");

        BackstitchException failure = failure(ErrorCode.NULL_KEY, () -> merge(order, 0));

        assertThat(failure).hasMessageContaining("1 of 2 rows");
        assertThat(shadow(order)).contains("21 2001-01-02 AA 1");
    }

    @Test
    void merge_isRefused_whenARowLiesOutsideThePartition() {
        WorkOrder order = begun(order().sql("select id, day, airline, delay from app.source where :day is not null")
                .build());
        source(
                "21, date '2001-01-02', 'AA', 1, null",
                "31, date '2001-01-03', 'AA', 1, null",
                "99, date '2001-02-03', 'AA', 1, null");

        BackstitchException failure = failure(ErrorCode.ROW_OUTSIDE_PARTITION, () -> merge(order, 0));

        assertThat(failure)
                .hasMessageContaining("2 of 3 rows")
                .hasMessageContaining("2001-01-03")
                .hasMessageContaining("2001-02-03");
    }

    @Test
    void merge_isRefused_whenThePartitionColumnIsNull() {
        WorkOrder order = begun(order().sql("select id, day, airline, delay from app.source where :day is not null")
                .build());
        source("21, null, 'AA', 1, null");

        failure(ErrorCode.ROW_OUTSIDE_PARTITION, () -> merge(order, 0));
    }

    @Test
    void merge_isRefused_whenAKeyIsThereTwice() {
        WorkOrder order = begun(order().build());
        source(
                "21, date '2001-01-02', 'AA', 1, null",
                "21, date '2001-01-02', 'BB', 1, null",
                "22, date '2001-01-02', 'BB', 1, null");

        BackstitchException failure = failure(ErrorCode.DUPLICATE_KEY, () -> merge(order, 0));

        assertThat(failure).hasMessageContaining("such as for 21").hasMessageContaining("1 rows more than keys");
    }

    @Test
    void merge_keepsTheLatest_whereThatIsDeclared() {
        WorkOrder order = begun(order().keepingLatestBy("loaded_at")
                .sql("select id, day, airline, delay, loaded_at from app.source where day = :day")
                .build());
        source(
                "21, date '2001-01-02', 'old', 1, timestamp '2001-01-02 10:00:00'",
                "21, date '2001-01-02', 'new', 1, timestamp '2001-01-02 11:00:00'",
                "21, date '2001-01-02', 'nul', 1, null",
                "22, date '2001-01-02', 'one', 1, null");

        MergeCounts counts = merge(order, 0);

        assertThat(counts.staged()).isEqualTo(4);
        assertThat(counts.deduped()).isEqualTo(2);
        assertThat(shadow(order)).contains("21 2001-01-02 new 1", "22 2001-01-02 one 1");
    }

    @Test
    void merge_keepsTheLatest_byAColumnOfTheTarget() {
        WorkOrder order = begun(order().keepingLatestBy("delay").build());
        source("21, date '2001-01-02', 'old', 1, null", "21, date '2001-01-02', 'new', 2, null");

        merge(order, 0);

        assertThat(shadow(order)).contains("21 2001-01-02 new 2");
    }

    @Test
    void merge_isRefused_whenTheLatestAreEquallyLate() {
        WorkOrder order = begun(order().keepingLatestBy("delay").build());
        source(
                "21, date '2001-01-02', 'old', 2, null",
                "21, date '2001-01-02', 'new', 2, null",
                "22, date '2001-01-02', 'old', 2, null",
                "22, date '2001-01-02', 'new', 3, null");

        BackstitchException failure = failure(ErrorCode.AMBIGUOUS_DEDUPE, () -> merge(order, 0));

        assertThat(failure).hasMessageContaining("1 keys");
    }

    @Test
    void merge_deletesWhatTheSourceLacks_whereThatIsDeclared() {
        WorkOrder order = begun(order().deletingMissing(34).build());
        source("21, date '2001-01-02', 'AA', 1, null", "22, date '2001-01-02', 'AA', 2, null");

        MergeCounts counts = merge(order, 0);

        assertThat(counts).isEqualTo(new MergeCounts(2, 0, 0, 0, 2, 1, 2));
        assertThat(shadow(order)).hasSize(8).doesNotContain("23 2001-01-02 AA 3");
    }

    @Test
    void merge_isRefused_whenTheSourceLacksTooMuch() {
        WorkOrder order = begun(order().deletingMissing(33).build());
        source("21, date '2001-01-02', 'AA', 1, null", "22, date '2001-01-02', 'AA', 2, null");

        BackstitchException failure = failure(ErrorCode.TOO_MANY_DELETES, () -> merge(order, 0));

        assertThat(failure).hasMessageContaining("33% of the 3").hasMessageContaining("lacks 1");
        assertThat(shadow(order)).hasSize(9);
    }

    @Test
    void merge_isRefused_whenTheSourceLacksTooMuchForAnEmptyShadow() {
        WorkOrder order = begun(order().seed(Seed.EMPTY).deletingMissing(33).build());
        source("21, date '2001-01-02', 'AA', 1, null", "22, date '2001-01-02', 'AA', 2, null");

        failure(ErrorCode.TOO_MANY_DELETES, () -> merge(order, 0));
    }

    @Test
    void merge_isRefused_whenALivePartitionWouldBeEmpty() {
        WorkOrder order = begun(order().seed(Seed.EMPTY).build());

        BackstitchException failure = failure(ErrorCode.EMPTY_PARTITION, () -> merge(order, 0));

        assertThat(failure).hasMessageContaining("live table has 3");
    }

    @Test
    void merge_mayLeaveAPartitionEmpty_whenAllowedOrWhenItWasEmpty() {
        WorkOrder allowed = begun(order().seed(Seed.EMPTY).allowingEmpty().build());
        assertThat(merge(allowed, 0)).isEqualTo(MergeCounts.NONE);
        connector().ledger().abandon(allowed);
        sql("delete from app.flights where day = date '2001-01-02'");

        WorkOrder empty = begun(order().run("r2").seed(Seed.EMPTY).build());
        assertThat(merge(empty, 0)).isEqualTo(MergeCounts.NONE);
    }

    @Test
    void merge_movesARow_outOfAPartitionThatIsNotMergedYet() {
        WorkOrder order = begun(order().build());
        source("31, date '2001-01-02', 'BB', 1, null");

        MergeCounts counts = merge(order, 0);

        assertThat(counts).isEqualTo(new MergeCounts(1, 0, 0, 1, 0, 0, 4));
        assertThat(shadow(order)).hasSize(9).contains("31 2001-01-02 BB 1");
        assertThat(merge(order, 1).rowsAfter()).isEqualTo(2);
    }

    @Test
    void merge_isRefused_whenTheKeyCameWithAnotherPartition() {
        WorkOrder order = begun(order().build());
        source("99, date '2001-01-02', 'AA', 1, null", "99, date '2001-01-03', 'BB', 1, null");
        merge(order, 0);

        BackstitchException failure = failure(ErrorCode.KEY_IN_TWO_PARTITIONS, () -> merge(order, 1));

        assertThat(failure).hasMessageContaining("deletingMissing");
        assertThat(shadow(order)).contains("99 2001-01-02 AA 1");
    }

    @Test
    void merge_movesARow_whoseOldPartitionDeletesIt() {
        WorkOrder order = begun(order().deletingMissing(100).allowingEmpty().build());
        source("21, date '2001-01-03', 'BB', 1, null");
        merge(order, 0);

        MergeCounts counts = merge(order, 1);

        assertThat(counts.inserted()).isEqualTo(1);
        assertThat(shadow(order)).contains("21 2001-01-03 BB 1");
    }

    @Test
    void merge_isRefused_whenARowWouldMoveInFromOutsideTheScope() {
        WorkOrder order = begun(order().swapping().build());
        source("11, date '2001-01-02', 'BB', 1, null");

        BackstitchException failure = failure(ErrorCode.KEY_IN_TWO_PARTITIONS, () -> merge(order, 0));

        assertThat(failure).hasMessageContaining("outside the scope");
        assertThat(shadow(order)).contains("11 2001-01-01 AA 1");
    }

    @Test
    void merge_isRefused_whenTheTargetItselfHasKeysTwice() {
        sql(
                "drop table app.flights",
                "create table app.flights (id bigint, day date, airline varchar(20), delay integer)",
                "insert into app.flights values (21, date '2001-01-02', 'AA', 1), (21, date '2001-01-02', 'AA', 2)");
        WorkOrder order = begun(order().build());
        source("21, date '2001-01-02', 'BB', 1, null");

        BackstitchException failure = failure(ErrorCode.DUPLICATE_KEY, () -> merge(order, 0));

        assertThat(failure).hasMessageContaining("target itself");
    }

    @Test
    void merge_usesAllColumnsOfAKey_andEvenAKeyOfAllColumns() {
        sql(
                "drop table app.flights",
                "create table app.flights (id bigint, day date, airline varchar(20), delay integer, primary key (id, day))",
                "insert into app.flights values (1, date '2001-01-02', 'AA', 1), (1, date '2001-01-03', 'AA', 2)");
        WorkOrder order = begun(order().key("id", "day").build());
        source("1, date '2001-01-02', 'BB', 1, null", "1, date '2001-01-03', 'CC', 1, null");
        merge(order, 0);
        merge(order, 1);
        assertThat(shadow(order)).containsExactly("1 2001-01-02 BB 1", "1 2001-01-03 CC 1");

        sql("create table app.pairs (id bigint, day date)", "insert into app.pairs values (1, date '2001-01-02')");
        WorkOrder pairs = begun(new OrderDraft(fixture().table("app.pairs"))
                .run("r2")
                .key("id", "day")
                .sql("select id, day from app.source where day = :day union select 5, :day")
                .build());
        assertThat(merge(pairs, 0)).isEqualTo(new MergeCounts(2, 0, 1, 0, 1, 0, 2));
    }

    @Test
    void merges_runSideBySide() throws Exception {
        WorkOrder order = begun(order().build());
        source(
                "21, date '2001-01-02', 'BB', 1, null",
                "31, date '2001-01-03', 'BB', 1, null",
                "41, date '2001-01-04', 'BB', 1, null");
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            CyclicBarrier open = new CyclicBarrier(3);
            for (int i = 0; i < 3; i++) {
                // All three transactions have read before the first one of them writes.
                watched().before(sql -> sql.startsWith("merge into"), () -> open.await(30, TimeUnit.SECONDS));
            }
            List<Future<MergeCounts>> merges = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int partition = i;
                merges.add(threads.submit(() -> merge(order, partition)));
            }
            for (Future<MergeCounts> merge : merges) {
                assertThat(merge.get(60, TimeUnit.SECONDS).updated()).isEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(connector().ledger().entries("r1")).extracting(Entry::state).containsOnly(Entry.State.MERGED);
        assertThat(rows("select count(*) from " + name(order.shadow()) + " where airline = 'BB'"))
                .containsExactly("3");
    }

    @Test
    void merge_isStopped_byItsInterrupt() throws Exception {
        WorkOrder order =
                begun(order().sql("with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000000000)"
                                + " select max(i) as id, :day as day, 'AA' as airline, 1 as delay from n")
                        .build());
        Interrupt interrupt = new Interrupt();
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            CountDownLatch running = new CountDownLatch(1);
            watched().before(sql -> sql.startsWith("insert into"), running::countDown);
            Future<BackstitchException> merge = thread.submit(() -> failure(
                    ErrorCode.TIMED_OUT,
                    () -> connector().merges().merge(order, order.scope().get(0), interrupt)));
            assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
            interrupt.pull(ErrorCode.TIMED_OUT, "the test's time is over");
            assertThat(merge.get(30, TimeUnit.SECONDS)).hasMessageContaining("the test's time is over");
        } finally {
            thread.shutdownNow();
        }
        assertThat(connector().ledger().entries("r1").get(0).state()).isEqualTo(Entry.State.CLAIMED);
    }

    @Test
    void merge_leavesNothing_whenItFailsAtAnyStatement() {
        WorkOrder order = begun(order().deletingMissing(100).build());
        source("21, date '2001-01-02', 'BB', 1, null", "29, date '2001-01-02', 'BB', 1, null");
        List<String> before = shadow(order);
        int statement = 0;
        AtomicBoolean fired = new AtomicBoolean(true);
        while (fired.get()) {
            fired.set(false);
            watched().restart();
            int next = ++statement;
            watched().before(sql -> watched().statements().size() == next, () -> {
                fired.set(true);
                throw new SQLException("the test's own failure", "08006");
            });
            try {
                merge(order, 0);
                assertThat(fired).isFalse();
            } catch (BackstitchException e) {
                boolean atCommit = watched().statements().get(next - 1).equals("commit");
                // A server that remembers its transactions knows after all that this one was rolled back.
                assertThat(e.code())
                        .isIn(
                                atCommit ? ErrorCode.CONNECTION_LOST : ErrorCode.DATABASE_UNAVAILABLE,
                                ErrorCode.DATABASE_UNAVAILABLE);
                assertThat(shadow(order)).isEqualTo(before);
                assertThat(connector().ledger().entries("r1").get(0).state()).isEqualTo(Entry.State.CLAIMED);
            }
        }
        assertThat(statement).isGreaterThan(8);
        assertThat(shadow(order)).contains("29 2001-01-02 BB 1");
    }

    @Test
    void takeOver_winsOverAMergeThatIsAboutToCommit() {
        WorkOrder order = begun(order().build());
        source("21, date '2001-01-02', 'BB', 1, null");
        watched()
                .before(
                        sql -> sql.startsWith("update") && sql.contains("bf_ledger"),
                        () -> connector().ledger().takeOver(order.at(2)));

        assertThatThrownBy(() -> merge(order, 0))
                .isInstanceOfSatisfying(
                        BackstitchException.class,
                        failure -> assertThat(failure.code())
                                .isIn(ErrorCode.FENCED, ErrorCode.CONFLICT, ErrorCode.DATABASE_UNAVAILABLE));

        assertThat(watched().everythingHappened()).isTrue();
        assertThat(connector().ledger().entries("r1").get(0))
                .extracting(Entry::state, Entry::epoch)
                .containsExactly(Entry.State.CLAIMED, 2L);
        assertThat(shadow(order)).contains("21 2001-01-02 AA 1");
        assertThat(merge(order.at(2), 0).updated()).isEqualTo(1);
    }

    @Test
    void aKeyInTwoPartitions_isNoticed_whenTheirMergesRunAtTheSameTime() throws Exception {
        WorkOrder order = begun(order().deletingMissing(100).allowingEmpty().build());
        // The row moves from the first day to the second; the first day's merge deletes it at the same time.
        source("21, date '2001-01-03', 'BB', 1, null", "31, date '2001-01-03', 'AA', 1, null");
        watched().before(sql -> sql.startsWith("delete from") && sql.contains("not exists"), () -> {
            try {
                merge(order, 1);
            } catch (BackstitchException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
            }
        });
        try {
            merge(order, 0);
        } catch (BackstitchException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.CONFLICT);
        }
        for (int i = 0; i < 2; i++) {
            if (connector().ledger().entries("r1").get(i).state() == Entry.State.CLAIMED) {
                merge(order, i);
            }
        }
        assertThat(shadow(order)).contains("21 2001-01-03 BB 1").doesNotContain("21 2001-01-02 AA 1");
        assertThat(connector().ledger().entries("r1"))
                .extracting(entry -> entry.rows().rowsAfter())
                .containsExactly(0L, 2L, 0L);
    }

    @Test
    void oddNames_areQuoted() {
        sql(
                "create schema \"Or?der\"",
                "create table \"Or?der\".\"we ird \"\"{0}\"\" :x\" (\"sel ect\" bigint primary key, \"D:a?y\" date, \"{1}\" varchar(9))",
                "insert into \"Or?der\".\"we ird \"\"{0}\"\" :x\" values (1, date '2001-01-02', 'a')");
        TableInfo target = connector()
                .catalog()
                .table(new TableName(List.of("Or?der", "we ird \"{0}\" :x")))
                .orElseThrow();
        WorkOrder order = begun(new OrderDraft(target)
                .key("sel ect")
                .partitionedBy("D:a?y")
                .sql("select 2 as \"sel ect\", :partition as \"D:a?y\", 'b?' as \"{1}\" -- why?")
                .days(2, 1)
                .build());

        assertThat(merge(order, 0).inserted()).isEqualTo(1);
        connector().measures().measure(order, List.of(), Interrupt.never());
        connector().ledger().audited(order);
        connector().publishes().publish(order, Interrupt.never());

        assertThat(rows("select * from " + name(target.name()) + " order by 1"))
                .containsExactly("1 2001-01-02 a", "2 2001-01-02 b?");
        connector().publishes().rollback(order, 0, Interrupt.never());
        assertThat(rows("select * from " + name(target.name()))).containsExactly("1 2001-01-02 a");
    }

    @Test
    void longNames_areNotConfused() {
        String longName = "f".repeat(63);
        sql(
                "create table app." + longName + " (id bigint primary key, day date, " + "c".repeat(63) + " integer)",
                "insert into app." + longName + " values (1, date '2001-01-02', 1)");
        WorkOrder order = published(new OrderDraft(fixture().table("app." + longName))
                .swapping()
                .sql("select 1 as id, :day as day, 2 as " + "c".repeat(63))
                .days(2, 1)
                .build());

        assertThat(rows("select * from app." + longName)).containsExactly("1 2001-01-02 2");
        connector().publishes().rollback(order, 0, Interrupt.never());
        assertThat(rows("select * from app." + longName)).containsExactly("1 2001-01-02 1");
    }

    @Test
    void timestamps_arePartitionedByDay() {
        sql(
                "create table app.stamps (id bigint primary key, seen timestamp)",
                "insert into app.stamps values (1, timestamp '2001-01-02 00:00:00'),"
                        + " (2, timestamp '2001-01-02 23:59:59.999999'), (3, timestamp '2001-01-03 00:00:00')");
        WorkOrder order = begun(new OrderDraft(fixture().table("app.stamps"))
                .partitionedBy("seen")
                .deletingMissing(100)
                .sql("select id, seen from app.stamps where seen >= :partition_start and seen < :partition_end")
                .days(2, 1)
                .build());

        assertThat(merge(order, 0)).isEqualTo(new MergeCounts(2, 0, 0, 0, 2, 0, 2));
        Evidence evidence = connector().measures().measure(order, List.of(), Interrupt.never());
        assertThat(evidence.partitions()).containsExactly(new PartitionRows("2001-01-02", 2, 2, 0));
    }
}
