package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Publishes;
import dev.backstitch.spi.Publishes.RolledBack;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a rollback brings back, and what it refuses. */
abstract class RollbackContract extends Contract {
    private static final String LONG_AGO = "timestamp '2001-01-01 00:00:00'";
    private static final String ALL = "select id, day, airline, delay from app.flights order by id";

    RollbackContract(Callable<Warehouse> open) {
        super(open);
    }

    private RolledBack rollback(WorkOrder order, long accepted) {
        return connector().publishes().rollback(order, accepted, Interrupt.never());
    }

    private List<WorkOrder> bothWays() {
        sql(
                "insert into app.source values (21, date '2001-01-02', 'BB', 9, null)",
                "insert into app.source values (29, date '2001-01-02', 'CC', 9, null)");
        WorkOrder replacing = order().build();
        return fixture().swaps()
                ? List.of(replacing, order().run("r2").swapping().build())
                : List.of(replacing);
    }

    @Test
    void rollback_bringsBackExactlyWhatWasThere() {
        List<String> before = rows(ALL);
        TableInfo table = fixture().target();
        for (WorkOrder order : bothWays()) {
            published(order);
            assertThat(rows(ALL)).isNotEqualTo(before);

            RolledBack rolledBack = rollback(order, 0);

            assertThat(rows(ALL)).isEqualTo(before);
            assertThat(rolledBack.writesLost()).isZero();
            assertThat(rolledBack.rowsRestored()).isIn(9L, 15L);
            assertThat(fixture().target().structure()).isEqualTo(table.structure());
            assertThat(connector().ledger().head(table.name()).orElseThrow().state())
                    .isEqualTo(Head.State.ROLLED_BACK);
            assertThat(connector().ledger().entries(order))
                    .extracting(Entry::state)
                    .containsOnly(Entry.State.ROLLED_BACK);
            assertThat(connector().ledger().archives(table.name()).get(0).state())
                    .isEqualTo(Archive.State.RESTORED);
            assertThat(connector()
                            .catalog()
                            .table(TableName.parse("app." + order.archive().table())))
                    .isEmpty();
            connector().shadows().clear(order);
            assertThat(
                            rows(
                                    "select lower(table_name) from information_schema.tables where lower(table_schema) = 'app' order by 1"))
                    .containsExactly("flights", "source");
        }
    }

    @Test
    void rollback_isRefused_withTheExactNumberOfWrites_andThenAccepted() {
        List<String> before = rows(ALL);
        for (WorkOrder order : bothWays()) {
            published(order);
            sql(
                    "update app.flights set delay = 77 where id in (21, 22)",
                    "update app.flights set delay = 78 where id = 21",
                    "delete from app.flights where id = 31",
                    "insert into app.flights values (38, date '2001-01-03', 'AA', 1), (39, date '2001-01-03', 'AA', 1)");
            List<String> written = rows(ALL);

            BackstitchException failure = failure(ErrorCode.WRITTEN_SINCE_PUBLISH, () -> rollback(order, 0));

            assertThat(failure).hasMessageContaining("found 5 rows").hasMessageContaining("--accept-loss flights=5");
            assertThat(rows(ALL)).isEqualTo(written);
            failure(ErrorCode.WRITTEN_SINCE_PUBLISH, () -> rollback(order, 4));
            failure(ErrorCode.WRITTEN_SINCE_PUBLISH, () -> rollback(order, 6));

            assertThat(rollback(order, 5).writesLost()).isEqualTo(5);
            assertThat(rows(ALL)).isEqualTo(before);
        }
    }

    @Test
    void rollback_keepsWhatWasWrittenOutsideTheScope() {
        WorkOrder order = published(order().build());
        sql("update app.flights set delay = 77 where id = 11");

        rollback(order, 0);

        assertThat(rows(ALL)).contains("11 2001-01-01 AA 77").hasSize(15);
    }

    @Test
    void rollbackOfASwap_countsWritesAnywhere() {
        WorkOrder order = published(order().swapping().build());
        sql("update app.flights set delay = 77 where id = 11");

        failure(ErrorCode.WRITTEN_SINCE_PUBLISH, () -> rollback(order, 0));
    }

