package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Merge.Dedupe;
import dev.backstitch.spec.Merge.Dedupe.End;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** The merge of one partition: what it makes of a source, and what it counts. */
abstract class MergeContract extends Contract {
    MergeContract(Callable<Warehouse> open) {
        super(open);
    }

    @Test
    void merge_insertsUpdatesAndKeeps_andSaysSo() {
        WorkOrder order = begun(order().build());
        source(
                "21, date '2001-01-02', 'AA', 1, null",
                "22, date '2001-01-02', 'BB', 2, null",
                "29, date '2001-01-02', null, null, null");

        MergeCounts counts = merge(order, 0);

        assertThat(counts).isEqualTo(new MergeCounts(3, 0, 1, 1, 1, 0, 4, spelt(Map.of("airline", 1L))));
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
        assertThat(entries("r1").get(0))
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

        assertThat(counts).isEqualTo(new MergeCounts(3, 0, 0, 2, 1, 0, 3, spelt(Map.of("airline", 1L, "delay", 1L))));
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
    void merge_storesWhatTheColumnsTypeMakesOfAValue_andComparesThat() {
        WorkOrder order = begun(order().sql(
                        "select cast(id as varchar(9)) as id, day, airline, delay + 0.25 as delay from app.source where day = :day")
                .build());
        source("21, date '2001-01-02', 'AA', 1, null");

        boolean assigned = rejects(() -> merge(order, 0));

        if (assigned) {
            assertThat(shadow(order)).contains("21 2001-01-02 AA 1");
            assertThat(entries("r1").get(0).rows().unchanged()).isEqualTo(1);
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
    void merge_breaksTiesByTheNextColumns() {
        WorkOrder order = begun(order().deduping(new Dedupe.Keep(End.LATEST, List.of("loaded_at", "delay")))
                .sql("select id, day, airline, delay, loaded_at from app.source where day = :day")
                .build());
        source(
                "21, date '2001-01-02', 'low', 1, timestamp '2001-01-02 11:00:00'",
                "21, date '2001-01-02', 'high', 2, timestamp '2001-01-02 11:00:00'",
                "21, date '2001-01-02', 'old', 3, timestamp '2001-01-02 10:00:00'");

        assertThat(merge(order, 0).deduped()).isEqualTo(2);
        assertThat(shadow(order)).contains("21 2001-01-02 high 2");
    }

    @Test
    void merge_keepsTheFirst_whereThatIsDeclared_andNullsOnlyIfThereIsNoOther() {
        WorkOrder order = begun(order().deduping(new Dedupe.Keep(End.FIRST, List.of("loaded_at")))
                .sql("select id, day, airline, delay, loaded_at from app.source where day = :day")
                .build());
        source(
                "21, date '2001-01-02', 'old', 1, timestamp '2001-01-02 10:00:00'",
                "21, date '2001-01-02', 'new', 1, timestamp '2001-01-02 11:00:00'",
                "21, date '2001-01-02', 'nul', 1, null",
                "22, date '2001-01-02', 'one', 1, null");

        assertThat(merge(order, 0).deduped()).isEqualTo(2);
        assertThat(shadow(order)).contains("21 2001-01-02 old 1", "22 2001-01-02 one 1");
    }

    @Test
    void merge_collapsesIdenticalRows_whereThatIsDeclared() {
        WorkOrder order = begun(order().deduping(new Dedupe.IdenticalRows()).build());
        source(
                "21, date '2001-01-02', null, 7, null",
                "21, date '2001-01-02', null, 7, null",
                "21, date '2001-01-02', null, 7, null",
                "22, date '2001-01-02', 'AA', 8, null");

        MergeCounts counts = merge(order, 0);

        assertThat(counts.staged()).isEqualTo(4);
        assertThat(counts.deduped()).isEqualTo(2);
        assertThat(shadow(order)).contains("21 2001-01-02 null 7", "22 2001-01-02 AA 8");
    }

    @Test
    void merge_keepsTheLatest_byAColumnOfTheTarget() {
        WorkOrder order = begun(order().keepingLatestBy("delay").build());
        source("21, date '2001-01-02', 'old', 1, null", "21, date '2001-01-02', 'new', 2, null");

        merge(order, 0);

        assertThat(shadow(order)).contains("21 2001-01-02 new 2");
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

        assertThat(counts).isEqualTo(new MergeCounts(1, 0, 0, 1, 0, 0, 4, spelt(Map.of("airline", 1L, "day", 1L))));
        assertThat(shadow(order)).hasSize(9).contains("31 2001-01-02 BB 1");
        assertThat(merge(order, 1).rowsAfter()).isEqualTo(2);
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
