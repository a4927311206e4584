package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Merge.Dedupe;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.WorkOrder;
import java.sql.SQLException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** The merge of one partition: what it refuses, with the shadow and the ledger as they were. */
abstract class MergeRefusalContract extends Contract {
    MergeRefusalContract(Callable<Warehouse> open) {
        super(open);
    }

    @Test
    void merge_isRefused_whenTheSourceLacksAColumnOrHasOneMore() {
        WorkOrder order = begun(order().sql("select id, day, airline, 1 as gate from app.source where day = :day")
                .build());

        BackstitchException failure = failure(ErrorCode.SOURCE_COLUMNS, () -> merge(order, 0));

        assertThat(failure.getMessage())
                .containsIgnoringCase("delay is missing")
                .containsIgnoringCase("gate");
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

        assertThat(failure.getMessage())
                .containsIgnoringCase("delay is missing")
                .containsIgnoringCase("lateness");
        sql("alter table app.moved rename column lateness to delay");
        merge(order, 1);
        assertThat(connector().ledger().entries(order))
                .filteredOn(entry -> entry.state() == Entry.State.MERGED)
                .hasSize(2);
    }

    @Test
    void merge_runsARefusedQueryOnce_alsoAfterOthersThatPassed() {
        source("31, date '2001-01-03', 'not a number', 1, null");
        WorkOrder order = begun(order().sql(
                        "select id, day, airline, cast(airline as integer) as delay from app.source where day = :day")
                .build());
        merge(order, 0);
        watched().restart();

        failure(ErrorCode.STATEMENT_REFUSED, () -> merge(order, 1));

        assertThat(watched().statements())
                .filteredOn(statement -> statement.startsWith("insert into"))
                .hasSize(1);
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
        assertThat(entries("r1").get(0).state()).isEqualTo(Entry.State.CLAIMED);
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
    void merge_isRefused_whenRowsWithOneKeyAreNotIdentical() {
        WorkOrder order = begun(order().deduping(new Dedupe.IdenticalRows()).build());
        source(
                "21, date '2001-01-02', 'AA', 7, null",
                "21, date '2001-01-02', 'AA', 7, null",
                "22, date '2001-01-02', 'AA', 7, null",
                "22, date '2001-01-02', null, 7, null");

        BackstitchException failure = failure(ErrorCode.DUPLICATE_KEY, () -> merge(order, 0));

        assertThat(failure)
                .hasMessageContaining("to be equal in every column, found that they differ, such as for 22.");
        assertThat(shadow(order)).contains("21 2001-01-02 AA 1", "22 2001-01-02 AA 2");
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
    void merge_isRefused_whenTheKeyCameWithAnotherPartition() {
        WorkOrder order = begun(order().build());
        source("99, date '2001-01-02', 'AA', 1, null", "99, date '2001-01-03', 'BB', 1, null");
        merge(order, 0);

        BackstitchException failure = failure(ErrorCode.KEY_IN_TWO_PARTITIONS, () -> merge(order, 1));

        assertThat(failure).hasMessageContaining("deletingMissing");
        assertThat(shadow(order)).contains("99 2001-01-02 AA 1");
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
}
