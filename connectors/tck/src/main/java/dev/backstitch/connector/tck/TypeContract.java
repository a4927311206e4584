package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.backstitch.connector.tck.Warehouse.TypeSample;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A column of every type of the database is compared, copied, sealed and restored as the database itself has it. */
abstract class TypeContract extends Contract {
    TypeContract(Callable<Warehouse> open) {
        super(open);
    }

    private List<TypeSample> types() {
        return fixture().types();
    }

    private String values(IntFunction<String> value) {
        return IntStream.range(0, types().size()).mapToObj(value).collect(Collectors.joining(", "));
    }

    private void row(String table, int id, IntFunction<String> value) {
        sql("insert into " + table + " values (" + id + ", date '2001-01-02', " + values(value) + ")");
    }

    private String one(int column) {
        return types().get(column).one();
    }

    private String other(int column) {
        return types().get(column).other();
    }

    /** Equal rows, rows that differ in all, in one column each, from and to null; and one that the target lacks. */
    private void tables() {
        for (String table : List.of("app.typed", "app.typed_source")) {
            sql("create table " + table + " (id bigint primary key, day date not null, "
                    + values(i -> "c" + i + " " + types().get(i).type()) + ")");
        }
        row("app.typed", 1, this::one);
        row("app.typed_source", 1, this::one);
        row("app.typed", 2, i -> "null");
        row("app.typed_source", 2, i -> "null");
        row("app.typed", 3, i -> "null");
        row("app.typed_source", 3, this::one);
        row("app.typed", 4, this::one);
        row("app.typed_source", 4, i -> "null");
        row("app.typed_source", 5, this::other);
        row("app.typed", 6, this::other);
        for (int column = 0; column < types().size(); column++) {
            int different = column;
            row("app.typed", 100 + column, this::one);
            row("app.typed_source", 100 + column, i -> i == different ? other(i) : one(i));
        }
    }

    private List<String> content(String table) {
        return rows("select id, " + values(i -> "coalesce(cast(c" + i + " as varchar), 'null')") + " from " + table
                + " order by id");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyType_isMergedPublishedAndRestored(boolean swap) {
        assumeTrue(!swap || fixture().swaps(), "the connector does not exchange whole tables");
        tables();
        TableInfo target = fixture().table("app.typed");
        OrderDraft draft = new OrderDraft(target)
                .sql("select id, day, " + values(i -> "c" + i) + " from app.typed_source where day = :day")
                .days(2, 1);
        OrderDraft published = swap ? draft.swapping() : draft;
        WorkOrder order = (fixture().catchesUp() ? published.catchingUp() : published).build();
        List<String> before = content("app.typed");
        begun(order);

        MergeCounts counts = merge(order, 0);

        assertThat(counts.updated()).isEqualTo(2 + types().size());
        assertThat(counts.unchanged()).isEqualTo(2);
        assertThat(counts.inserted()).isEqualTo(1);

        connector().measures().measure(order, List.of(), Interrupt.never());
        connector().ledger().audited(order);
        connector().publishes().publish(order, Interrupt.never());

        List<String> expected = content("app.typed_source");
        expected.addAll(5, before.stream().filter(row -> row.startsWith("6 ")).toList());
        assertThat(content("app.typed")).isEqualTo(expected);

        connector().publishes().rollback(order, 0, Interrupt.never());

        assertThat(content("app.typed")).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyType_isNoticedWhenItIsWrittenLate(boolean swap) {
        tables();
        TableInfo target = fixture().table("app.typed");
        OrderDraft draft = new OrderDraft(target)
                .sql("select id, day, " + values(i -> "c" + i) + " from app.typed_source where day = :day and id = 5")
                .days(2, 1);
        WorkOrder order = audited((swap ? draft.swapping() : draft).catchingUp().build());
        for (int column = 0; column < types().size(); column++) {
            sql("update app.typed set c" + column + " = " + other(column) + " where id = " + (100 + column));
        }

        connector().publishes().publish(order, Interrupt.never());

        List<String> expected = content("app.typed_source").stream()
                .filter(row -> Integer.parseInt(row.substring(0, row.indexOf(' '))) >= 100)
                .toList();
        assertThat(content("app.typed")).containsAll(expected);
    }
}
