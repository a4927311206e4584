package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Refusal.refusalOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.AddedColumn;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.WorkOrder;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A publish and its rollback, from the seed on, with nobody else around. */
class PublishTest {
    /** What must not outlive a run; archive and seal wait for a rollback. */
    private static final String OF_OURS =
            "select relname from pg_class where relname ~ '^bf_' and relname !~ '_(archive|seal)$' and relkind in ('r', 'S')"
                    + " and relname not in ('bf_head', 'bf_ledger', 'bf_archive', 'bf_task', 'bf_audit', 'bf_plan')"
                    + " union all select proname from pg_proc where"
                    + " proname ~ '^bf_' union all select tgname from pg_trigger where tgname ~ '^bf_'";

    private Warehouse warehouse;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
        warehouse.run(
                "create table flights (id bigint primary key, day date, delay int, note text default 'none')",
                "insert into flights select i, date '2001-01-01' + i % 5, i, 'old' from generate_series(0, 99) i",
                "create table source as select id, day, delay * 2 as delay, 'new' as note from flights where id % 10 <> 2",
                "insert into source values (1000, '2001-01-02', 5, 'new')");
    }

    @AfterEach
    void tearDown() throws SQLException {
        warehouse.close();
    }

    private String checksum() throws SQLException {
        return warehouse.ask("select md5(string_agg(f::text, '|' order by id)) from flights f");
    }

    @Test
    void replace_publishesTheScopeAlone() throws SQLException {
        String outside = "select md5(string_agg(f::text, '|' order by id)) from flights f where day > '2001-01-03'";
        String before = warehouse.ask(outside);
        Archive published =
                Work.replacing(warehouse, "flights", "source").ready().publish();

        assertThat(published.rows()).isEqualTo(60);
        assertThat(published.rowsPublished()).isEqualTo(61);
        assertThat(warehouse.ask(outside)).isEqualTo(before);
        assertThat(warehouse.ask("select count(*) from flights where note = 'new'"))
                .isEqualTo("51");
        assertThat(warehouse.ask("select count(*) from bf_111111111111_archive"))
                .isEqualTo("60");
    }

    @Test
    void replace_leavesNothingBehind() throws SQLException {
        Work.replacing(warehouse, "flights", "source").ready().published();
        assertThat(warehouse.rows(OF_OURS)).isEmpty();
        assertThat(warehouse.rows("select relname from pg_class where relname ~ '_changes'"))
                .isEmpty();
    }

    @Test
    void replace_isUndoneByARollback() throws SQLException {
        String before = checksum();
        Work work = Work.replacing(warehouse, "flights", "source").ready().published();
        assertThat(checksum()).isNotEqualTo(before);
        work.rollBack(0);
        assertThat(checksum()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theArchive_mayHaveANameThatPeopleChose(boolean swap) throws SQLException {
        String before = checksum();
        Work usual =
                swap ? Work.swapping(warehouse, "flights", "source") : Work.replacing(warehouse, "flights", "source");
        WorkOrder order = usual.order();
        Work work = usual.with(new WorkOrder(
                        order.run(),
                        order.epoch(),
                        order.dag(),
                        order.backfill(),
                        order.actor(),
                        order.logic(),
                        order.target(),
                        order.shadow(),
                        order.target().name().sibling("Flights \"v1\" archive"),
                        order.partitionColumns(),
                        order.scope(),
                        order.seed(),
                        order.merge(),
                        order.publish()))
                .ready()
                .published();
        assertThat(warehouse.ask("select count(*) > 0 from \"Flights \"\"v1\"\" archive\""))
                .isEqualTo("t");

        work.rollBack(0);

        assertThat(checksum()).isEqualTo(before);
        assertThat(warehouse.ask("select count(*) from pg_class where relname like 'Flights%'"))
                .isEqualTo("0");
    }

    @Test
    void replace_addsTheColumnAndARollbackTakesItAway() throws SQLException {
        String before = checksum();
        warehouse.run("alter table source add column class text default 'late'");
        Work work = Work.of(
                        warehouse,
                        "flights",
                        "select * from source where day >= :partition_start and day < :partition_end",
                        new Shadow<>(Seed.SCOPE_OF_TARGET, List.of(new AddedColumn("class", "varchar(12)"))),
                        new Publish.ReplacePartitions(Duration.ofDays(1)))
                .ready()
                .published();
        assertThat(warehouse.ask("select count(*) from flights where class = 'late'"))
                .isEqualTo("51");
        work.rollBack(0);
        assertThat(checksum()).isEqualTo(before);
    }

    @Test
    void swap_putsTheShadowInTheTargetsPlace() throws SQLException {
        String identity = warehouse.table("flights").identity();
        Archive published =
                Work.swapping(warehouse, "flights", "source").ready().publish();
        assertThat(published.rows()).isEqualTo(100);
        assertThat(published.rowsPublished()).isEqualTo(101);
        assertThat(warehouse.table("flights").identity()).isNotEqualTo(identity);
        assertThat(warehouse.table("bf_111111111111_archive").identity()).isEqualTo(identity);
        assertThat(warehouse.ask("select count(*) from flights where note = 'new'"))
                .isEqualTo("51");
        assertThat(warehouse.rows(OF_OURS)).isEmpty();
    }

    @Test
    void swap_isUndoneByARollback() throws SQLException {
        String before = checksum();
        String identity = warehouse.table("flights").identity();
        String structure = warehouse.table("flights").structure();
        Work work = Work.swapping(warehouse, "flights", "source").ready().published();
        work.rollBack(0);
        assertThat(checksum()).isEqualTo(before);
        assertThat(warehouse.table("flights").identity()).isEqualTo(identity);
        assertThat(warehouse.table("flights").structure()).isEqualTo(structure);
        assertThat(warehouse.rows(OF_OURS)).isEmpty();
    }

    @Test
    void swap_isRefused_whereTheTargetGotAnIndex_untilTheShadowIsMeasuredAgain() throws SQLException {
        String before = checksum();
        Work work = Work.swapping(warehouse, "flights", "source").ready();
        warehouse.run("create index by_note on flights (note)");
        BackstitchException refusal = refusalOf(work::publish);
        assertThat(refusal.code()).isEqualTo(ErrorCode.TARGET_CHANGED);
        assertThat(refusal.getMessage()).contains("lost: ", "by_note");
        assertThat(checksum()).isEqualTo(before);

        work.audited().published();
        assertThat(warehouse.ask("select indexdef from pg_indexes where indexname = 'by_note'"))
                .endsWith("ON public.flights USING btree (note)");
    }

    @Test
    void swap_isRefused_whereTheTargetLostAnIndex_untilTheShadowIsMeasuredAgain() throws SQLException {
        warehouse.run("create index by_note on flights (note)");
        Work work = Work.swapping(warehouse, "flights", "source").ready();
        warehouse.run("drop index by_note");
        assertThat(refusalOf(work::publish).code()).isEqualTo(ErrorCode.TARGET_CHANGED);

        work.audited().published();
        assertThat(warehouse.ask("select count(*) from pg_index where indrelid = 'flights'::regclass"))
                .isEqualTo("1");
    }

    @Test
    void replace_overlooksIndexesThatCameAndWent() throws SQLException {
        warehouse.run("create index by_note on flights (note)");
        Work work = Work.replacing(warehouse, "flights", "source").ready();
        warehouse.run("drop index by_note", "create index by_delay on flights (delay)");
        work.published();
        assertThat(warehouse.ask("select string_agg(indexname, ' ' order by indexname) from pg_indexes"
                        + " where tablename = 'flights'"))
                .isEqualTo("by_delay flights_pkey");
    }

    @Test
    void rollback_countsInsertedChangedAndDeletedRowsOnce() throws SQLException {
        for (boolean swap : new boolean[] {false, true}) {
            Work work = (swap
                            ? Work.swapping(warehouse, "flights", "source")
                            : Work.replacing(warehouse, "flights", "source"))
                    .ready()
                    .published();
            warehouse.run(
                    "insert into flights values (2000, '2001-01-01', 1)",
                    "update flights set delay = -1 where id in (0, 1)",
                    "delete from flights where id = 5");
            assertThat(refusalOf(() -> work.rollBack(0)).code()).isEqualTo(ErrorCode.WRITTEN_SINCE_PUBLISH);
            assertThat(refusalOf(() -> work.rollBack(3)).getMessage()).contains("found 4 ");
            work.rollBack(4);
            assertThat(warehouse.ask("select count(*) from flights")).isEqualTo("100");
            warehouse.run("drop schema backstitch cascade");
        }
    }
}
