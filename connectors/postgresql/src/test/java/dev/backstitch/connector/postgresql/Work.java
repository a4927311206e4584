package dev.backstitch.connector.postgresql;

import dev.backstitch.spec.Merge;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spec.Slice;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Measure;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A backfill of a test's, step by step. */
record Work(Connector connector, WorkOrder order) {
    static final LocalDate FIRST = LocalDate.parse("2001-01-01");

    /** Three days from {@link #FIRST} on of a table with the columns id and day, replaced by the rows of the source. */
    static Work replacing(Warehouse warehouse, String target, String source) {
        return of(
                warehouse,
                target,
                "select * from " + source + " s where s.day >= :partition_start and s.day < :partition_end",
                new Shadow<>(Seed.SCOPE_OF_TARGET, List.of()),
                new Publish.ReplacePartitions(Duration.ofDays(30)));
    }

    /** The same for a copy of the whole table, which is swapped in. */
    static Work swapping(Warehouse warehouse, String target, String source) {
        return of(
                warehouse,
                target,
                "select * from " + source + " s where s.day >= :partition_start and s.day < :partition_end",
                new Shadow<>(Seed.WHOLE_TARGET, List.of()),
                new Publish.SwapTable(Duration.ofDays(30)));
    }

    static Work of(Warehouse warehouse, String target, String sql, Shadow<?> shadow, Publish<?> publish) {
        TableInfo table = warehouse.table(target);
        String key =
                table.uniqueKeys().isEmpty() ? "id" : table.uniqueKeys().get(0).get(0);
        return of(warehouse, table, "day", key, sql, shadow, publish);
    }

    static Work of(
            Warehouse warehouse,
            TableInfo table,
            String day,
            String key,
            String sql,
            Shadow<?> shadow,
            Publish<?> publish) {
        Column column = table.columns().stream()
                .filter(found -> found.name().equals(day))
                .findFirst()
                .orElseThrow();
        List<Partition> scope = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            LocalDate from = FIRST.plusDays(i);
            scope.add(new Partition(from.toString(), new Slice.Days(day, from, from.plusDays(1))));
        }
        WorkOrder order = new WorkOrder(
                "run-1",
                1,
                "dag",
                "backfill",
                "tester",
                "logic",
                table,
                table.name().sibling("bf_111111111111_shadow"),
                table.name().sibling("bf_111111111111_archive"),
                List.of(column),
                scope,
                shadow,
                new Merge(sql, List.of(key), Optional.empty(), Optional.empty(), Merge.Emptiness.REFUSED),
                publish);
        return new Work(warehouse.connector(), order);
    }

    Work with(WorkOrder changed) {
        return new Work(connector, changed);
    }

    Work on(Connector other) {
        return new Work(other, order);
    }

    /** Up to the shadow with its seed. */
    Work seeded() {
        connector.ledger().prepare();
        connector.ledger().open(order);
        connector.shadows().create(order, Interrupt.never());
        return this;
    }

    MergeCounts merge(int partition) {
        return connector.merges().merge(order, order.scope().get(partition), Interrupt.never());
    }

    Work merged() {
        order.scope().forEach(partition -> connector.merges().merge(order, partition, Interrupt.never()));
        return this;
    }

    Evidence measure(Measure... measures) {
        return connector.measures().measure(order, List.of(measures), Interrupt.never());
    }

    Work audited() {
        measure();
        connector.ledger().audited(order);
        return this;
    }

    /** Up to the moment before the publish. */
    Work ready() {
        return seeded().merged().audited();
    }

    Archive publish() {
        return connector.publishes().publish(order, Interrupt.never());
    }

    Work published() {
        publish();
        connector.shadows().clear(order);
        return this;
    }

    void rollBack(long accepted) {
        connector.publishes().rollback(order, accepted, Interrupt.never());
    }
}
