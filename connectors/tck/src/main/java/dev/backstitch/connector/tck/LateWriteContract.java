package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of rows that are written to the target while its backfill runs, where the order says to catch up. */
abstract class LateWriteContract extends Contract {
    private static final String ALL = "select id, day, airline, delay from app.flights order by id, day, delay";

    LateWriteContract(Callable<Warehouse> open) {
        super(open);
    }

    /** How the shadow is published. */
    enum Way {
        REPLACE,
        SWAP
    }

    private OrderDraft order(Way way) {
        source(
                "21, date '2001-01-02', 'BB', 9, null",
                "29, date '2001-01-02', 'CC', 9, null",
                "31, date '2001-01-03', 'BB', 9, null",
                "41, date '2001-01-04', 'BB', 9, null");
        return (way == Way.SWAP ? order().swapping() : order()).catchingUp();
    }

    private Archive publish(WorkOrder order) {
        return connector().publishes().publish(order, Interrupt.never());
    }

    private Head.State state(WorkOrder order) {
        return connector().ledger().head(order.target().name()).orElseThrow().state();
    }

    private void writeLate() {
        sql(
                "update app.flights set delay = 77 where id = 22",
                "update app.flights set delay = 78 where id = 31",
                "delete from app.flights where id = 33",
                "insert into app.flights values (28, date '2001-01-02', 'AA', 5)",
                "update app.flights set day = date '2001-01-04' where id = 32",
                "update app.flights set delay = 79 where id = 11",
                "insert into app.flights values (59, date '2001-01-05', 'AA', 6)",
                "delete from app.flights where id = 52",
                "update app.flights set day = date '2001-01-05' where id = 43");
    }

    private void assertIsPublishedWithWhatCameLate() {
        assertThat(rows(ALL))
                .containsExactly(
                        "11 2001-01-01 AA 79",
                        "12 2001-01-01 AA 2",
                        "13 2001-01-01 AA 3",
                        "21 2001-01-02 BB 9",
                        "22 2001-01-02 AA 77",
                        "23 2001-01-02 AA 3",
                        "28 2001-01-02 AA 5",
                        "29 2001-01-02 CC 9",
                        "31 2001-01-03 BB 9",
                        "32 2001-01-04 AA 2",
                        "41 2001-01-04 BB 9",
                        "42 2001-01-04 AA 2",
                        "43 2001-01-05 AA 3",
                        "51 2001-01-05 AA 1",
                        "53 2001-01-05 AA 3",
                        "59 2001-01-05 AA 6");
    }

    @ParameterizedTest
    @EnumSource
    void afterTheAudit_itIsBroughtIn_andTheMergeHasTheLastWord(Way way) {
        WorkOrder order = audited(order(way).build());
        writeLate();
        List<String> written = rows(ALL);

        Archive archive = publish(order);

        assertIsPublishedWithWhatCameLate();
        assertThat(connector().ledger().notes(order))
                .extracting(AuditNote::name, AuditNote::outcome, AuditNote::observed)
                .containsExactly(tuple(
                        "late writes, 1",
                        "PASSED",
                        "3 partitions seeded and merged again: 2001-01-02, 2001-01-03, 2001-01-04"
                                + (way == Way.SWAP ? "; rows outside the scope copied" : "")));
        assertThat(archive.rows()).isEqualTo(way == Way.SWAP ? 15 : 8);
        assertThat(archive.rowsPublished()).isEqualTo(way == Way.SWAP ? 16 : 9);
        assertThat(entries("r1")).extracting(Entry::state).containsOnly(Entry.State.PUBLISHED);
        assertThat(entries("r1")).extracting(entry -> entry.rows().rowsAfter()).containsExactly(5L, 1L, 3L);

        connector().publishes().rollback(order, 0, Interrupt.never());

        assertThat(rows(ALL)).isEqualTo(written);
    }

