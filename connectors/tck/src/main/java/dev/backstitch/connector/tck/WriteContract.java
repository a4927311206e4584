package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Stamp;
import dev.backstitch.spec.Stamp.Value;
import dev.backstitch.spec.Write.Rows;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.WorkOrder;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** What a merge leaves alone when it may not write everything. */
abstract class WriteContract extends Contract {
    WriteContract(Callable<Warehouse> open) {
        super(open);
    }

    private WorkOrder of(Rows rows, List<String> updating, List<String> comparing) {
        return begun(order().writing(rows, updating, comparing).build());
    }

    /** One row that differs in both columns, one that differs in the delay alone, and one that is new. */
    private void changes() {
        source(
                "21, date '2001-01-02', 'BB', 8, null",
                "22, date '2001-01-02', 'AA', 9, null",
                "29, date '2001-01-02', 'CC', 7, null");
    }

    /** The target has two columns for marks, which the source lacks. */
    private WorkOrder stamped(String run) {
        return begun(order().run(run)
                .stamping(new Stamp("written_at", Value.UPDATED_AT), new Stamp("written_by", Value.RUN_ID))
                .build());
    }

    private void addMarks() {
        sql(
                "alter table app.flights add column written_at timestamp",
                "alter table app.flights add column written_by varchar(40)");
    }

    private List<String> marks(WorkOrder order) {
        return rows(
                "select id, coalesce(written_by, '-'), case when written_at is null then 'unmarked' else 'marked' end from "
                        + name(order.shadow()) + " where day = date '2001-01-02' order by id");
    }

    @Test
    void stamping_marksWhatIsInsertedOrChanged_andNothingElse() {
        addMarks();
        WorkOrder order = stamped("r1");
        changes();
        source("23, date '2001-01-02', 'AA', 3, null");

        MergeCounts counts = merge(order, 0);

        assertThat(counts).isEqualTo(new MergeCounts(4, 0, 1, 2, 1, 0, 4, spelt(Map.of("airline", 1L, "delay", 2L))));
        assertThat(marks(order)).containsExactly("21 r1 marked", "22 r1 marked", "23 - unmarked", "29 r1 marked");
    }

    /** By the database's clock, in UTC. */
    @Test
    void stamping_tellsTheTime() {
        addMarks();
        WorkOrder order = stamped("r1");
        changes();
        Instant before = Instant.now().minusSeconds(60);

        merge(order, 0);

        assertThat(rows("select cast(max(written_at) as varchar) from " + name(order.shadow())))
                .singleElement()
                .satisfies(text -> assertThat(
                                LocalDateTime.parse(text.replace(' ', 'T')).toInstant(ZoneOffset.UTC))
                        .isBetween(before, Instant.now().plusSeconds(60)));
    }

    @Test
    void stamping_leavesTheMarksOfTheRunBefore_whereTheSourceIsTheSame() {
        addMarks();
        changes();
        source(
                "23, date '2001-01-02', 'AA', 3, null",
                "31, date '2001-01-03', 'AA', 9, null",
                "41, date '2001-01-04', 'AA', 9, null");
        published(order().run("r1")
                .stamping(new Stamp("written_at", Value.UPDATED_AT), new Stamp("written_by", Value.RUN_ID))
                .build());
        WorkOrder second = stamped("r2");
        List<String> before = rows("select * from app.flights order by id");

        for (int partition = 0; partition < 3; partition++) {
            assertThat(merge(second, partition))
                    .extracting(MergeCounts::inserted, MergeCounts::updated)
                    .containsExactly(0L, 0L);
        }

        assertThat(rows("select * from " + name(second.shadow()) + " order by id"))
                .isEqualTo(before.stream().filter(row -> row.matches("[234].*")).toList());
        assertThat(marks(second)).containsExactly("21 r1 marked", "22 r1 marked", "23 - unmarked", "29 r1 marked");
    }

    @Test
    void stamping_refusesASourceThatBringsTheColumn() {
        addMarks();
        WorkOrder order = begun(order().stamping(new Stamp("written_by", Value.RUN_ID))
                .sql("select id, day, airline, delay, loaded_at as written_at, 'me' as written_by from app.source"
                        + " where day = :day")
                .build());

        assertThat(failure(ErrorCode.SOURCE_COLUMNS, () -> merge(order, 0)))
                .satisfies(failure ->
                        assertThat(failure.getMessage()).containsIgnoringCase("written_by is set by stamping(..)"));
    }

    private List<String> day(WorkOrder order) {
        return rows("select id, airline, delay from " + name(order.shadow())
                + " where day = date '2001-01-02' order by id");
    }

    @Test
    void updating_overwritesTheseColumns_andInsertsWholeRows() {
        WorkOrder order = of(Rows.ALL, List.of("airline"), List.of());
        changes();

        MergeCounts counts = merge(order, 0);

        assertThat(day(order)).containsExactly("21 BB 1", "22 AA 2", "23 AA 3", "29 CC 7");
        assertThat(counts).isEqualTo(new MergeCounts(3, 0, 1, 1, 1, 0, 4, spelt(Map.of("airline", 1L))));
    }

