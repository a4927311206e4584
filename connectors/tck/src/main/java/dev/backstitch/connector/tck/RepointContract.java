package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Publishes;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** What a publish behind a view does, and what it refuses. */
abstract class RepointContract extends RepointDrafts {
    RepointContract(Callable<Warehouse> open) {
        super(open);
    }

    @Test
    void repoint_showsTheNewVersion_andKeepsTheFormerOneUnderItsName() {
        sourceOfEachDay();
        List<String> before = rows(SHOWN);
        WorkOrder order = audited(behind("r1").build());

        Archive published = publish(order);

        assertThat(rows(SHOWN)).hasSize(18).contains("21 2001-01-02 BB 9", "11 2001-01-01 AA 1");
        assertThat(rows(FORMER)).isEqualTo(before);
        assertThat(published.table()).isEqualTo(order.target().name());
        assertThat(published.rows()).isEqualTo(15);
        assertThat(published.rowsPublished()).isEqualTo(18);
        assertThat(view().shows()).contains(order.published());
        assertThat(tables()).contains("shown_r1", "flights").doesNotContain("bf_r1_shadow", "bf_r1_archive");
        TableInfo version = fixture().table("app.shown_r1");
        assertThat(version.columns()).isEqualTo(order.target().columns());
        assertThat(version.uniqueKeys()).containsExactly(List.of("id"));
    }

    @Test
    void theFormerVersion_isDropped_whenItsTimeIsOver() {
        sourceOfEachDay();
        WorkOrder order = audited(behind("r1").build());
        publish(order);
        List<String> now = rows(SHOWN);
        sql("update backstitch.bf_archive set expires_at = timestamp '2001-01-01 00:00:00'");

        assertThat(connector().publishes().purge(order, Interrupt.never())).isEqualTo(Publishes.Purged.DROPPED);

        assertThat(tables()).contains("shown_r1").doesNotContain("flights");
        assertThat(rows(SHOWN)).isEqualTo(now);
    }

    @Test
    void repoint_isKeptInTheLedger_underTheViewsName() {
        WorkOrder order = audited(behind("r1").build());

        Archive published = publish(order);

        assertThat(state(order)).isEqualTo(Head.State.PUBLISHED);
        assertThat(connector().ledger().archives(view().name())).containsExactly(published);
        assertThat(connector().ledger().watermarks(view().name()))
                .extracting(Entry::run)
                .containsExactly("r1", "r1", "r1");
        assertThat(connector().ledger().head(order.target().name())).isEmpty();
    }

    @Test
    void aSecondRun_findsHeadWatermarksAndArchivesOfTheFirst() {
        sourceOfEachDay();
        WorkOrder first = published(behind("r1").build());
        sql("update app.source set airline = 'DD'");

        WorkOrder second = published(behind("r2").build());

        assertThat(second.target().name()).isEqualTo(first.published());
        assertThat(rows(SHOWN)).hasSize(18).contains("21 2001-01-02 DD 9");
        assertThat(connector().ledger().archives(second.live()))
                .extracting(Archive::run, archive -> archive.table().table(), Archive::state)
                .containsExactly(
                        tuple("r2", "shown_r1", Archive.State.KEPT), tuple("r1", "flights", Archive.State.KEPT));
        assertThat(connector().ledger().watermarks(second.live()))
                .extracting(Entry::run)
                .contains("r2");
        failure(ErrorCode.NOT_PUBLISHED, () -> rollback(first, 0));

        rollback(second, 0);
        assertThat(rows(SHOWN)).contains("21 2001-01-02 BB 9");
        rollback(first, 0);
        assertThat(rows(SHOWN)).hasSize(15).contains("21 2001-01-02 AA 1");
    }

    @Test
    void anotherRunOfTheView_isRefused_whileOneIsActive() {
        WorkOrder first = audited(behind("r1").build());

        failure(
                ErrorCode.ACTIVE_BACKFILL,
                () -> connector().ledger().open(behind("r2").build()));

        publish(first);
    }

    @Test
    void repoint_bringsAnAddedColumn_andARollbackTakesItBack() {
        List<String> before = rows(SHOWN);
        WorkOrder order = published(behind("r1")
                .adding("gate", "varchar(4)")
                .sql("select id, day, airline, delay, 'G1' as gate from app.flights where day = :day")
                .build());
        assertThat(rows("select id, gate from app.shown where id in (11, 21) order by id"))
                .containsExactly("11 null", "21 G1");

        rollback(order, 0);

        assertThat(rows("select * from app.shown order by id")).isEqualTo(before);
        assertThat(view().shows()).contains(order.target().name());
        published(behind("r2").build());
    }

