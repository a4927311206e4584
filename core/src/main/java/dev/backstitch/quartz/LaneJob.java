package dev.backstitch.quartz;

import dev.backstitch.run.Lanes;
import org.quartz.Job;
import org.quartz.JobDataMap;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.SchedulerException;

/**
 * A lane: works off what is runnable of a run. Quartz may fire it twice, late or never. Its data are strings; the engine
 * is found in the scheduler's context, and a scheduler without it, such as another node of a cluster, does nothing.
 */
public final class LaneJob implements Job {
    static final String ENGINE = "engine";
    static final String RUN = "run";
    static final String TASK = "task";

    @Override
    public void execute(JobExecutionContext context) throws JobExecutionException {
        JobDataMap data = context.getJobDetail().getJobDataMap();
        Lanes.Work work = engine(context, data.getString(ENGINE));
        if (work != null) {
            work.work(data.getString(RUN), data.getString(TASK));
        }
    }

    static Lanes.@org.jspecify.annotations.Nullable Work engine(JobExecutionContext context, String engine)
            throws JobExecutionException {
        try {
            return (Lanes.Work) context.getScheduler().getContext().get(engine);
        } catch (SchedulerException e) {
            throw new JobExecutionException("the scheduler's context cannot be read", e);
        }
    }
}
