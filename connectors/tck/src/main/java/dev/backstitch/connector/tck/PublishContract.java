package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Rule;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a publish does, and what it refuses. */
abstract class PublishContract extends Contract {
    PublishContract(Callable<Warehouse> open) {
        super(open);
    }

    private static final String ALL = "select id, day, airline, delay from app.flights order by id";

    private void sourceOfEachDay() {
        for (int day = 2; day <= 4; day++) {
            sql("insert into app.source values (" + day + "1, date '2001-01-0" + day + "', 'BB', 9, null)");
            sql("insert into app.source values (" + day + "9, date '2001-01-0" + day + "', 'CC', 9, null)");
        }
    }

    private void assertIsPublished() {
        assertThat(rows(ALL))
                .containsExactly(
                        "11 2001-01-01 AA 1",
                        "12 2001-01-01 AA 2",
                        "13 2001-01-01 AA 3",
                        "21 2001-01-02 BB 9",
                        "22 2001-01-02 AA 2",
                        "23 2001-01-02 AA 3",
                        "29 2001-01-02 CC 9",
                        "31 2001-01-03 BB 9",
                        "32 2001-01-03 AA 2",
                        "33 2001-01-03 AA 3",
                        "39 2001-01-03 CC 9",
                        "41 2001-01-04 BB 9",
                        "42 2001-01-04 AA 2",
                        "43 2001-01-04 AA 3",
                        "49 2001-01-04 CC 9",
                        "51 2001-01-05 AA 1",
                        "52 2001-01-05 AA 2",
                        "53 2001-01-05 AA 3");
    }

    private Archive publish(WorkOrder order) {
        return connector().publishes().publish(order, Interrupt.never());
    }

    private Head.State state(WorkOrder order) {
        return connector().ledger().head(order.target().name()).orElseThrow().state();
    }

    @Test
    void replace_bringsTheScope_andKeepsAnArchive() {
        sourceOfEachDay();
        WorkOrder order = audited(order().build());

        Archive published = publish(order);

        assertIsPublished();
        assertThat(published.rows()).isEqualTo(9);
        assertThat(published.rowsPublished()).isEqualTo(12);
        assertThat(rows("select count(*) from " + name(order.archive()) + " where airline = 'AA'"))
                .containsExactly("9");
        assertThat(state(order)).isEqualTo(Head.State.PUBLISHED);
        assertThat(entries("r1")).extracting(Entry::state).containsOnly(Entry.State.PUBLISHED);
        assertThat(connector().ledger().archives(order.target().name())).containsExactly(published);
        assertThat(published.state()).isEqualTo(Archive.State.KEPT);
        assertThat(Duration.between(published.createdAt(), published.expiresAt()))
                .isEqualTo(Duration.ofDays(30));
        assertThat(fixture().target().structure()).isEqualTo(order.target().structure());
    }

    @Test
    void swap_bringsTheTable_andKeepsTheFormerOne() {
        sourceOfEachDay();
        WorkOrder order = audited(order().swapping().build());

        Archive published = publish(order);

        assertIsPublished();
        assertThat(published.rows()).isEqualTo(15);
        assertThat(published.rowsPublished()).isEqualTo(18);
        assertThat(rows("select count(*) from " + name(order.archive()) + " where airline = 'AA'"))
                .containsExactly("15");
        assertThat(fixture().target().structure()).isEqualTo(order.target().structure());
        assertThat(fixture().target().uniqueKeys()).containsExactly(List.of("id"));
    }

