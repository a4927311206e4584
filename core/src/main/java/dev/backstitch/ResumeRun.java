package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.run.Engine;
import dev.backstitch.run.Takeover;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Goes on with a run: what may stand in the way is looked at first, then the run is taken over, then it begins here. */
final class ResumeRun {
    private final BackstitchConfig config;
    private final Engine engine;
    private final Takeover takeover;
    private final RegisteredDags dags;

    ResumeRun(BackstitchConfig config, Engine engine, Takeover takeover, RegisteredDags dags) {
        this.config = config;
        this.engine = engine;
        this.takeover = takeover;
        this.dags = dags;
    }

    Run run(RunRecord record, MergeAgain.Which which) {
        String id = record.id();
        if (record.state().isFinal()) {
            throw new BackstitchException(
                    ErrorCode.WRONG_STATE,
                    "resume of run " + id + " refused: expected one that is not over, found it " + record.state()
                            + ". Nothing was changed.");
        }
        if (engine.actsFor(id)) {
            throw new BackstitchException(
                    ErrorCode.STATE_IN_USE,
                    "resume of run " + id + " refused: expected that nobody works on it, found this very engine at it."
                            + " Nothing was changed. Wait for it.");
        }
        Plan frozen = PlanFormat.read(config.state().plan(id));
        CancelRun cancel = new CancelRun(config);
        if (record.state() == RunState.CANCELLING) {
            // Whatever has become of the dag since.
            cancel.finish(takeover.of(record, WorkOrders.of(frozen, id, record.epoch(), record.actor())));
        }
        Plan plan = frozen.with(dags.of(record, frozen));
        List<WorkOrder> planned = WorkOrders.of(plan, id, record.epoch(), record.actor());
        MergeAgain again = new MergeAgain(config, which);
        new SameSource(config.connector(), again::isAskedFor).require(plan, planned);
        List<WorkOrder> orders = takeover.of(record, planned);
        if (config.state().run(id).map(RunRecord::state).equals(Optional.of(RunState.CANCELLING))) {
            // Asked for since the record was read.
            cancel.finish(orders);
        }
        cancel.finishIfBegun(orders);
        try {
            again.whatFailed(orders);
            again.bringIntoLine(plan, orders);
        } catch (RuntimeException e) {
            leave(id, orders.get(0).epoch(), e);
            throw e;
        }
        return new Run(id, engine.begin(plan, orders), engine::workUntil);
    }

    /** It was taken over and does not begin: whoever comes next must not wait for this engine's lease. */
    private void leave(String id, long epoch, RuntimeException why) {
        try {
            config.state()
                    .transition(
                            id,
                            epoch,
                            Set.of(RunState.RUNNING),
                            RunState.FAILED,
                            String.valueOf(why.getMessage()),
                            config.clock().instant());
        } catch (BackstitchException e) {
            why.addSuppressed(e);
        }
    }
}