    @Test
    void repoint_catchesUp_whereTheOrderSaysSo() {
        sourceOfEachDay();
        WorkOrder order = audited(behind("r1").catchingUp().build());
        sql(
                "update app.flights set delay = 77 where id = 22",
                "update app.flights set delay = 78 where id = 11",
                "insert into app.flights values (59, date '2001-01-05', 'AA', 6)");

        publish(order);

        assertThat(rows(SHOWN))
                .hasSize(19)
                .contains("22 2001-01-02 AA 77", "11 2001-01-01 AA 78", "59 2001-01-05 AA 6", "21 2001-01-02 BB 9");
    }

    @Test
    void repoint_isRefused_whenTheTableWasWritten() {
        for (String write : List.of(
                "update app.flights set delay = 77 where id = 11",
                "delete from app.flights where id = 42",
                "insert into app.flights values (38, date '2001-01-03', 'AA', 1)")) {
            WorkOrder order = audited(behind("r" + write.length()).build());
            sql(write);
            List<String> before = rows(SHOWN);

            failure(ErrorCode.DRIFT, () -> publish(order));

            assertUntouched(order, before);
            giveUp(order);
        }
    }

    @Test
    void repoint_isRefused_whenTheShadowChangedAfterItsAudit() {
        List<String> before = rows(SHOWN);
        WorkOrder order = audited(behind("r1").build());
        sql("update " + name(order.shadow()) + " set delay = 77 where id = 21");

        failure(ErrorCode.SHADOW_CHANGED, () -> publish(order));

        assertUntouched(order, before);
    }

    @Test
    void repoint_isRefused_whenTheViewChangedMeanwhile() {
        sql("create table app.other (id bigint primary key, day date not null, airline varchar(20), delay integer)");
        int run = 0;
        for (String query : List.of(
                "select * from app.flights where delay > 0",
                "select * from app.other",
                "select id, day, airline, delay from app.flights union all select id, day, airline, delay from"
                        + " app.other")) {
            WorkOrder order = audited(behind("r" + ++run).build());
            sql("create or replace view app.shown as " + query);
            List<String> before = rows(SHOWN);

            BackstitchException failure = failure(ErrorCode.TARGET_CHANGED, () -> publish(order));

            assertThat(failure).hasMessageContaining("app.shown");
            assertUntouched(order, before);
            sql("create or replace view app.shown as select * from app.flights");
            publish(order);
            rollback(order, 0);
        }
    }

    @Test
    void repoint_isRefused_whenTheViewIsGone() {
        WorkOrder order = audited(behind("r1").build());
        sql("drop view app.shown");

        failure(ErrorCode.TARGET_CHANGED, () -> publish(order));

        assertThat(state(order)).isEqualTo(Head.State.AUDITED);
    }

    @Test
    void repoint_isRefused_whenAnotherViewOfTheTableAppeared() {
        List<String> before = rows(SHOWN);
        WorkOrder order = audited(behind("r1").build());
        sql("create view app.late as select id from app.flights where delay > 2");

        BackstitchException failure = failure(ErrorCode.TARGET_CHANGED, () -> publish(order));

        assertThat(failure).hasMessageContaining("app.late");
        assertUntouched(order, before);
        sql("drop view app.late");
        publish(order);
    }

    @Test
    void repoint_isRefused_whenTheVersionsNameIsTaken() {
        WorkOrder order = audited(behind("r1").build());
        sql("create table app.shown_r1 (precious integer)");

        failure(ErrorCode.NAME_TAKEN, () -> publish(order));

        assertThat(rows("select count(precious) from app.shown_r1")).containsExactly("0");
        assertThat(view().shows()).contains(order.target().name());
    }

    @Test
    void viewsOfTheView_andIndexes_areTheSameAfterwards() {
        sql(
                "create view app.late as select id, delay from app.shown where delay > 2",
                "create view app.everything as select * from app.shown",
                "create index flights_by_day on app.flights (day)",
                "create unique index \"flights by id\" on app.flights (delay, id)");
        sourceOfEachDay();
        TableInfo before = fixture().target();
        WorkOrder order = published(behind("r1").build());

        assertThat(rows("select count(*) from app.late")).containsExactly("11");
        assertThat(rows("select count(*) from app.everything")).containsExactly("18");
        assertThat(fixture().table("app.shown_r1").uniqueKeys()).isEqualTo(before.uniqueKeys());
        assertThat(dependents()).extracting(Dependent::name).contains("flights_by_day", "flights by id");

        rollback(order, 0);

        assertThat(rows("select count(*) from app.late")).containsExactly("5");
        assertThat(rows("select count(*) from app.everything")).containsExactly("15");
        assertThat(fixture().target().uniqueKeys()).isEqualTo(before.uniqueKeys());
        assertThat(fixture().target().structure()).isEqualTo(before.structure());
        assertThat(dependents()).extracting(Dependent::name).contains("flights_by_day", "flights by id");
    }

