package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How a publish behind a view is taken back, and what becomes of it when it fails or others write meanwhile. */
abstract class RepointFaultContract extends RepointDrafts {
    /** A publish behind a view takes many statements, of which the swap's contract has most. */
    private static final int LONG = 5;

    private static final List<String> WRITES = List.of(
            "update app.flights set delay = 77 where id = 21",
            "insert into app.flights values (38, date '2001-01-03', 'AA', 77)",
            "delete from app.flights where id = 42");

    RepointFaultContract(Callable<Warehouse> open) {
        super(open);
    }

    @Test
    void rollback_bringsBackExactlyWhatWasThere() {
        sourceOfEachDay();
        List<String> before = rows(SHOWN);
        TableInfo table = fixture().target();
        List<String> tables = tables();
        WorkOrder order = published(behind("r1").build());

        assertThat(rollback(order, 0).rowsRestored()).isEqualTo(15);

        assertThat(rows(SHOWN)).isEqualTo(before);
        assertThat(fixture().target().identity()).isEqualTo(table.identity());
        assertThat(fixture().target().structure()).isEqualTo(table.structure());
        assertThat(state(order)).isEqualTo(Head.State.ROLLED_BACK);
        assertThat(connector().ledger().archives(order.live()).get(0).state()).isEqualTo(Archive.State.RESTORED);
        connector().shadows().clear(order);
        assertThat(tables()).isEqualTo(tables);
        sql("update app.flights set delay = 5 where id = 11");
        assertThat(rows(SHOWN)).contains("11 2001-01-01 AA 5");
    }

    @Test
    void rollback_isRefused_withTheExactNumberOfWrites_andThenAccepted() {
        sourceOfEachDay();
        List<String> before = rows(SHOWN);
        WorkOrder order = published(behind("r1").build());
        sql(
                "update app.shown_r1 set delay = 77 where id in (21, 22)",
                "delete from app.shown_r1 where id = 31",
                "insert into app.shown_r1 values (38, date '2001-01-03', 'AA', 1)");
        List<String> written = rows(SHOWN);

        BackstitchException failure = failure(ErrorCode.WRITTEN_SINCE_PUBLISH, () -> rollback(order, 0));

        assertThat(failure).hasMessageContaining("found 4 rows").hasMessageContaining("--accept-loss flights=4");
        assertThat(rows(SHOWN)).isEqualTo(written);
        failure(ErrorCode.WRITTEN_SINCE_PUBLISH, () -> rollback(order, 3));
        assertThat(rollback(order, 4).writesLost()).isEqualTo(4);
        assertThat(rows(SHOWN)).isEqualTo(before);
    }

    @Test
    void rollback_isRefused_whenTheViewShowsSomethingElse() {
        sourceOfEachDay();
        WorkOrder order = published(behind("r1").build());
        sql("create or replace view app.shown as select * from app.shown_r1 where delay > 2");
        List<String> now = rows(SHOWN);

        failure(ErrorCode.TARGET_CHANGED, () -> rollback(order, 0));

        assertThat(rows(SHOWN)).isEqualTo(now);
        sql("create or replace view app.shown as select * from app.shown_r1");
        rollback(order, 0);
    }

    @Test
    void rollback_isRefused_whenTheArchiveIsAnotherTable() {
        WorkOrder order = published(behind("r1").build());
        List<String> now = rows(SHOWN);
        sql("drop table app.flights", "create table app.flights as select * from app.shown");

        failure(ErrorCode.ARCHIVE_GONE, () -> rollback(order, 0));

        assertThat(rows(SHOWN)).isEqualTo(now);
    }

    @Test
    void rollback_isRefused_whenTheStructureChangedSince() {
        WorkOrder order = published(behind("r1").build());
        sql("alter table app.shown_r1 add column gate varchar(4)");

        failure(ErrorCode.TARGET_CHANGED, () -> rollback(order, 0));

        sql("alter table app.shown_r1 drop column gate");
        rollback(order, 0);
    }

    @Test
    void repoint_isAllOrNothing_whenItFailsAtAStatement() {
        failingAtEach(LONG * fixture().stride());
    }

    @Test
    @Tag("fault")
    void repoint_isAllOrNothing_whenItFailsAtAnyStatement() {
        failingAtEach(1);
    }

    private void failingAtEach(int stride) {
        sql("create index flights_by_day on app.flights (day)");
        sourceOfEachDay();
        List<String> former = rows(SHOWN);
        WorkOrder order = audited(behind("r1").build());
        List<String> tables = tables();

        int publishes = failingAt(stride, () -> publish(order), () -> {
            assertThat(rows(SHOWN)).isEqualTo(former);
            assertThat(tables()).isEqualTo(tables);
            assertThat(state(order)).isEqualTo(Head.State.AUDITED);
        });

        List<String> shown = rows(SHOWN);
        assertThat(shown).hasSize(18);
        List<String> published = tables();

        int rollbacks = failingAt(stride, () -> rollback(order, 0), () -> {
            assertThat(rows(SHOWN)).isEqualTo(shown);
            assertThat(rows(FORMER)).isEqualTo(former);
            assertThat(tables()).isEqualTo(published);
            assertThat(state(order)).isEqualTo(Head.State.PUBLISHED);
        });

        assertThat(List.of(publishes, rollbacks)).allMatch(statements -> statements > 10);
        assertThat(rows(SHOWN)).isEqualTo(former);
    }

