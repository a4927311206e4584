package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Write.Rows;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.WorkOrder;
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
        assertThat(counts).isEqualTo(new MergeCounts(3, 0, 1, 1, 1, 0, 4, Map.of("airline", 1L)));
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
        assertThat(counts).isEqualTo(new MergeCounts(3, 0, 0, 2, 1, 0, 3, Map.of("airline", 1L, "delay", 2L)));
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
        assertThat(failure(ErrorCode.SOURCE_COLUMNS, () -> merge(lacking, 0))).hasMessageContaining("delay is missing");
        connector().ledger().abandon(lacking);

        WorkOrder more = begun(order().run("r2")
                .sql("select id, day, airline, delay from app.source where day = :day")
                .writing(Rows.UPDATE_ONLY, List.of("delay"), List.of())
                .build());
        assertThat(failure(ErrorCode.SOURCE_COLUMNS, () -> merge(more, 0))).hasMessageContaining("airline");
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
