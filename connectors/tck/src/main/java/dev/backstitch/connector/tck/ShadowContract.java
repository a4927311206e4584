package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.WorkOrder;
import java.sql.SQLException;
import java.util.List;
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
            assertThat(connector()
                            .catalog()
                            .table(TableName.parse("app." + order.shadow().table())))
                    .isEmpty();
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

    private List<String> tablesBeside() {
        return rows("select table_name from information_schema.tables where table_schema = 'app' order by 1");
    }
}
