package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** How a shadow begins and ends. */
abstract class ShadowContract extends Contract {
    ShadowContract(Callable<Warehouse> open) {
        super(open);
    }

    @Test
    void shadow_holdsTheScope() {
        WorkOrder order = begun(order().adding("gate", "varchar(4)").build());

        assertThat(rows("select id, day, airline, delay, gate from " + name(order.shadow()) + " order by id"))
                .hasSize(9)
                .startsWith("21 2001-01-02 AA 1 null");
    }

    @Test
    void shadow_holdsEverything_orNothing() {
        WorkOrder whole = begun(order().swapping().build());
        assertThat(rows("select count(*) from " + name(whole.shadow()))).containsExactly("15");
        connector().ledger().abandon(whole);

        WorkOrder empty = begun(order().run("r2").seed(Seed.EMPTY).build());
        assertThat(rows("select count(*) from " + name(empty.shadow()))).containsExactly("0");
    }

    @Test
    void shadow_hasTheTargetsKeysAndChecksAndDefaults() {
        sql(
                "drop table app.flights",
                "create table app.flights (id bigint primary key, day date not null, airline varchar(20), delay integer"
                        + " default 7 check (delay < 1000), unique (airline, id))");
        WorkOrder order = begun(order().swapping().build());
        String shadow = name(order.shadow());

        sql("insert into " + shadow + " (id, day, airline) values (1, date '2001-01-02', 'AA')");

        assertThat(rows("select delay from " + shadow)).containsExactly("7");
        assertThat(fixture().table("app." + order.shadow().table()).uniqueKeys())
                .contains(List.of("id"));
        refusedByTheDatabase("insert into " + shadow + " (id, day) values (1, date '2001-01-02')");
        refusedByTheDatabase("insert into " + shadow + " (id, day) values (2, null)");
        refusedByTheDatabase("insert into " + shadow + " (id, day, delay) values (2, date '2001-01-02', 1000)");
    }

