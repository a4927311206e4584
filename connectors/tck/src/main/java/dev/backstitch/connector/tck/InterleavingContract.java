package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.WorkOrder;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What others write while a publish or rollback runs. */
abstract class InterleavingContract extends Contract {
    /** How much fewer of a catch-up's gaps are looked at, which makes a shadow for each. */
    private static final int LONG = 6;

    private static final List<String> WRITES = List.of(
            "update app.flights set delay = 77 where id = 21",
            "insert into app.flights values (38, date '2001-01-03', 'AA', 77)",
            "delete from app.flights where id = 42");

    InterleavingContract(Callable<Warehouse> open) {
        super(open);
    }

    private boolean isThere(String write) {
        return write.startsWith("delete")
                ? rows("select id from app.flights where id = 42").isEmpty()
                : rows("select delay from app.flights where delay = 77").equals(List.of("77"));
    }

    @Test
    void anAcknowledgedWrite_isNeverLost_whereverItComesDuringAReplace() throws Exception {
        everyGapOfAPublish(
                order().build(), fixture().stride(), statement -> List.of(WRITES.get(statement % WRITES.size())));
    }

    @Test
    void anAcknowledgedWrite_isNeverLost_whereverItComesDuringASwap() throws Exception {
        everyGapOfAPublish(
                order().swapping().build(),
                fixture().stride(),
                statement -> List.of(WRITES.get(statement % WRITES.size())));
    }

    @Test
    @Tag("fault")
    void anAcknowledgedWrite_isNeverLost_whicheverItIs() throws Exception {
        sql(
                "create index flights_by_day on app.flights (day)",
                "create unique index by_delay on app.flights (id, delay)");
        everyGapOfAPublish(order().build(), 1, statement -> WRITES);
        everyGapOfAPublish(order().run("r2").swapping().build(), 1, statement -> WRITES);
    }

    @Test
    void anAcknowledgedWrite_isPublished_whereverItComesWhileThePublishCatchesUp() throws Exception {
        everyGapOfACatchUp(order().catchingUp().build(), LONG * fixture().stride());
        everyGapOfACatchUp(
                order().run("r2").swapping().catchingUp().build(),
                LONG * fixture().stride());
    }

    @Test
    @Tag("fault")
    void anAcknowledgedWrite_isPublished_inEveryGapOfACatchUp() throws Exception {
        everyGapOfACatchUp(order().catchingUp().build(), 1);
        everyGapOfACatchUp(order().run("r2").swapping().catchingUp().build(), 1);
    }

    /** One write is there already when the publish begins, so that it has something to catch up with. */
    private void everyGapOfACatchUp(WorkOrder draft, int stride) throws Exception {
        int publishedWithIt = 0;
        boolean reached = true;
        for (int statement = 1; reached; statement += stride) {
            String write = WRITES.get(statement % WRITES.size());
            List<String> before = rows("select * from app.flights order by id");
            WorkOrder order = audited(renamed(draft, draft.run() + write.charAt(0) + statement));
            sql("update app.flights set delay = 66 where id = 31");
            Meanwhile meanwhile = new Meanwhile(write);
            boolean published = meanwhile.beforeStatement(statement, () -> publishes(order));
            boolean acknowledged = meanwhile.acknowledged();
            reached = meanwhile.fired.get();
            assertThat(rows("select delay from app.flights where id = 31")).containsExactly("66");
            if (acknowledged) {
                assertThat(isThere(write))
                        .as("'%s' before statement %s", write, statement)
                        .isTrue();
            }
            if (published) {
                boolean since = isWrittenSince(order);
                publishedWithIt += acknowledged && !since ? 1 : 0;
            } else {
                connector().ledger().abandon(order);
            }
            connector().shadows().clear(order);
            sql("update app.flights set delay = 1 where id = 31");
            undoWrites();
            assertThat(rows("select * from app.flights order by id")).isEqualTo(before);
        }
        assertThat(publishedWithIt)
                .as("publishes with a write that came meanwhile")
                .isPositive();
    }

    /** Whether rows were written after the publish, which is rolled back. */
    private boolean isWrittenSince(WorkOrder order) {
        try {
            connector().publishes().rollback(order, 0, Interrupt.never());
            return false;
        } catch (BackstitchException e) {
            assertThat(e.code()).as(e.getMessage()).isEqualTo(ErrorCode.WRITTEN_SINCE_PUBLISH);
            connector().publishes().rollback(order, 1, Interrupt.never());
            return true;
        }
    }