    @Test
    void whatIsLiveAfterIt_isMeasuredAsTheShadowWas() {
        for (boolean swapping : fixture().swaps() ? new boolean[] {false, true} : new boolean[] {false}) {
            sourceOfEachDay();
            WorkOrder order = audited(swapping ? order().run("r2").swapping().build() : order().build());
            publish(order);
            sql("update app.flights set airline = null where id in (12, 22, 32)");
            sql("update app.flights set delay = 77 where id in (13, 23)");
            Measure nulls = new Measure.RowsWithNull(List.of("airline"));
            Measure late = new Measure.RowsBreaking(new Rule.Satisfies("delay < 77"));
            Measure unique = new Measure.DuplicateGroups(List.of("id"));
            Measure groups = new Measure.DuplicateGroups(List.of("airline", "delay"));
            Measure found = new Measure.RowsFound("select * from :shadow where delay = 77");
            Measure.Figure rows = new Measure.Figure(Measure.Side.SHADOW, Metric.rowCount());

            Evidence live = connector()
                    .measures()
                    .measureLive(order, List.of(nulls, late, unique, groups, found, rows), Interrupt.never());

            assertThat(live.value(nulls)).isEqualTo(2);
            assertThat(live.value(late)).isEqualTo(1);
            assertThat(live.breaking(late)).containsEntry("2001-01-02", 1L);
            assertThat(live.value(unique)).isZero();
            assertThat(live.value(groups)).isPositive();
            assertThat(live.value(found)).isEqualTo(2);
            assertThat(live.partitions())
                    .extracting(Evidence.PartitionRows::shadow)
                    .containsExactly(4L, 4L, 4L);
            sql("update app.flights set airline = 'AA' where airline is null");
            sql("update app.flights set delay = 3 where delay = 77");
            sql("delete from app.source");
        }
    }

    @Test
    void replace_leavesTheScopeOfAWholeCopyOnly() {
        sourceOfEachDay();
        WorkOrder order = audited(order().seed(Seed.WHOLE_TARGET).build());
        sql("update app.flights set delay = 77 where id = 11");

        publish(order);

        assertThat(rows(ALL)).hasSize(18).contains("11 2001-01-01 AA 77", "21 2001-01-02 BB 9");
    }

    @Test
    void replace_addsADeclaredColumn() {
        WorkOrder order = audited(order().adding("gate", "varchar(4)")
                .sql("select id, day, airline, delay, 'G1' as gate from app.flights where day = :day")
                .build());

        publish(order);

        assertThat(rows("select id, gate from app.flights where id in (11, 21) order by id"))
                .containsExactly("11 null", "21 G1");
    }

    @Test
    void swap_addsADeclaredColumn() {
        WorkOrder order = audited(order().swapping()
                .adding("gate", "varchar(4)")
                .sql("select id, day, airline, delay, 'G1' as gate from app.flights where day = :day")
                .build());

        publish(order);

        assertThat(rows("select id, gate from app.flights where id in (11, 21) order by id"))
                .containsExactly("11 null", "21 G1");
    }

    @Test
    void publish_mayEmptyPartitions_whenAllowed() {
        WorkOrder order = audited(order().seed(Seed.EMPTY).allowingEmpty().build());

        publish(order);

        assertThat(rows("select count(*) from app.flights")).containsExactly("6");
    }

    @Test
    void publish_isDoneOnce() {
        WorkOrder order = published(order().build());

        failure(ErrorCode.FENCED, () -> publish(order));

        assertThat(connector().ledger().archives(order.target().name())).hasSize(1);
    }

    @Test
    void swap_isRefused_forAShadowOfTheScope() {
        WorkOrder order = audited(order().swapping().seed(Seed.SCOPE_OF_TARGET).build());

        failure(ErrorCode.CONFLICTING_SETTINGS, () -> publish(order));

        assertThat(rows(ALL)).hasSize(15);
    }

    @Test
    void publish_isRefused_beforeTheAudit() {
        WorkOrder order = merged(order().build());
        connector().measures().measure(order, List.of(), Interrupt.never());

        failure(ErrorCode.FENCED, () -> publish(order));

        assertThat(state(order)).isEqualTo(Head.State.BUILDING);
    }

    @Test
    void publish_isRefused_whenTheLedgerIsIncomplete() {
        WorkOrder order = audited(order().build());
        List<String> before = rows(ALL);
        sql("delete from backstitch.bf_ledger where partition_id = '2001-01-03'");

        failure(ErrorCode.LEDGER_INCOMPLETE, () -> publish(order));

        assertThat(rows(ALL)).isEqualTo(before);
        assertThat(state(order)).isEqualTo(Head.State.AUDITED);
    }

