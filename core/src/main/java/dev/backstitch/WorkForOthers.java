package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.run.Engine;
import dev.backstitch.run.RunRequests;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks for runs of other engines: helps those that live, and goes on with what the dead have left. */
final class WorkForOthers {
    private static final Logger LOG = LoggerFactory.getLogger(WorkForOthers.class);

    /** What another look would only find again; the rest may pass, such as a database that is gone for a moment. */
    private static final Set<ErrorCode> FOR_GOOD = Set.of(
            ErrorCode.UNKNOWN_DAG,
            ErrorCode.PLAN_CHANGED,
            ErrorCode.UNREADABLE_PLAN,
            ErrorCode.TARGET_CHANGED,
            ErrorCode.WRONG_STATE);

    private final BackstitchConfig config;
    private final Engine engine;
    private final RegisteredDags dags;
    private final Consumer<String> resume;

    /** Runs that can't be worked on here, each with the epoch at which that was found. */
    private final Map<String, Long> left = new ConcurrentHashMap<>();

    WorkForOthers(BackstitchConfig config, Engine engine, RegisteredDags dags, Consumer<String> resume) {
        this.config = config;
        this.engine = engine;
        this.dags = dags;
        this.resume = resume;
    }

    void look() {
        for (RunRecord run : config.state().actedFor()) {
            if (!engine.actsFor(run.id()) && !Long.valueOf(run.epoch()).equals(left.get(run.id()))) {
                try {
                    workOn(run);
                } catch (BackstitchException e) {
                    if (FOR_GOOD.contains(e.code())) {
                        left.put(run.id(), run.epoch());
                    }
                    LOG.info("run={} is left to others: {}", run.id(), e.getMessage());
                }
            }
        }
    }

    private void workOn(RunRecord run) {
        if (!RunRequests.isHeld(run)) {
            // A person has paused it, or too much of it failed; that its engine died before it could end doesn't change
            // that.
            if (run.state() != RunState.PAUSING && run.state() != RunState.FAILING) {
                LOG.info("run={} was left by {}, and goes on here", run.id(), run.owner());
                resume.accept(run.id());
            }
        } else if (run.state() == RunState.RUNNING && !engine.owns(run) && !engine.worksOn(run.id())) {
            Plan frozen = PlanFormat.read(config.state().plan(run.id()));
            Plan plan = frozen.with(dags.of(run, frozen));
            engine.help(plan, WorkOrders.of(plan, run.id(), run.epoch(), run.actor()));
        }
    }
}