    /** Before each statement of a publish in turn, somebody writes; a publish that passes is rolled back again. */
    private void everyGapOfAPublish(WorkOrder draft, int stride, IntFunction<List<String>> writes) throws Exception {
        int acknowledgedWrites = 0;
        boolean reached = true;
        for (int statement = 1; reached; statement += stride) {
            for (String write : writes.apply(statement)) {
                WorkOrder order = audited(renamed(draft, draft.run() + write.charAt(0) + statement));
                List<String> before = rows("select * from app.flights order by id");
                Meanwhile meanwhile = new Meanwhile(write);
                boolean published = meanwhile.beforeStatement(statement, () -> publishes(order));
                boolean acknowledged = meanwhile.acknowledged();
                reached = meanwhile.fired.get();
                if (acknowledged) {
                    acknowledgedWrites++;
                    assertThat(isThere(write))
                            .as("'%s' before statement %s", write, statement)
                            .isTrue();
                }
                restore(order, published, acknowledged, before);
            }
        }
        assertThat(acknowledgedWrites).as("acknowledged writes").isPositive();
    }

    private void restore(WorkOrder order, boolean published, boolean acknowledged, List<String> before) {
        if (published) {
            connector().publishes().rollback(order, acknowledged ? 1 : 0, Interrupt.never());
        } else {
            connector().ledger().abandon(order);
            undoWrites();
        }
        connector().shadows().clear(order);
        assertThat(rows("select * from app.flights order by id")).isEqualTo(before);
    }

    private boolean publishes(WorkOrder order) {
        try {
            connector().publishes().publish(order, Interrupt.never());
            return true;
        } catch (BackstitchException e) {
            assertThat(e.code())
                    .as(e.getMessage())
                    .isIn(ErrorCode.DRIFT, ErrorCode.CONFLICT, ErrorCode.LOCK_NOT_GRANTED);
            return false;
        }
    }

    private static WorkOrder renamed(WorkOrder order, String run) {
        return new WorkOrder(
                run,
                1,
                order.dag(),
                order.backfill(),
                order.actor(),
                order.logic(),
                order.target(),
                order.target().name().sibling("bf_" + run + "_shadow"),
                order.target().name().sibling("bf_" + run + "_archive"),
                order.partitionColumns(),
                order.scope(),
                order.seed(),
                order.merge(),
                order.publish());
    }

    /** A write on another connection, which may have to wait for the publish. */
    private final class Meanwhile {
        private final String write;
        private final AtomicBoolean fired = new AtomicBoolean();
        private Future<Boolean> written = CompletableFuture.completedFuture(false);

        Meanwhile(String write) {
            this.write = write;
        }

