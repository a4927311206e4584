package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;

/** What is measured, and the seal. */
abstract class MeasureContract extends Contract {
    MeasureContract(Callable<Warehouse> open) {
        super(open);
    }

    private Evidence measure(WorkOrder order, Measure... measures) {
        return connector().measures().measure(order, List.of(measures), Interrupt.never());
    }

    @Test
    void partitions_areCounted_withWhatTheShadowLacks() {
        WorkOrder order = merged(order().build());
        sql(
                "delete from " + name(order.shadow()) + " where id in (21, 22)",
                "insert into app.flights values (49, date '2001-01-04', 'AA', 1)");

        assertThat(measure(order).partitions())
                .containsExactly(
                        new PartitionRows("2001-01-02", 1, 3, 2),
                        new PartitionRows("2001-01-03", 3, 3, 0),
                        new PartitionRows("2001-01-04", 3, 4, 1));
    }

    @Test
    void missing_isNotARowThatMoved() {
        WorkOrder order = begun(order().build());
        sql("insert into app.source values (31, date '2001-01-02', 'AA', 1, null)");
        merge(order, 0);

        assertThat(measure(order).partitions())
                .containsExactly(
                        new PartitionRows("2001-01-02", 4, 3, 0),
                        new PartitionRows("2001-01-03", 2, 3, 0),
                        new PartitionRows("2001-01-04", 3, 3, 0));
    }

    @Test
    void nullsAndDuplicates_areCountedOverTheWholeShadow() {
        WorkOrder order = merged(order().swapping().build());
        sql("update " + name(order.shadow()) + " set airline = null where id in (11, 21, 22)");
        sql("update " + name(order.shadow()) + " set delay = null where id = 21");
        Measure oneNull = new Measure.RowsWithNull(List.of("airline"));
        Measure eitherNull = new Measure.RowsWithNull(List.of("id", "Delay"));
        Measure unique = new Measure.DuplicateGroups(List.of("id"));
        Measure groups = new Measure.DuplicateGroups(List.of("airline", "delay"));

        Evidence evidence = measure(order, oneNull, eitherNull, unique, groups);

        assertThat(evidence.value(oneNull)).isEqualTo(3);
        assertThat(evidence.value(eitherNull)).isEqualTo(1);
        assertThat(evidence.value(unique)).isZero();
        assertThat(evidence.value(groups)).isEqualTo(3);
    }

    @Test
    void rowsOfAQuery_areCounted() {
        WorkOrder order = merged(order().build());
        Measure found = new Measure.RowsFound(
                "select * from :shadow s join :target t on s.id = t.id where s.delay > 2 -- late");

        assertThat(measure(order, found).value(found)).isEqualTo(3);
    }

    @Test
    void changesOutsideTheScope_areCountedExactly() {
        Measure changed = new Measure.ChangedOutsideScope();
        WorkOrder order = merged(order().swapping()
                .adding("gate", "varchar(4)")
                .sql("select id, day, airline, delay, null as gate from app.source where day = :day")
                .build());
        assertThat(measure(order, changed).value(changed)).isZero();

        sql(
                "update " + name(order.shadow()) + " set delay = 99 where id = 11",
                "delete from " + name(order.shadow()) + " where id = 52",
                "update " + name(order.shadow()) + " set delay = 99 where id = 21");

        assertThat(measure(order, changed).value(changed)).isEqualTo(3);
        sql("update " + name(order.shadow()) + " set gate = 'A1' where id = 12");
        assertThat(measure(order, changed).value(changed)).isEqualTo(5);
    }

    @Test
    void rowsOutsideTheScope_countInAShadowOfTheScope() {
        Measure changed = new Measure.ChangedOutsideScope();
        WorkOrder order = merged(order().build());
        assertThat(measure(order, changed).value(changed)).isZero();

        sql("insert into " + name(order.shadow()) + " values (99, date '2001-01-05', 'AA', 1)");

        assertThat(measure(order, changed).value(changed)).isEqualTo(1);
    }

    @Test
    void keysOutsideTheScope_areCounted() {
        Measure keys = new Measure.KeysOutsideScope();
        WorkOrder order = begun(order().build());
        sql("insert into app.source values (11, date '2001-01-02', 'BB', 1, null)");
        assertThat(measure(order, keys).value(keys)).isZero();

        merge(order, 0);

        assertThat(measure(order, keys).value(keys)).isEqualTo(1);
    }

    @Test
    void measure_changesNothing_butTheSeal() {
        WorkOrder order = merged(order().build());
        List<String> before = rows("select * from " + name(order.shadow()) + " order by id");

        measure(order);
        measure(order);

        assertThat(rows("select * from " + name(order.shadow()) + " order by id"))
                .isEqualTo(before);
        assertThat(entries("r1")).extracting(Entry::state).containsOnly(Entry.State.MERGED);
    }
}
