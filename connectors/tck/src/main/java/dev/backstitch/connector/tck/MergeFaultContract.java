package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
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

/** The merge of one partition among others: side by side, interrupted, broken off, taken over. */
abstract class MergeFaultContract extends Contract {
    MergeFaultContract(Callable<Warehouse> open) {
        super(open);
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
        assertThat(entries("r1")).extracting(Entry::state).containsOnly(Entry.State.MERGED);
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
        assertThat(entries("r1").get(0).state()).isEqualTo(Entry.State.CLAIMED);
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
                assertThat(fired.getAndSet(false)).isIn(false, fixture().ddlCommits());
            } catch (BackstitchException e) {
                boolean atCommit = watched().statements().get(next - 1).equals("commit");
                // A server that remembers its transactions knows after all that this one was rolled back.
                assertThat(e.code())
                        .isIn(
                                atCommit ? ErrorCode.CONNECTION_LOST : ErrorCode.DATABASE_UNAVAILABLE,
                                ErrorCode.DATABASE_UNAVAILABLE);
                assertThat(shadow(order)).isEqualTo(before);
                assertThat(entries("r1").get(0).state()).isEqualTo(Entry.State.CLAIMED);
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
        assertThat(entries("r1").get(0))
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
            if (entries("r1").get(i).state() == Entry.State.CLAIMED) {
                merge(order, i);
            }
        }
        assertThat(shadow(order)).contains("21 2001-01-03 BB 1").doesNotContain("21 2001-01-02 AA 1");
        assertThat(entries("r1")).extracting(entry -> entry.rows().rowsAfter()).containsExactly(0L, 2L, 0L);
    }

    @Test
    void aRowThatMoves_isNotCountedWhereItWas_byAMergeThatRunsAtTheSameTime() {
        WorkOrder order = begun(order().build());
        // The row moves from the first day to the second, and the first day's source doesn't speak of it.
        source("22, date '2001-01-02', 'CC', 1, null", "21, date '2001-01-03', 'BB', 1, null");
        AtomicBoolean moved = new AtomicBoolean();
        watched()
                .before(
                        sql -> sql.startsWith("update") && sql.contains("bf_ledger") && !moved.getAndSet(true),
                        () -> merge(order, 1));

        failure(ErrorCode.CONFLICT, () -> merge(order, 0));

        assertThat(entries("r1"))
                .extracting(Entry::state)
                .containsExactly(Entry.State.CLAIMED, Entry.State.MERGED, Entry.State.CLAIMED);
        merge(order, 0);
        assertThat(entries("r1").get(0).rows().rowsAfter())
                .isEqualTo(rows("select id from " + name(order.shadow()) + " where day = date '2001-01-02'")
                        .size());
    }
}
