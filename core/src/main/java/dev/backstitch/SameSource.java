package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.SourceReads;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Whether the merges that a run has left read through what it was planned with. */
final class SameSource {
    private final Connector connector;
    private final Predicate<WorkOrder> mergesAgain;

    /** @param mergesAgain whether some of a backfill's merges are done again, although none is left */
    SameSource(Connector connector, Predicate<WorkOrder> mergesAgain) {
        this.connector = connector;
        this.mergesAgain = mergesAgain;
    }

    /**
     * Refuses to go on where views, functions or columns have changed: some partitions would be computed by the former and
     * some by the new ones. Where all are merged nothing is read any more.
     *
     * @throws BackstitchException with {@code PLAN_CHANGED}
     */
    void require(Plan plan, List<WorkOrder> orders) {
        List<String> changes = orders.stream()
                .filter(this::hasMergesLeft)
                .flatMap(order -> changes(plan, order))
                .toList();
        if (!changes.isEmpty()) {
            String run = orders.get(0).run();
            throw new BackstitchException(
                    ErrorCode.PLAN_CHANGED,
                    "what run " + run + " reads through is not what it was planned with:\n  - "
                            + String.join("\n  - ", changes)
                            + "\nNothing was changed. Bring it back as it was and resume, or cancel(" + run
                            + ") and plan again.");
        }
    }

    private boolean hasMergesLeft(WorkOrder order) {
        Map<Entry.State, Long> states = connector.ledger().states(order);
        return states.isEmpty() || states.containsKey(Entry.State.CLAIMED) || mergesAgain.test(order);
    }

    private Stream<String> changes(Plan plan, WorkOrder order) {
        return SourceReads.changes(connector.catalog(), plan, plan.backfill(order.backfill())).stream();
    }
}