    @ParameterizedTest
    @EnumSource
    void beforeTheAudit_itIsInWhatIsMeasured(Way way) {
        WorkOrder order = merged(order(way).build());
        writeLate();

        Evidence evidence =
                connector().measures().measure(order, List.of(new Measure.ChangedOutsideScope()), Interrupt.never());

        assertThat(evidence.value(new Measure.ChangedOutsideScope())).isZero();
        assertThat(evidence.partitions())
                .extracting(Evidence.PartitionRows::target)
                .containsExactly(4L, 1L, 3L);
        assertThat(evidence.partitions())
                .extracting(Evidence.PartitionRows::shadow)
                .containsExactly(5L, 1L, 3L);
        connector().ledger().audited(order);
        assertThat(connector().ledger().entries(order)).extracting(Entry::state).containsOnly(Entry.State.AUDITED);

        publish(order);

        assertIsPublishedWithWhatCameLate();
    }

    @ParameterizedTest
    @EnumSource
    void afterTheLastRound_itIsBroughtIn_whileWritersWait(Way way) {
        WorkOrder order = audited(order(way).build());
        watched().restart();
        // The first commit is that of a round that has found nothing, and no other follows.
        watched().before("commit"::equals, this::writeLate);

        publish(order);

        assertThat(watched().everythingHappened()).isTrue();
        assertIsPublishedWithWhatCameLate();
    }

    @ParameterizedTest
    @EnumSource
    void againAndAgain_itIsBroughtIn(Way way) {
        WorkOrder order = merged(order(way).build());
        sql("update app.flights set delay = 60 where id = 22", "update app.flights set delay = 61 where id = 11");
        connector().measures().measure(order, List.of(), Interrupt.never());
        sql("update app.flights set delay = 70 where id = 22", "update app.flights set delay = 71 where id = 12");
        connector().measures().measure(order, List.of(), Interrupt.never());
        connector().ledger().audited(order);
        sql("update app.flights set delay = 80 where id = 42", "update app.flights set delay = 81 where id = 53");

        publish(order);

        assertThat(rows(ALL))
                .contains(
                        "22 2001-01-02 AA 70",
                        "11 2001-01-01 AA 61",
                        "12 2001-01-01 AA 71",
                        "42 2001-01-04 AA 80",
                        "53 2001-01-05 AA 81");
        assertThat(rows("select count(*) from app.flights")).containsExactly("16");
    }

    @ParameterizedTest
    @EnumSource
    void aRowThatTheMergeHasMoved_staysWhereItIs_whenItsOldPartitionIsWritten(Way way) {
        source("42, date '2001-01-03', 'CC', 8, null");
        WorkOrder order = audited(order(way).build());
        sql("update app.flights set delay = 90 where id = 43");

        publish(order);

        assertThat(rows(ALL))
                .contains("42 2001-01-03 CC 8", "43 2001-01-04 AA 90")
                .hasSize(16);
        assertThat(rows(ALL)).noneMatch(row -> row.startsWith("42 2001-01-04"));
    }

    @ParameterizedTest
    @EnumSource
    void aLateRowWithAKeyOfAnotherPartitionsSource_movesThere_asOneThatCameBefore(Way way) {
        source("42, date '2001-01-03', 'CC', 8, null");
        WorkOrder order = audited(order(way).build());
        sql("insert into app.flights values (29, date '2001-01-03', 'AA', 5)");

        publish(order);

        assertThat(rows(ALL))
                .contains("29 2001-01-02 CC 9", "42 2001-01-03 CC 8")
                .hasSize(16);
    }

    @ParameterizedTest
    @EnumSource
    void aKeyOutsideTheScope_keepsThePublishBack(Way way) {
        WorkOrder order = audited(order(way).build());
        sql("insert into app.flights values (29, date '2001-01-05', 'AA', 5)");
        List<String> written = rows(ALL);
        List<String> shadow = shadow(order);

        // A replace leaves the other row alone, so that the table's own key refuses it; a swap would bring both.
        assertThatThrownBy(() -> publish(order))
                .isInstanceOfSatisfying(
                        BackstitchException.class,
                        refused -> assertThat(refused.code())
                                .isIn(
                                        way == Way.SWAP
                                                ? Set.of(ErrorCode.KEY_IN_TWO_PARTITIONS)
                                                : Set.of(ErrorCode.STATEMENT_REFUSED, ErrorCode.CONFLICT)));

        assertThat(rows(ALL)).isEqualTo(written);
        assertThat(shadow(order)).isEqualTo(shadow);
        assertThat(state(order)).isEqualTo(Head.State.AUDITED);
        assertThat(entries("r1")).extracting(Entry::state).containsOnly(Entry.State.AUDITED);

        sql("delete from app.flights where id = 29");
        publish(order);

        assertThat(rows(ALL)).contains("29 2001-01-02 CC 9").hasSize(16);
    }