    @Test
    void publish_isRefused_whenTheScopeWasWritten() {
        for (String write : List.of(
                "update app.flights set delay = 77 where id = 21",
                "delete from app.flights where id = 42",
                "insert into app.flights values (38, date '2001-01-03', 'AA', 1)",
                "update app.flights set day = date '2001-01-04' where id = 51")) {
            String run = "r" + write.length();
            WorkOrder order = audited(order().run(run).build());
            sql(write);
            List<String> before = rows(ALL);

            BackstitchException failure = failure(ErrorCode.DRIFT, () -> publish(order));

            assertThat(failure).hasMessageContaining("The target is unchanged");
            assertThat(rows(ALL)).isEqualTo(before);
            assertThat(state(order)).isEqualTo(Head.State.AUDITED);
            connector().ledger().abandon(order);
            connector().shadows().clear(order);
        }
    }

    @Test
    void replace_keepsWhatWasWrittenOutsideTheScope() {
        WorkOrder order = audited(order().build());
        sql("update app.flights set delay = 77 where id = 11", "delete from app.flights where id = 53");

        publish(order);

        assertThat(rows(ALL)).contains("11 2001-01-01 AA 77").hasSize(14);
    }

    @Test
    void swap_isRefused_whenTheTableWasWrittenAnywhere() {
        WorkOrder order = audited(order().swapping().build());
        sql("update app.flights set delay = 77 where id = 11");

        failure(ErrorCode.DRIFT, () -> publish(order));

        assertThat(rows("select delay from app.flights where id = 11")).containsExactly("77");
    }

    @Test
    void publish_isRefused_whenTheShadowChangedAfterItsAudit() {
        WorkOrder order = audited(order().build());
        sql("update " + name(order.shadow()) + " set delay = 77 where id = 21");

        failure(ErrorCode.SHADOW_CHANGED, () -> publish(order));

        assertThat(state(order)).isEqualTo(Head.State.AUDITED);
        assertThat(rows("select delay from app.flights where id = 21")).containsExactly("1");
    }

    @Test
    void publish_isRefused_whenTheStructureChanged() {
        WorkOrder order = audited(order().build());
        sql("alter table app.flights add column gate varchar(4)");

        failure(ErrorCode.TARGET_CHANGED, () -> publish(order));
    }

    @Test
    void publish_isRefused_whenTheArchivesNameIsTaken() {
        for (WorkOrder order :
                List.of(order().build(), order().run("r2").swapping().build())) {
            audited(order);
            sql("create table " + name(order.archive()) + " (precious integer)");

            failure(ErrorCode.NAME_TAKEN, () -> publish(order));

            assertThat(rows("select count(precious) from " + name(order.archive())))
                    .containsExactly("0");
            connector().ledger().abandon(order);
            connector().shadows().clear(order);
        }
    }

    @Test
    void replace_isRefused_whenAKeyOfTheScopeAppearedOutsideIt() {
        sql(
                "drop table app.flights",
                "create table app.flights (id bigint, day date, airline varchar(20), delay integer)",
                "insert into app.flights values (21, date '2001-01-02', 'AA', 1)");
        WorkOrder order = audited(order().build());
        sql("insert into app.flights values (21, date '2001-01-05', 'AA', 1)");

        failure(ErrorCode.KEY_IN_TWO_PARTITIONS, () -> publish(order));

        assertThat(rows(ALL)).containsExactly("21 2001-01-02 AA 1", "21 2001-01-05 AA 1");
        assertThat(state(order)).isEqualTo(Head.State.AUDITED);
    }

    @Test
    void publish_isAllOrNothing_whenItFailsAtAStatement() {
        failingAtEach(fixture().stride());
    }

    @Test
    @Tag("fault")
    void publish_isAllOrNothing_whenItFailsAtAnyStatement() {
        failingAtEach(1);
    }