    @Test
    void aViewThatShowsAnythingElseThanATableAsItIs_isNoPlainOne() {
        sql("create table app.other (id bigint)");
        for (String query : List.of(
                "select * from app.flights where delay > 0",
                "select id, day, airline from app.flights",
                "select day, id, airline, delay from app.flights",
                "select id as flight, day, airline, delay from app.flights",
                "select distinct * from app.flights",
                "select * from app.flights order by id",
                "select * from app.flights limit 3",
                "select f.* from app.flights f join app.other o on o.id = f.id",
                "select * from app.flights union all select * from app.flights",
                "select id, day, airline, cast(delay as bigint) as delay from app.flights")) {
            sql("drop view app.shown", "create view app.shown as " + query);

            ViewInfo found = view();

            assertThat(found.shows()).as(query).isEmpty();
            assertThat(found.definition()).containsIgnoringCase("flights");
        }
    }

    @Test
    void aListOfAllColumns_isAPlainView() {
        sql("drop view app.shown", "create view app.shown as select id, day, airline, delay from app.flights");
        sourceOfEachDay();

        WorkOrder order = published(behind("r1").build());

        assertThat(rows(SHOWN)).hasSize(18);
        rollback(order, 0);
        assertThat(rows(SHOWN)).hasSize(15);
        assertThat(view().shows()).contains(order.target().name());
    }

    @Test
    void oddNames_areQuoted() {
        sql(
                "create table app.\"Odd \"\"one\"\"\" (id bigint primary key, day date, \"select\" varchar(20), \"A b\" integer)",
                "insert into app.\"Odd \"\"one\"\"\" values (21, date '2001-01-02', 'AA', 1)",
                "create view app.\"Odd view\" as select * from app.\"Odd \"\"one\"\"\"");

        ViewInfo found = view("app.Odd view").orElseThrow();

        assertThat(found.name().table()).isEqualTo("Odd view");
        assertThat(found.shows().orElseThrow().table()).isEqualTo("Odd \"one\"");
        WorkOrder order = published(new OrderDraft(fixture().table("app.Odd \"one\""))
                .behind(found)
                .sql("select id, day, airline as \"select\", delay as \"A b\" from app.source where day = :day")
                .build());
        assertThat(rows("select id, \"select\", \"A b\" from app.\"Odd view\"")).containsExactly("21 AA 1");
        rollback(order, 0);
        assertThat(view("app.Odd view").orElseThrow()).isEqualTo(found);
    }

    @Test
    void aTableIsNoView_andNeitherIsWhatIsMissing() {
        assertThat(view("app.flights")).isEmpty();
        assertThat(view("app.missing")).isEmpty();
    }

    @Test
    void otherViewsOfTheTable_areNamedAndRefused_butNotThoseOfTheView() {
        sql(
                "create view app.late as select id from app.flights where delay > 2",
                "create view app.fine as select * from app.shown");

        assertThat(dependents())
                .filteredOn(dependent -> dependent.kind().equals("view"))
                .extracting(Dependent::name, Dependent::swap)
                .containsExactly(tuple("app.late", Dependent.Fate.REFUSED));
    }

    @Test
    void aBackfillOfAnArchivedVersion_isRefused() {
        sourceOfEachDay();
        for (WorkOrder late : List.of(
                order().run("late").build(),
                order().run("later").seed(Seed.EMPTY).build())) {
            audited(late);
            WorkOrder order = published(behind("r1" + late.run()).build());
            assertThat(connector().ledger().archiveThatIs(fixture().target()).map(Archive::run))
                    .contains(order.run());
            List<String> former = rows(FORMER);

            failure(ErrorCode.TARGET_CHANGED, () -> publish(late));

            assertThat(rows(FORMER)).isEqualTo(former);
            giveUp(late);
            rollback(order, 0);
            connector().shadows().clear(order);
            assertThat(connector().ledger().archiveThatIs(fixture().target())).isEmpty();
        }
    }

    @Test
    void aRollbackOnAnArchivedVersion_isRefused() {
        sourceOfEachDay();
        WorkOrder replaced = published(order().run("earlier").build());
        WorkOrder order = published(behind("r1").build());

        failure(ErrorCode.TARGET_CHANGED, () -> rollback(replaced, 0));

        rollback(order, 0);
        rollback(replaced, 0);
        assertThat(rows(SHOWN)).hasSize(15);
    }

    @Test
    void clear_leavesTheVersionAndItsArchive() {
        sourceOfEachDay();
        WorkOrder order = published(behind("r1").build());

        connector().shadows().clear(order);

        assertThat(rows(SHOWN)).hasSize(18);
        assertThat(rows(FORMER)).hasSize(15);
        assertThat(rollback(order, 0).writesLost()).isZero();
    }
}