    @Test
    void rollback_dropsAnAddedColumn_thatHoldsNothing() {
        TableInfo before = fixture().target();
        WorkOrder order = published(order().adding("gate", "varchar(4)")
                .sql("select id, day, airline, delay, 'G1' as gate from app.flights where day = :day")
                .build());

        rollback(order, 0);

        assertThat(fixture().target().structure()).isEqualTo(before.structure());
    }

    @Test
    void rollback_keepsAnAddedColumn_thatSomebodyUses() {
        WorkOrder order = published(order().adding("gate", "varchar(4)")
                .sql("select id, day, airline, delay, 'G1' as gate from app.flights where day = :day")
                .build());
        sql("update app.flights set gate = 'G9' where id = 11");

        rollback(order, 0);

        assertThat(rows("select gate from app.flights where id in (11, 21) order by id"))
                .containsExactly("G9", "null");
    }

    @Test
    void rollback_isRefused_whenItIsNotTheLatestPublish() {
        WorkOrder first = published(order().build());
        WorkOrder second = published(order().run("r2").build());

        BackstitchException failure = failure(ErrorCode.NOT_PUBLISHED, () -> rollback(first, 0));

        assertThat(failure).hasMessageContaining("r2");
        rollback(second, 0);
        failure(ErrorCode.NOT_PUBLISHED, () -> rollback(second, 0));
    }

    @Test
    void rollback_isPossible_afterALaterRunWasGivenUp() {
        List<String> before = rows(ALL);
        for (WorkOrder order : bothWays()) {
            published(order);
            WorkOrder later = order().run("later-than-" + order.run()).build();
            connector().ledger().open(later);
            failure(ErrorCode.NOT_PUBLISHED, () -> rollback(order, 0));
            connector().ledger().abandon(later);

            rollback(order, 0);

            assertThat(rows(ALL)).isEqualTo(before);
            assertThat(connector()
                            .ledger()
                            .head(order.target().name())
                            .orElseThrow()
                            .run())
                    .isEqualTo(order.run());
        }
    }

    @Test
    void rollback_isPossible_afterTheLaterPublishWasTakenBack() {
        List<String> before = rows(ALL);
        WorkOrder first = published(order().swapping().build());
        sql("insert into app.source values (21, date '2001-01-02', 'BB', 9, null)");
        WorkOrder second = published(order().run("r2").swapping().build());
        rollback(second, 0);

        rollback(first, 0);

        assertThat(rows(ALL)).isEqualTo(before);
    }

