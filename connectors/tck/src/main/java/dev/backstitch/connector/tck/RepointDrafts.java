package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Dependent;
import dev.backstitch.spi.Head;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Publishes.RolledBack;
import dev.backstitch.spi.RepointsViews;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.ViewInfo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;

/** What tests of publishes behind a view share: a view {@code app.shown} of the tests' table. */
abstract class RepointDrafts extends Contract {
    /** What readers of the view see. */
    static final String SHOWN = "select id, day, airline, delay from app.shown order by id";
    /** What the table holds that the view shows at first. */
    static final String FORMER = "select id, day, airline, delay from app.flights order by id";

    RepointDrafts(Callable<Warehouse> open) {
        super(open);
    }

    @BeforeEach
    void show() {
        sql("create view app.shown as select * from app.flights");
    }

    final Optional<ViewInfo> view(String name) {
        return ((RepointsViews) connector()).view(TableName.parse(name));
    }

    final ViewInfo view() {
        return view("app.shown").orElseThrow();
    }

    final List<Dependent> dependents() {
        return ((RepointsViews) connector()).dependents(view(), List.of());
    }

    /** An order for whatever the view shows now. */
    final OrderDraft behind(String run) {
        ViewInfo shown = view();
        ResolvedTable table = shown.shows().orElseThrow();
        return new OrderDraft(fixture().table(table.schema() + "." + table.table()))
                .run(run)
                .behind(shown);
    }

    final void sourceOfEachDay() {
        for (int day = 2; day <= 4; day++) {
            source(
                    day + "1, date '2001-01-0" + day + "', 'BB', 9, null",
                    day + "9, date '2001-01-0" + day + "', 'CC', 9, null");
        }
    }

    final Archive publish(WorkOrder order) {
        return connector().publishes().publish(order, Interrupt.never());
    }

    final RolledBack rollback(WorkOrder order, long accepted) {
        return connector().publishes().rollback(order, accepted, Interrupt.never());
    }

    final Head.State state(WorkOrder order) {
        return connector().ledger().head(order.live()).orElseThrow().state();
    }

    final List<String> tables() {
        return rows(
                "select lower(table_name) from information_schema.tables where lower(table_schema) = 'app' order by 1");
    }

    /** That the publish was refused, with the view as it was. */
    final void assertUntouched(WorkOrder order, List<String> before) {
        assertThat(rows(SHOWN)).isEqualTo(before);
        assertThat(state(order)).isEqualTo(Head.State.AUDITED);
        assertThat(tables()).doesNotContain(order.published().table());
    }

    final void giveUp(WorkOrder order) {
        connector().ledger().abandon(order);
        connector().shadows().clear(order);
    }
}