    @Test
    void comparing_leavesRowsThatDifferElsewhere() {
        WorkOrder order = of(Rows.ALL, List.of(), List.of("airline"));
        changes();

        MergeCounts counts = merge(order, 0);

        assertThat(day(order)).containsExactly("21 BB 8", "22 AA 2", "23 AA 3", "29 CC 7");
        assertThat(counts).isEqualTo(new MergeCounts(3, 0, 1, 1, 1, 0, 4));
    }

    @Test
    void comparing_seesANullComeAndGo() {
        sql("update app.flights set airline = null where id = 22");
        WorkOrder order = of(Rows.ALL, List.of("delay"), List.of("airline"));
        source("21, date '2001-01-02', null, 8, null", "22, date '2001-01-02', null, 9, null");

        merge(order, 0);

        assertThat(day(order)).containsExactly("21 AA 8", "22 null 2", "23 AA 3");
    }

    @Test
    void updateOnly_insertsNothing() {
        WorkOrder order = of(Rows.UPDATE_ONLY, List.of(), List.of());
        changes();

        MergeCounts counts = merge(order, 0);

        assertThat(day(order)).containsExactly("21 BB 8", "22 AA 9", "23 AA 3");
        assertThat(counts).isEqualTo(new MergeCounts(3, 0, 0, 2, 1, 0, 3, spelt(Map.of("airline", 1L, "delay", 2L))));
    }

    @Test
    void updateOnly_ofAColumn_needsNoOther() {
        WorkOrder order = begun(order().sql("select id, day, delay from app.source where day = :day")
                .writing(Rows.UPDATE_ONLY, List.of("delay"), List.of())
                .build());
        changes();

        merge(order, 0);

        assertThat(day(order)).containsExactly("21 AA 8", "22 AA 9", "23 AA 3");
    }

    @Test
    void updateOnly_ofAColumn_refusesAQueryThatLacksIt_andOneThatBringsMore() {
        WorkOrder lacking = begun(order().sql("select id, day from app.source where day = :day")
                .writing(Rows.UPDATE_ONLY, List.of("delay"), List.of())
                .build());
        assertThat(failure(ErrorCode.SOURCE_COLUMNS, () -> merge(lacking, 0)).getMessage())
                .containsIgnoringCase("delay is missing");
        connector().ledger().abandon(lacking);

        WorkOrder more = begun(order().run("r2")
                .sql("select id, day, airline, delay from app.source where day = :day")
                .writing(Rows.UPDATE_ONLY, List.of("delay"), List.of())
                .build());
        assertThat(failure(ErrorCode.SOURCE_COLUMNS, () -> merge(more, 0))).hasMessageContaining(spelt("airline"));
    }

    @Test
    void insertOnlyMissing_leavesWhatIsThere() {
        WorkOrder order = of(Rows.INSERT_ONLY_MISSING, List.of(), List.of());
        changes();

        MergeCounts counts = merge(order, 0);

        assertThat(day(order)).containsExactly("21 AA 1", "22 AA 2", "23 AA 3", "29 CC 7");
        assertThat(counts).isEqualTo(new MergeCounts(3, 0, 1, 0, 2, 0, 4));
    }

    @Test
    void insertOnlyMissing_leavesARowThatLiesInAnotherPartition_whereItIs() {
        WorkOrder order = of(Rows.INSERT_ONLY_MISSING, List.of(), List.of());
        source("31, date '2001-01-02', 'BB', 9, null");

        merge(order, 0);

        assertThat(rows("select day, airline from " + name(order.shadow()) + " where id = 31"))
                .containsExactly("2001-01-03 AA");
    }

    @Test
    void aRowThatMoves_isRefused_whereItIsUpdatedInPart() {
        WorkOrder order = of(Rows.ALL, List.of("airline"), List.of());
        source("31, date '2001-01-02', 'BB', 9, null");

        assertThat(failure(ErrorCode.KEY_IN_TWO_PARTITIONS, () -> merge(order, 0)))
                .hasMessageContaining("updated in part");
        assertThat(rows("select day, airline from " + name(order.shadow()) + " where id = 31"))
                .containsExactly("2001-01-03 AA");
    }

    @Test
    void aRowThatMoves_moves_whereItDiffersInWhatIsCompared() {
        WorkOrder order = of(Rows.ALL, List.of(), List.of("airline"));
        source("31, date '2001-01-02', 'BB', 9, null", "32, date '2001-01-02', 'AA', 9, null");

        merge(order, 0);

        assertThat(rows("select id, day, airline, delay from " + name(order.shadow())
                        + " where id in (31, 32) order by id"))
                .containsExactly("31 2001-01-02 BB 9", "32 2001-01-03 AA 2");
    }

    @Test
    void deletingMissing_countsWhatTheSourceBrings_writtenOrNot() {
        WorkOrder order = begun(order().writing(Rows.INSERT_ONLY_MISSING, List.of(), List.of())
                .deletingMissing(50)
                .build());
        changes();

        MergeCounts counts = merge(order, 0);

        assertThat(day(order)).containsExactly("21 AA 1", "22 AA 2", "29 CC 7");
        assertThat(counts.deleted()).isEqualTo(1);
    }
}