    /** Fails at one statement after the other until none is left to fail at; how many there were. */
    private int failingAt(int stride, Callable<?> call, Runnable afterFailure) {
        int statement = 1 - stride;
        AtomicBoolean fired = new AtomicBoolean(true);
        while (fired.get()) {
            fired.set(false);
            watched().restart();
            statement += stride;
            int next = statement;
            watched().before(sql -> watched().statements().size() == next, () -> {
                fired.set(true);
                throw new SQLException("the test's own failure", "08006");
            });
            try {
                call.call();
                assertThat(fired).isFalse();
            } catch (BackstitchException e) {
                assertThat(fired).as(e.getMessage()).isTrue();
                afterFailure.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        watched().restart();
        return statement;
    }

    @Test
    void aWriteOfTheTable_isNeverPassedOver_whereverItComes() throws Exception {
        everyGap(LONG * fixture().stride());
    }

    @Test
    @Tag("fault")
    void aWriteOfTheTable_isNeverPassedOver_inEveryGap() throws Exception {
        sql("create index flights_by_day on app.flights (day)");
        everyGap(1);
    }

    /** Before each statement of a publish in turn, somebody writes the table that the view still shows. */
    private void everyGap(int stride) throws Exception {
        List<String> before = rows(FORMER);
        int acknowledgedWrites = 0;
        int publishes = 0;
        boolean reached = true;
        for (int statement = 1; reached; statement += stride) {
            WorkOrder order = audited(behind("r" + statement).build());
            Meanwhile meanwhile = new Meanwhile(WRITES.get(statement % WRITES.size()), statement);
            boolean published = meanwhile.during(() -> publish(order));
            boolean acknowledged = meanwhile.acknowledged();
            reached = meanwhile.fired.get();
            if (acknowledged) {
                acknowledgedWrites++;
                // One that had to wait for the publish may be done on the archive, where no trigger keeps it from that.
                assertThat(published && !meanwhile.waited)
                        .as("passed over before statement %s", statement)
                        .isFalse();
                assertThat(rows(FORMER)).isNotEqualTo(before);
            }
            if (published) {
                publishes++;
                rollback(order, 0);
            } else {
                connector().ledger().abandon(order);
            }
            connector().shadows().clear(order);
            undoWrites();
            assertThat(rows(SHOWN)).isEqualTo(before);
        }
        assertThat(acknowledgedWrites).as("acknowledged writes").isPositive();
        assertThat(publishes).as("publishes").isPositive();
    }

    /** Where a view takes writes, one that comes meanwhile is in what the view shows then, and never in the way. */
    @Test
    void aWriteThroughTheView_isNeverLost_andNeverInTheWay() throws Exception {
        List<String> before = rows(FORMER);
        boolean reached = true;
        for (int statement = 1; reached; statement += LONG * fixture().stride()) {
            WorkOrder order = audited(behind("r" + statement).build());
            String write = WRITES.get(statement % WRITES.size()).replace("app.flights", "app.shown");
            Meanwhile meanwhile = new Meanwhile(write, statement);
            boolean published = meanwhile.during(() -> publish(order));
            boolean acknowledged = meanwhile.acknowledged();
            reached = meanwhile.fired.get();
            assertThat(meanwhile.refusedWith)
                    .as("before statement %s", statement)
                    .isNotEqualTo(ErrorCode.LOCK_NOT_GRANTED);
            if (acknowledged) {
                assertThat(rows(SHOWN)).as("before statement %s", statement).isNotEqualTo(before);
            }
            if (published) {
                rollback(order, acknowledged ? 1 : 0);
            } else {
                connector().ledger().abandon(order);
                undoWrites();
            }
            connector().shadows().clear(order);
            assertThat(rows(SHOWN)).isEqualTo(before);
        }
    }

    private void undoWrites() {
        sql(
                "delete from app.flights where id in (21, 38, 42)",
                "insert into app.flights values (21, date '2001-01-02', 'AA', 1), (42, date '2001-01-04', 'AA', 2)");
    }

    /** A write on another connection, which may have to wait for the publish. */
    private final class Meanwhile {
        private final String write;
        private final int statement;
        private final AtomicBoolean fired = new AtomicBoolean();
        private Future<Boolean> written = CompletableFuture.completedFuture(false);
        private boolean waited;
        private @Nullable ErrorCode refusedWith;

        Meanwhile(String write, int statement) {
            this.write = write;
            this.statement = statement;
        }

        /** Whether the publish passed. */
        boolean during(Callable<?> publish) throws Exception {
            watched().restart();
            watched().before(sql -> watched().statements().size() == statement, () -> {
                fired.set(true);
                FutureTask<Boolean> task = new FutureTask<>(this::write);
                written = task;
                new Thread(task, "writer").start();
                try {
                    written.get(200, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    waited = true;
                }
            });
            try {
                publish.call();
                return true;
            } catch (BackstitchException e) {
                refusedWith = e.code();
                assertThat(e.code())
                        .as(e.getMessage())
                        .isIn(ErrorCode.DRIFT, ErrorCode.CONFLICT, ErrorCode.LOCK_NOT_GRANTED);
                return false;
            } finally {
                watched().restart();
            }
        }

        private boolean write() {
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
}
