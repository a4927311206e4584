package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Metric;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Rule;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Evidence.PartitionRows;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.Measure.Side;
import dev.backstitch.spi.WorkOrder;
import java.math.BigDecimal;
import java.util.List;
import java.util.Set;
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
    void aRule_isCountedInTheScope_andNamesRowsOfIt() {
        WorkOrder order = merged(order().swapping().build());
        sql("update " + name(order.shadow()) + " set delay = 9 where id in (11, 21, 22, 31)");
        Measure rule = new Measure.RowsBreaking(new Rule.Satisfies("delay < 9"));

        Evidence evidence = measure(order, rule);

        assertThat(evidence.value(rule)).isEqualTo(3);
        assertThat(evidence.breaking(rule)).containsEntry("2001-01-02", 2L).containsEntry("2001-01-03", 1L);
        assertThat(connector()
                        .measures()
                        .offenders(order, rule, 9, Interrupt.never())
                        .rows())
                .extracting(row -> row.get(0))
                .containsExactly("21", "22", "31");
    }

    @Test
    void onePartition_isMeasuredAsInTheWhole_andSealsNothing() {
        WorkOrder order = merged(order().swapping().build());
        sql("update " + name(order.shadow()) + " set delay = 9 where id in (11, 21, 22, 31)");
        Measure rule = new Measure.RowsBreaking(new Rule.Satisfies("delay < 9"));
        Measure.Figure delays = new Measure.Figure(Side.SHADOW, new Metric(Metric.Kind.SUM, "delay", BigDecimal.ZERO));
        Measure.Figure before = new Measure.Figure(Side.LIVE, delays.metric());
        Set<Measure> all = Set.of(rule, delays, before);
        failure(ErrorCode.FENCED, () -> connector().publishes().publish(order, Interrupt.never()));

        for (Partition partition : order.scope()) {
            Evidence part = connector().measures().measurePartition(order, partition, all, Interrupt.never());
            Evidence whole = connector().measures().measure(order, all, Interrupt.never());

            String id = partition.id();
            assertThat(part.breaking(rule).getOrDefault(id, 0L))
                    .isEqualTo(whole.breaking(rule).getOrDefault(id, 0L))
                    .isEqualTo(part.value(rule));
            assertThat(part.figures(delays).of(id))
                    .isEqualTo(whole.figures(delays).of(id));
            assertThat(part.figures(before).of(id))
                    .isEqualTo(whole.figures(before).of(id));
            assertThat(part.partitions())
                    .usingRecursiveFieldByFieldElementComparatorIgnoringFields("missing")
                    .isEqualTo(whole.partitions().stream()
                            .filter(rows -> rows.partition().equals(id))
                            .toList());
            assertThat(connector()
                            .measures()
                            .offenders(order.only(partition), rule, 9, Interrupt.never())
                            .rows())
                    .hasSize((int) part.value(rule));
        }
    }

    @Test
    void onePartition_isReadAlone_andTheTargetOnlyWhereItIsAskedFor() {
        WorkOrder order = merged(order().build());
        Partition partition = order.scope().get(0);
        Measure.Figure delays = new Measure.Figure(Side.SHADOW, new Metric(Metric.Kind.SUM, "delay", BigDecimal.ZERO));

        Evidence evidence =
                connector().measures().measurePartition(order, partition, Set.of(delays), Interrupt.never());

        assertThat(evidence.partitions()).containsExactly(new PartitionRows("2001-01-02", 3, 0, 0));
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

    @Test
    void changedRows_areShownByKey_asTheyWereAndAsTheyAre() {
        source("21, date '2001-01-02', 'BB', 9, null", "29, date '2001-01-02', 'CC', 9, null");
        WorkOrder order = merged(order().build());

        assertThat(rowsOf(order, new Measure.RowsChanged(List.of())))
                .containsExactly(
                        List.of("changed", "21", spelt("airline") + ": AA -> BB; " + spelt("delay") + ": 1 -> 9; "),
                        List.of("added", "29", ""));
        assertThat(rowsOf(order, new Measure.RowsChanged(List.of("AIRLINE"))))
                .containsExactly(List.of("changed", "21", spelt("delay") + ": 1 -> 9; "));
        assertThat(rowsOf(order, new Measure.RowsChanged(List.of("airline", "delay"))))
                .isEmpty();
    }

    private List<List<String>> rowsOf(WorkOrder order, Measure measure) {
        return connector()
                .measures()
                .offenders(order, measure, 9, Interrupt.never())
                .rows();
    }
}