    @Test
    void rollback_isRefused_whenItWouldBringAKeyBackThatIsElsewhereNow() {
        WorkOrder order = published(order().build());
        sql("delete from app.flights where id = 21", "insert into app.flights values (21, date '2001-02-09', 'AA', 1)");
        List<String> now = rows(ALL);

        assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> rollback(order, 1)))
                .isInstanceOf(BackstitchException.class);

        assertThat(rows(ALL)).isEqualTo(now);
    }

    @Test
    void rollback_isRefused_whenTheArchiveIsGoneOrAnotherTable() {
        for (WorkOrder order : bothWays()) {
            published(order);
            List<String> before = rows(ALL);
            sql("drop table " + name(order.archive()));
            failure(ErrorCode.ARCHIVE_GONE, () -> rollback(order, 0));

            sql("create table " + name(order.archive()) + " as select * from app.flights");
            failure(ErrorCode.ARCHIVE_GONE, () -> rollback(order, 0));

            assertThat(rows(ALL)).isEqualTo(before);
        }
    }

    private Publishes.Purged purge(WorkOrder order) {
        return connector().publishes().purge(order, Interrupt.never());
    }

    private void expire() {
        sql("update backstitch.bf_archive set expires_at = " + LONG_AGO);
    }

    private boolean isThere(WorkOrder order) {
        return connector()
                .catalog()
                .table(TableName.parse("app." + order.archive().table()))
                .isPresent();
    }

    @Test
    void anArchive_isDropped_whenItsTimeIsOver_andItsPublishStays() {
        for (WorkOrder order : bothWays()) {
            published(order);
            List<String> now = rows(ALL);
            assertThat(purge(order)).isEqualTo(Publishes.Purged.NOT_EXPIRED);
            assertThat(isThere(order)).isTrue();

            expire();
            assertThat(purge(order)).isEqualTo(Publishes.Purged.DROPPED);

            assertThat(isThere(order)).isFalse();
            assertThat(purge(order)).isEqualTo(Publishes.Purged.NONE);
            assertThat(rows(ALL)).isEqualTo(now);
            assertThat(connector().ledger().archive(order).orElseThrow().state())
                    .isEqualTo(Archive.State.DROPPED);
            assertThat(connector().ledger().watermarks(order.target().name()))
                    .extracting(Entry::run)
                    .containsOnly(order.run());
            failure(ErrorCode.ARCHIVE_GONE, () -> rollback(order, 0));
            assertThat(rows(ALL)).isEqualTo(now);
        }
    }

    @Test
    void aPublishWhoseArchiveIsDropped_isStillTheLatest() {
        WorkOrder first = published(order().build());
        WorkOrder second = published(order().run("r2").build());
        sql("update backstitch.bf_archive set expires_at = " + LONG_AGO + " where run = 'r2'");
        assertThat(purge(second)).isEqualTo(Publishes.Purged.DROPPED);
        WorkOrder later = order().run("r3").build();
        connector().ledger().open(later);
        connector().ledger().abandon(later);
        List<String> now = rows(ALL);

        failure(ErrorCode.NOT_PUBLISHED, () -> rollback(first, 0));

        assertThat(rows(ALL)).isEqualTo(now);
        assertThat(connector().ledger().watermarks(first.target().name()))
                .extracting(Entry::run)
                .containsOnly("r2");
    }

    @Test
    void aTableWithAnArchivesName_isNotDropped() {
        WorkOrder order = published(order().build());
        sql("drop table " + name(order.archive()));
        sql("create table " + name(order.archive()) + " as select * from app.flights");
        expire();

        assertThat(failure(ErrorCode.ARCHIVE_GONE, () -> purge(order))).hasMessageContaining("It was not dropped.");
        assertThat(isThere(order)).isTrue();

        sql("drop table " + name(order.archive()));
        assertThat(purge(order)).isEqualTo(Publishes.Purged.WAS_GONE);
        assertThat(connector().ledger().archive(order).orElseThrow().state()).isEqualTo(Archive.State.DROPPED);
    }

    @Test
    void anArchiveThatWasRestored_isNotThereToDrop() {
        WorkOrder order = published(order().build());
        rollback(order, 0);
        expire();

        assertThat(purge(order)).isEqualTo(Publishes.Purged.NONE);
    }

    @Test
    void rollback_isRefused_whenTheStructureChangedSince() {
        for (WorkOrder order : bothWays()) {
            published(order);
            sql("alter table app.flights add column gate varchar(4)");

            failure(ErrorCode.TARGET_CHANGED, () -> rollback(order, 0));

            sql("alter table app.flights drop column gate");
            rollback(order, 0);
        }
    }

    @Test
    void rollback_isAllOrNothing_whenItFailsAtAStatement() {
        failingAtEach(fixture().stride());
    }

    @Test
    @Tag("fault")
    void rollback_isAllOrNothing_whenItFailsAtAnyStatement() {
        failingAtEach(1);
    }

    private void failingAtEach(int stride) {
        List<String> before = rows(ALL);
        for (WorkOrder order : bothWays()) {
            published(order);
            List<String> published = rows(ALL);
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
                    rollback(order, 0);
                    assertThat(fired.getAndSet(false)).isIn(false, fixture().ddlCommits());
                } catch (BackstitchException e) {
                    assertThat(rows(ALL)).isEqualTo(published);
                    assertThat(connector()
                                    .ledger()
                                    .head(order.target().name())
                                    .orElseThrow()
                                    .state())
                            .isEqualTo(Head.State.PUBLISHED);
                }
            }
            watched().restart();
            assertThat(statement).isGreaterThan(8);
            assertThat(rows(ALL)).isEqualTo(before);
        }
    }

    @Test
    void anotherBackfill_mayFollowARollback() {
        rollback(published(order().build()), 0);

        published(order().run("r2").build());

        assertThat(connector().ledger().archives(fixture().target().name()))
                .extracting(Archive::run, Archive::state)
                .containsExactly(tuple("r2", Archive.State.KEPT), tuple("r1", Archive.State.RESTORED));
    }
}
