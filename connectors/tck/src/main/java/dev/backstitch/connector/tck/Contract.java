package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Partition;
import dev.backstitch.spi.Column;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * A part of the contract. Each test has a table {@code app.flights} of five days with three rows each, ids 11 to 53, and
 * a table {@code app.source} with the same columns and one more, which is empty.
 */
abstract class Contract {
    private final Callable<Warehouse> open;
    private Fixture fixture;

    @SuppressWarnings("NullAway.Init") // JUnit calls begin() before each test.
    Contract(Callable<Warehouse> open) {
        this.open = open;
    }

    @BeforeEach
    void begin() throws Exception {
        fixture = new Fixture(open.call());
    }

    @AfterEach
    void end() throws Exception {
        fixture.close();
    }

    final Fixture fixture() {
        return fixture;
    }

    final Connector connector() {
        return fixture.connector();
    }

    final Watched watched() {
        return fixture.watched();
    }

    final void sql(String... statements) {
        fixture.sql(statements);
    }

    final List<String> rows(String query) {
        return fixture.rows(query);
    }

    /** Rows of the source: id, day, airline, delay, loaded_at. */
    final void source(String... values) {
        for (String row : values) {
            sql("insert into app.source (id, day, airline, delay, loaded_at) values (" + row + ")");
        }
    }

    final List<String> shadow(WorkOrder order) {
        return rows("select id, day, airline, delay from " + name(order.shadow()) + " order by id, day");
    }

    final OrderDraft order() {
        return new OrderDraft(fixture.target());
    }

    /** The ledger's entries of a run on the target. */
    final List<Entry> entries(String run) {
        return connector().ledger().entries(order().run(run).build());
    }

    /** By the target's columns as the database spells them. */
    final Map<String, Long> spelt(Map<String, Long> byColumn) {
        return byColumn.entrySet().stream()
                .collect(Collectors.toMap(each -> spelt(each.getKey()), Map.Entry::getValue));
    }

    /** A column of the target as the database spells it. */
    final String spelt(String column) {
        return fixture.target().columns().stream()
                .map(Column::name)
                .filter(column::equalsIgnoreCase)
                .findFirst()
                .orElse(column);
    }

    final String name(ResolvedTable table) {
        return fixture.name(table);
    }

    /** Ledger and shadow made; nothing merged. */
    final WorkOrder begun(WorkOrder order) {
        connector().ledger().prepare();
        connector().ledger().open(order);
        connector().shadows().create(order, Interrupt.never());
        return order;
    }

    final MergeCounts merge(WorkOrder order, int partition) {
        return connector().merges().merge(order, order.scope().get(partition), Interrupt.never());
    }

    /** These partitions merged, in this order. */
    final WorkOrder merged(WorkOrder order, int... partitions) {
        begun(order);
        for (int partition : partitions) {
            merge(order, partition);
        }
        return order;
    }

    /** All partitions merged. */
    final WorkOrder merged(WorkOrder order) {
        begun(order);
        for (Partition partition : order.scope()) {
            connector().merges().merge(order, partition, Interrupt.never());
        }
        return order;
    }

    /** All partitions merged, measured and audited. */
    final WorkOrder audited(WorkOrder order) {
        merged(order);
        connector().measures().measure(order, List.of(), Interrupt.never());
        connector().ledger().audited(order);
        return order;
    }

    /** Audited and published. */
    final WorkOrder published(WorkOrder order) {
        audited(order);
        connector().publishes().publish(order, Interrupt.never());
        return order;
    }

    final BackstitchException failure(ErrorCode code, ThrowingCallable call) {
        BackstitchException failure = catchThrowableOfType(BackstitchException.class, call);
        assertThat(failure).as("a failure with %s", code).isNotNull();
        assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
        return failure;
    }
}
