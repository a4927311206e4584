package dev.backstitch.quartz;

import dev.backstitch.run.Lanes;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;

/** Finds lost wake-ups, at a fixed interval. */
@DisallowConcurrentExecution
public final class SweepJob implements Job {
    @Override
    public void execute(JobExecutionContext context) throws JobExecutionException {
        Lanes.Work work =
                LaneJob.engine(context, context.getJobDetail().getJobDataMap().getString(LaneJob.ENGINE));
        if (work != null) {
            work.sweep();
        }
    }
}