        boolean beforeStatement(int statement, Callable<Boolean> call) throws Exception {
            watched().restart();
            watched().before(sql -> watched().statements().size() == statement, () -> {
                fired.set(true);
                FutureTask<Boolean> task = new FutureTask<>(this::write);
                written = task;
                new Thread(task, "writer").start();
                try {
                    written.get(200, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    assertThat(written.isDone()).isFalse();
                }
            });
            try {
                return call.call();
            } finally {
                watched().restart();
            }
        }

        private boolean write() throws SQLException {
            try (Connection connection = fixture().transaction();
                    Statement statement = connection.createStatement()) {
                statement.execute(write);
                connection.commit();
                return true;
            } catch (SQLException e) {
                return false;
            }
        }

        boolean acknowledged() throws Exception {
            return written.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void aWriteThatIsOpenWhenThePublishCommits_isKeptOrRefused() throws Exception {
        for (WorkOrder order :
                List.of(order().build(), order().run("r2").swapping().build())) {
            for (String write : WRITES) {
                WorkOrder next = audited(renamed(order, order.run() + write.charAt(0)));
                List<String> before = rows("select * from app.flights order by id");
                boolean published;
                boolean acknowledged;
                try (Connection connection = fixture().transaction();
                        Statement statement = connection.createStatement()) {
                    statement.execute(write);
                    published = publishes(next);
                    acknowledged = commits(connection);
                }
                assertThat(published || acknowledged).isTrue();
                if (acknowledged) {
                    assertThat(isThere(write)).as(write).isTrue();
                }
                restore(next, published, acknowledged, before);
            }
        }
    }

    private static boolean commits(Connection connection) {
        try {
            connection.commit();
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    @Test
    void aWriterWithAnOldSnapshot_isKeptOrRefused() throws Exception {
        for (WorkOrder order :
                List.of(order().build(), order().run("r2").swapping().build())) {
            for (String write : WRITES) {
                WorkOrder next = audited(renamed(order, order.run() + write.charAt(0)));
                List<String> before = rows("select * from app.flights order by id");
                boolean acknowledged;
                try (Connection connection = fixture().transaction();
                        Statement statement = connection.createStatement()) {
                    statement.execute("select count(*) from app.source");
                    assertThat(publishes(next)).isTrue();
                    acknowledged = writes(statement, write) && commits(connection);
                }
                if (acknowledged) {
                    assertThat(isThere(write)).as(write).isTrue();
                }
                restore(next, true, acknowledged, before);
            }
        }
    }

    private static boolean writes(Statement statement, String write) {
        try {
            statement.execute(write);
            return true;
        } catch (SQLException e) {
            return false;
        }
    }

    @Test
    void twoPublishersOfOneRun_publishOnce() throws Exception {
        for (WorkOrder order :
                List.of(order().build(), order().run("r2").swapping().build())) {
            audited(order);
            ExecutorService threads = Executors.newFixedThreadPool(2);
            try {
                CyclicBarrier start = new CyclicBarrier(2);
                Callable<Boolean> publish = () -> {
                    start.await();
                    try {
                        connector().publishes().publish(order, Interrupt.never());
                        return true;
                    } catch (BackstitchException e) {
                        assertThat(e.code())
                                .as(e.getMessage())
                                .isIn(ErrorCode.FENCED, ErrorCode.CONFLICT, ErrorCode.LOCK_NOT_GRANTED);
                        return false;
                    }
                };
                Future<Boolean> first = threads.submit(publish);
                Future<Boolean> second = threads.submit(publish);
                assertThat(List.of(first.get(60, TimeUnit.SECONDS), second.get(60, TimeUnit.SECONDS)))
                        .containsExactlyInAnyOrder(true, false);
            } finally {
                threads.shutdownNow();
            }
            assertThat(rows("select count(*) from app.flights")).containsExactly("15");
            assertThat(connector()
                            .ledger()
                            .archives(order.target().name())
                            .get(0)
                            .run())
                    .isEqualTo(order.run());
        }
    }

    @Test
    void takeOver_winsOverAPublishThatIsAboutToCommit() {
        WorkOrder order = audited(order().build());
        watched()
                .before(
                        sql -> sql.startsWith("update") && sql.contains("bf_head"),
                        () -> connector().ledger().takeOver(order.at(2)));

        assertThatThrownBy(() -> connector().publishes().publish(order, Interrupt.never()))
                .isInstanceOfSatisfying(
                        BackstitchException.class,
                        failure -> assertThat(failure.code())
                                .isIn(ErrorCode.FENCED, ErrorCode.CONFLICT, ErrorCode.DATABASE_UNAVAILABLE));

        assertThat(watched().everythingHappened()).isTrue();
        assertThat(connector().ledger().head(order.target().name()).orElseThrow())
                .extracting(Head::state, Head::epoch)
                .containsExactly(Head.State.AUDITED, 2L);
        connector().publishes().publish(order.at(2), Interrupt.never());
    }

    @Test
    void aWriteDuringARollback_isNeverLost() throws Exception {
        for (WorkOrder draft :
                List.of(order().build(), order().run("r2").swapping().build())) {
            boolean reached = true;
            for (int statement = 1; reached; statement += fixture().stride()) {
                String write = WRITES.get(statement % WRITES.size());
                WorkOrder order = published(renamed(draft, draft.run() + write.charAt(0) + statement));
                Meanwhile meanwhile = new Meanwhile(write);
                boolean rolledBack = meanwhile.beforeStatement(statement, () -> rollsBack(order));
                reached = meanwhile.fired.get();
                boolean acknowledged = meanwhile.acknowledged();
                if (acknowledged) {
                    assertThat(isThere(write))
                            .as("'%s' before statement %s", write, statement)
                            .isTrue();
                }
                if (!rolledBack) {
                    connector().publishes().rollback(order, acknowledged ? 1 : 0, Interrupt.never());
                } else if (acknowledged) {
                    undoWrites();
                }
                assertThat(rows("select count(*), sum(delay) from app.flights")).containsExactly("15 30");
            }
        }
    }

    private void undoWrites() {
        sql(
                "delete from app.flights where id in (21, 38, 42)",
                "insert into app.flights values (21, date '2001-01-02', 'AA', 1), (42, date '2001-01-04', 'AA', 2)");
    }

    private boolean rollsBack(WorkOrder order) {
        try {
            connector().publishes().rollback(order, 0, Interrupt.never());
            return true;
        } catch (BackstitchException e) {
            assertThat(e.code())
                    .as(e.getMessage())
                    .isIn(ErrorCode.WRITTEN_SINCE_PUBLISH, ErrorCode.CONFLICT, ErrorCode.LOCK_NOT_GRANTED);
            return false;
        }
    }
}