    private void failingAtEach(int stride) {
        sourceOfEachDay();
        for (boolean swap : fixture().swaps() ? List.of(false, true) : List.of(false)) {
            WorkOrder order = audited(
                    swap
                            ? order().run("r2").swapping().build()
                            : order().run("r1").build());
            List<String> before = rows(ALL);
            List<String> tables = tables();
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
                    publish(order);
                    assertThat(fired.getAndSet(false)).isIn(false, fixture().ddlCommits());
                } catch (BackstitchException e) {
                    assertThat(rows(ALL)).isEqualTo(before);
                    if (!fixture().ddlCommits()) {
                        assertThat(tables()).isEqualTo(tables);
                    }
                    assertThat(state(order)).isEqualTo(Head.State.AUDITED);
                }
            }
            assertThat(statement).isGreaterThan(10);
            assertIsPublished();
            watched().restart();
            connector().publishes().rollback(order, 0, Interrupt.never());
        }
    }

    private List<String> tables() {
        return rows(
                "select lower(table_name) from information_schema.tables where lower(table_schema) = 'app' order by 1");
    }

    @Test
    void viewsAndIndexesAndComments_areTheSameAfterwards() {
        sql(
                "create view app.late as select id, delay from app.flights where delay > 2",
                "create view app.everything as select * from app.flights",
                "create index flights_by_day on app.flights (day)",
                "create unique index \"flights by id\" on app.flights (delay, id)",
                "comment on table app.flights is 'the team''s own'",
                "comment on column app.flights.delay is 'minutes'");
        sourceOfEachDay();
        assertThat(connector().catalog().dependents(fixture().target().name()))
                .extracting(Dependent::kind, Dependent::swap, Dependent::replace)
                .contains(tuple("index", Dependent.Fate.PRESERVED, Dependent.Fate.PRESERVED));
        TableInfo before = fixture().target();
        for (WorkOrder order :
                List.of(order().build(), order().run("r2").swapping().build())) {
            if (isRefused(order)) {
                audited(order);
                failure(ErrorCode.TARGET_CHANGED, () -> connector().publishes().publish(order, Interrupt.never()));
                assertThat(rows("select count(*) from app.late")).containsExactly("5");
                connector().ledger().abandon(order);
                continue;
            }
            published(order);

            assertThat(rows("select count(*) from app.late")).containsExactly("11");
            assertThat(rows("select count(*) from app.everything")).containsExactly("18");
            assertThat(fixture().target().uniqueKeys()).isEqualTo(before.uniqueKeys());
            assertThat(connector().catalog().dependents(before.name()))
                    .extracting(Dependent::name)
                    .contains("flights_by_day", "flights by id");
            connector().publishes().rollback(order, 0, Interrupt.never());

            assertThat(rows("select count(*) from app.late")).containsExactly("5");
            assertThat(fixture().target().uniqueKeys()).isEqualTo(before.uniqueKeys());
            assertThat(fixture().target().structure()).isEqualTo(before.structure());
        }
    }

    /** Views of the target are preserved by every replace, and by a swap where they follow the name. */
    private boolean isRefused(WorkOrder order) {
        boolean swap = order.publish() instanceof Publish.SwapTable;
        return connector().catalog().dependents(order.target().name()).stream()
                .anyMatch(one -> (swap ? one.swap() : one.replace()) == Dependent.Fate.REFUSED);
    }

    @Test
    void aViewThatWasBrokenBefore_isInNobodysWay() {
        sql(
                "create table app.other (id integer)",
                "create view app.broken as select f.id from app.flights f join app.other o on o.id = f.delay");
        if (dropsUnderAView("drop table app.other")) {
            published(order().build());

            assertThat(rows(ALL)).hasSize(15);
        }
    }

    /** Some databases keep a table on which a view hangs. */
    private boolean dropsUnderAView(String statement) {
        try {
            sql(statement);
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @Test
    void foreignKeysFromOtherTables_areNamed() {
        sql("create table app.bookings (flight bigint references app.flights (id))");

        assertThat(connector().catalog().dependents(fixture().target().name())).anySatisfy(dependent -> {
            assertThat(dependent.kind()).isEqualTo("foreign key from another table");
            assertThat(dependent.name()).contains("bookings");
        });
    }
}