    @ParameterizedTest
    @EnumSource
    void withoutALateWrite_nothingIsDoneTwice(Way way) {
        WorkOrder order = audited(order(way).build());
        // No longer readable: a merge that ran again would fail.
        sql("drop table app.source");

        publish(order);

        assertThat(rows(ALL)).contains("29 2001-01-02 CC 9").hasSize(16);
    }

    @ParameterizedTest
    @EnumSource
    void onlyWhatWasWritten_isMergedAgain(Way way) {
        WorkOrder order = audited(order(way).build());
        sql("update app.flights set delay = 77 where id = 22", "update app.source set airline = 'DD'");

        publish(order);

        assertThat(rows(ALL)).contains("22 2001-01-02 AA 77", "21 2001-01-02 DD 9", "31 2001-01-03 BB 9");
    }

    @ParameterizedTest
    @EnumSource
    void aRowThatTheSourceLacks_goesWhereThatIsDeclared(Way way) {
        source("22, date '2001-01-02', 'BB', 9, null", "23, date '2001-01-02', 'BB', 9, null");
        WorkOrder order = audited(order(way).days(2, 1).deletingMissing(25).build());
        sql("insert into app.flights values (28, date '2001-01-02', 'AA', 5)");

        publish(order);

        assertThat(rows("select id from app.flights where day = date '2001-01-02' order by id"))
                .containsExactly("21", "22", "23", "29");
    }

    @ParameterizedTest
    @EnumSource
    void aShadowThatSomebodyElseChanged_isNotCaughtUp(Way way) {
        WorkOrder order = audited(order(way).build());
        sql(
                "update app.flights set delay = 77 where id = 22",
                "update " + name(order.shadow()) + " set delay = 1 where id = 41");

        failure(ErrorCode.SHADOW_CHANGED, () -> publish(order));

        assertThat(rows(ALL))
                .contains("22 2001-01-02 AA 77", "41 2001-01-04 AA 1")
                .hasSize(15);
        assertThat(state(order)).isEqualTo(Head.State.AUDITED);
    }

    @ParameterizedTest
    @EnumSource
    void anAddedColumn_isComputedForWhatCameLate(Way way) {
        WorkOrder order = audited(order(way)
                .adding("gate", "varchar(4)")
                .sql("select id, day, airline, delay, 'G' || delay as gate from app.flights where day = :day")
                .build());
        sql("update app.flights set delay = 77 where id = 22", "update app.flights set delay = 78 where id = 11");

        publish(order);

        assertThat(rows("select id, delay, gate from app.flights where id in (11, 12, 21, 22) order by id"))
                .containsExactly("11 78 null", "12 2 null", "21 1 G1", "22 77 G77");
    }

    @Test
    void rowsOutsideTheScopeWithoutAKeyOfTheTable_areBroughtInAsOftenAsTheyAreThere() {
        sql(
                "create table app.loose (id bigint, day date not null, airline varchar(20), delay integer)",
                "insert into app.loose select id, day, airline, delay from app.flights",
                "create table app.kept as select * from app.flights",
                "drop table app.flights",
                "alter table app.loose rename to flights");
        WorkOrder order = audited(order(Way.SWAP).build());
        sql("delete from app.flights where id = 12", "insert into app.flights values (58, date '2001-01-05', 'AA', 5)");

        publish(order);

        assertThat(rows("select id from app.flights where day in (date '2001-01-01', date '2001-01-05') order by id"))
                .containsExactly("11", "13", "51", "52", "53", "58");
    }
}