    private void refusedByTheDatabase(String statement) {
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> sql(statement))
                .hasRootCauseInstanceOf(SQLException.class);
    }

    @Test
    void shadow_isKept_whenItIsComplete() {
        WorkOrder order = begun(order().build());
        sql("update " + name(order.shadow()) + " set airline = 'ZZ' where id = 21");

        connector().shadows().create(order, Interrupt.never());

        assertThat(rows("select airline from " + name(order.shadow()) + " where id = 21"))
                .containsExactly("ZZ");
    }

    @Test
    void shadow_isNotMadeTwice_whenItWasRemoved() {
        WorkOrder order = begun(order().build());
        merge(order, 0);
        sql("drop table " + name(order.shadow()));

        failure(ErrorCode.SHADOW_CHANGED, () -> connector().shadows().create(order, Interrupt.never()));
    }

    @Test
    void create_isRefused_whenTheNameIsTaken() {
        WorkOrder order = order().build();
        sql("create table " + name(order.shadow()) + " (precious integer)");

        BackstitchException failure = failure(ErrorCode.NAME_TAKEN, () -> begun(order));

        assertThat(failure).hasMessageContaining(order.shadow().toString());
        assertThat(rows("select count(precious) from " + name(order.shadow()))).containsExactly("0");
        connector().shadows().clear(order);
        assertThat(rows("select count(precious) from " + name(order.shadow()))).containsExactly("0");
    }

    @Test
    void create_isRefused_whenTheTargetIsAnotherOne() {
        WorkOrder order = order().build();
        sql("alter table app.flights add column gate varchar(4)");

        failure(ErrorCode.TARGET_CHANGED, () -> begun(order));
        sql("drop table app.flights");
        failure(ErrorCode.TARGET_CHANGED, () -> connector().shadows().create(order, Interrupt.never()));

        assertThat(connector()
                        .catalog()
                        .table(TableName.parse("app." + order.shadow().table())))
                .isEmpty();
    }

    @Test
    void create_leavesNothing_whenItFailsAtAnyStatement() {
        WorkOrder order = order().build();
        connector().ledger().prepare();
        connector().ledger().open(order);
        watched().restart();
        connector().shadows().create(order, Interrupt.never());
        int statements = watched().statements().size();
        connector().shadows().clear(order);

        for (int i = 1; i <= statements; i++) {
            watched().restart();
            AtomicBoolean fired = failAt(i);
            org.assertj.core.api.Assertions.assertThatThrownBy(
                            () -> connector().shadows().create(order, Interrupt.never()))
                    .isInstanceOf(BackstitchException.class);
            assertThat(fired).isTrue();
            Optional<TableInfo> shadow = connector()
                    .catalog()
                    .table(TableName.parse("app." + order.shadow().table()));
            if (fixture().ddlCommits() && shadow.isPresent()) {
                assertThat(rows("select count(*) from " + name(order.shadow()))).containsExactly("0");
            } else {
                assertThat(shadow).isEmpty();
            }
            connector().shadows().clear(order);
        }
        connector().shadows().create(order, Interrupt.never());
        assertThat(rows("select count(*) from " + name(order.shadow()))).containsExactly("9");
    }

    private AtomicBoolean failAt(int statement) {
        AtomicBoolean fired = new AtomicBoolean();
        watched().before(sql -> watched().statements().size() == statement, () -> {
            fired.set(true);
            throw new SQLException("the test's own failure", "08006");
        });
        return fired;
    }

    @Test
    void clear_leavesNothingOfTheRun_andMayBeCalledAgain() {
        WorkOrder order = audited(order().build());
        connector().ledger().abandon(order);

        connector().shadows().clear(order);
        connector().shadows().clear(order);

        assertThat(tablesBeside()).containsExactly("flights", "source");
    }

    @Test
    void clear_leavesArchiveAndSeal_afterAPublish() {
        WorkOrder order = published(order().build());

        connector().shadows().clear(order);

        assertThat(tablesBeside())
                .contains(order.archive().table())
                .doesNotContain(order.shadow().table());
        connector().publishes().rollback(order, 0, Interrupt.never());
        connector().shadows().clear(order);
        assertThat(tablesBeside()).containsExactly("flights", "source");
    }

    @Test
    void clear_leavesTheSealOfAPublish_whoeverHasTheHeadSince() {
        List<String> before = rows("select * from app.flights order by id");
        sql("insert into app.source values (21, date '2001-01-02', 'BB', 9, null)");
        WorkOrder order = published(order().swapping().build());
        WorkOrder later = order().run("later").build();
        connector().ledger().open(later);

        connector().shadows().clear(order);

        connector().ledger().abandon(later);
        connector().publishes().rollback(order, 0, Interrupt.never());
        assertThat(rows("select * from app.flights order by id")).isEqualTo(before);
    }

    @Test
    void shadowThatWasCleared_isNotMadeAgain_overMergedPartitions() {
        WorkOrder order = begun(order().build());
        sql("insert into app.source values (21, date '2001-01-02', 'BB', 1, null)");
        merge(order, 0);
        connector().shadows().clear(order);

        failure(ErrorCode.SHADOW_CHANGED, () -> connector().shadows().create(order, Interrupt.never()));
    }

    @Test
    void reseed_makesAPartitionWhatItWasBeforeItsMerge_andTheSourceIsReadAgain() {
        source(
                "21, date '2001-01-02', 'BB', 9, null",
                "29, date '2001-01-02', 'CC', 9, null",
                "31, date '2001-01-03', 'BB', 9, null");
        WorkOrder order = merged(order().build());
        connector().measures().measure(order, List.of(), Interrupt.never());
        sql("delete from app.source where id = 29", "update app.source set delay = 7 where id = 21");

        List<Partition> again =
                connector().shadows().reseed(order, order.scope().subList(0, 1), Interrupt.never());

        assertThat(again).containsExactly(order.scope().get(0));
        assertThat(shadow(order))
                .contains("21 2001-01-02 AA 1", "31 2001-01-03 BB 9")
                .noneMatch(row -> row.startsWith("29"));
        assertThat(entries("r1"))
                .extracting(Entry::state)
                .containsExactly(Entry.State.CLAIMED, Entry.State.MERGED, Entry.State.MERGED);
        merge(order, 0);
        connector().measures().measure(order, List.of(), Interrupt.never());
        connector().ledger().audited(order);
        connector().publishes().publish(order, Interrupt.never());
        assertThat(rows("select id, airline, delay from app.flights where airline <> 'AA' order by id"))
                .containsExactly("21 BB 7", "31 BB 9");
    }

    @Test
    void reseed_takesWithIt_whereARowCameFromAndWhereItWent() {
        source("21, date '2001-01-03', 'BB', 9, null");
        for (int partition = 0; partition < 2; partition++) {
            String run = "moved-" + partition;
            WorkOrder moving = merged(order().run(run).build(), 1, 0, 2);
            connector().measures().measure(moving, List.of(), Interrupt.never());

            List<Partition> again =
                    connector().shadows().reseed(moving, List.of(moving.scope().get(partition)), Interrupt.never());

            assertThat(again)
                    .containsExactly(moving.scope().get(1), moving.scope().get(0));
            assertThat(shadow(moving)).contains("21 2001-01-02 AA 1").noneMatch(row -> row.startsWith("21 2001-01-03"));
            connector().ledger().abandon(moving);
        }
    }

    @Test
    void reseed_isDoneOnce_andLeavesAShadowThatWasNotMeasured() {
        WorkOrder order = merged(order().build());

        assertThat(connector().shadows().reseed(order, order.scope(), Interrupt.never()))
                .isEmpty();
        connector().measures().measure(order, List.of(), Interrupt.never());
        assertThat(connector().shadows().reseed(order, order.scope(), Interrupt.never()))
                .hasSize(3);
        assertThat(connector().shadows().reseed(order, order.scope(), Interrupt.never()))
                .isEmpty();
        failure(ErrorCode.LEDGER_INCOMPLETE, () -> {
            connector().measures().measure(order, List.of(), Interrupt.never());
            connector().ledger().audited(order);
        });
    }

    @Test
    void reseed_isDoneOnce_forAPartitionThatFailedBeforeTheOthersWereMerged() {
        WorkOrder order = begun(order().build());
        source("21, date '2001-01-02', 'BB', 9, null");
        merge(order, 0);
        connector().ledger().note(order, "odd", before -> note("odd", "FAILED"));
        connector().ledger().note(order, "seen", before -> note("seen", "FAILED"));
        connector().ledger().accept(order, "seen", "ann", "it is even");

        assertThat(connector().shadows().reseed(order, order.scope().subList(0, 1), Interrupt.never()))
                .containsExactly(order.scope().get(0));

        assertThat(shadow(order)).contains("21 2001-01-02 AA 1");
        assertThat(entries("r1")).extracting(Entry::state).containsOnly(Entry.State.CLAIMED);
        assertThat(connector().ledger().notes(order))
                .extracting(AuditNote::name, AuditNote::outcome)
                .containsExactlyInAnyOrder(tuple("odd", "SUPERSEDED"), tuple("seen", "FAILED"));
        merge(order, 0);
        assertThat(connector().shadows().reseed(order, order.scope().subList(0, 1), Interrupt.never()))
                .isEmpty();
        assertThat(shadow(order)).contains("21 2001-01-02 BB 9");
    }

    private static AuditNote note(String name, String outcome) {
        return new AuditNote(name, "BLOCKING", outcome, "none", "1", "", Optional.empty());
    }

    @Test
    void reseed_isRefused_whenTheTargetWasWritten_evenIfThatIsTakenBackLater() {
        source("21, date '2001-01-02', 'BB', 9, null");
        for (WorkOrder draft :
                List.of(order().build(), order().run("r2").swapping().build())) {
            WorkOrder order = merged(draft);
            connector().measures().measure(order, List.of(), Interrupt.never());
            List<String> before = shadow(order);
            sql("update app.flights set delay = 70 where id = 22");

            failure(ErrorCode.DRIFT, () -> connector().shadows().reseed(order, order.scope(), Interrupt.never()));

            assertThat(shadow(order)).isEqualTo(before);
            sql("update app.flights set delay = 2 where id = 22");
            connector().ledger().abandon(order);
            connector().shadows().clear(order);
        }
    }

    @Test
    void reseed_bringsLateWritesIn_andNoneThatIsTakenBackLater() {
        for (WorkOrder draft : List.of(
                order().catchingUp().build(),
                order().run("r2").swapping().catchingUp().build())) {
            WorkOrder order = merged(draft);
            connector().measures().measure(order, List.of(), Interrupt.never());
            sql("update app.flights set delay = 70 where id in (11, 22)");

            connector().shadows().reseed(order, order.scope().subList(1, 2), Interrupt.never());

            assertThat(shadow(order)).contains("22 2001-01-02 AA 70");
            sql("update app.flights set delay = 2 where id in (11, 22)");
            for (int i = 0; i < 3; i++) {
                if (entries(order.run()).get(i).state() == Entry.State.CLAIMED) {
                    merge(order, i);
                }
            }
            connector().measures().measure(order, List.of(), Interrupt.never());
            connector().ledger().audited(order);
            connector().publishes().publish(order, Interrupt.never());
            assertThat(rows("select delay from app.flights where id in (11, 22)"))
                    .containsExactly("2", "2");
            connector().shadows().clear(order);
        }
    }

    @Test
    void reseed_changesNothing_whenItFailsAtAnyStatement() {
        source("21, date '2001-01-02', 'BB', 9, null", "31, date '2001-01-02', 'BB', 9, null");
        WorkOrder order = merged(order().build());
        connector().measures().measure(order, List.of(), Interrupt.never());
        List<String> before = shadow(order);

        reseedFailingAtEachStatement(order, () -> {
            assertThat(shadow(order)).isEqualTo(before);
            assertThat(entries("r1")).extracting(Entry::state).containsOnly(Entry.State.MERGED);
        });

        assertThat(shadow(order)).contains("21 2001-01-02 AA 1", "31 2001-01-03 AA 1");
        assertThat(entries("r1"))
                .extracting(Entry::state)
                .containsExactly(Entry.State.CLAIMED, Entry.State.CLAIMED, Entry.State.MERGED);
    }

    @Test
    void reseed_changesNothing_whenItFailsAtAnyStatement_ofAPartitionThatFailedItsAudit() {
        source("21, date '2001-01-02', 'BB', 9, null");
        WorkOrder order = begun(order().build());
        merge(order, 0);
        connector().ledger().note(order, "odd", before -> note("odd", "FAILED"));
        List<String> before = shadow(order);

        reseedFailingAtEachStatement(order, () -> {
            assertThat(shadow(order)).isEqualTo(before);
            assertThat(entries("r1").get(0).state()).isEqualTo(Entry.State.MERGED);
            assertThat(connector().ledger().notes(order))
                    .extracting(AuditNote::outcome)
                    .containsExactly("FAILED");
        });

        assertThat(shadow(order)).contains("21 2001-01-02 AA 1");
        assertThat(entries("r1")).extracting(Entry::state).containsOnly(Entry.State.CLAIMED);
        assertThat(connector().ledger().notes(order))
                .extracting(AuditNote::outcome)
                .containsExactly("SUPERSEDED");
    }

    /** Of the first partition, until it is done without a failure. */
    private void reseedFailingAtEachStatement(WorkOrder order, Runnable assertUnchanged) {
        boolean reached = true;
        int statement = 0;
        while (reached) {
            watched().restart();
            AtomicBoolean fired = failAt(++statement);
            try {
                connector().shadows().reseed(order, order.scope().subList(0, 1), Interrupt.never());
            } catch (BackstitchException e) {
                assertUnchanged.run();
            }
            reached = fired.get();
        }
        watched().restart();
        assertThat(statement).isGreaterThan(5);
    }

    @Test
    void reseed_leavesNothing_ofAnEmptyShadow() {
        source("21, date '2001-01-02', 'BB', 9, null");
        WorkOrder order = merged(
                order().seed(Seed.EMPTY).deletingMissing(100).allowingEmpty().build());
        connector().measures().measure(order, List.of(), Interrupt.never());

        connector().shadows().reseed(order, order.scope(), Interrupt.never());

        assertThat(shadow(order)).isEmpty();
    }

    private List<String> tablesBeside() {
        return rows(
                "select lower(table_name) from information_schema.tables where lower(table_schema) = 'app' order by 1");
    }
}
