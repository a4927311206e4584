package dev.backstitch;

import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.run.RunRequests;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.StateStore;
import java.util.List;

/** Runs as the state store has them. */
final class StoredRuns {
    private final StateStore state;

    StoredRuns(StateStore state) {
        this.state = state;
    }

    /** @throws dev.backstitch.error.BackstitchException with {@code UNKNOWN_RUN} */
    RunRecord record(String id) {
        return state.run(id).orElseThrow(() -> RunRequests.unknown(id, state.location()));
    }

    Plan plan(String id) {
        return PlanFormat.read(state.plan(record(id).id()));
    }

    /** The run's work, under the epoch of the record. */
    List<WorkOrder> orders(RunRecord record) {
        return WorkOrders.of(PlanFormat.read(state.plan(record.id())), record.id(), record.epoch(), record.actor());
    }
}
