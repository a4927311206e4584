package dev.backstitch.quartz;

import dev.backstitch.run.Turnstile;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.quartz.Job;
import org.quartz.JobDataMap;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;

/**
 * A lane: works off what is runnable of a run. Quartz may fire it twice, late or never. Its data are strings; the engines of
 * this process are found in the scheduler's context, and each ignores runs that it doesn't work on. A scheduler without any,
 * such as another node of a cluster, does nothing.
 */
public final class LaneJob implements Job {
    static final String RUN = "run";
    static final String TASK = "task";
    private static final String ENGINES = "backstitch.engines";

    @Override
    public void execute(JobExecutionContext context) throws JobExecutionException {
        JobDataMap data = context.getJobDetail().getJobDataMap();
        try {
            engines(context.getScheduler()).forEach(each -> each.pass(data.getString(RUN), data.getString(TASK)));
        } catch (SchedulerException e) {
            throw new JobExecutionException("the scheduler's context cannot be read", e);
        }
    }

    /** Makes an engine's lanes known to the schedulers of this process that share this context. */
    static void enter(Scheduler scheduler, Turnstile engine) throws SchedulerException {
        synchronized (LaneJob.class) {
            if (engines(scheduler).isEmpty()) {
                scheduler.getContext().put(ENGINES, new CopyOnWriteArrayList<Turnstile>());
            }
            engines(scheduler).add(engine);
        }
    }

    /** Forgets them. */
    static void leave(Scheduler scheduler, Turnstile engine) throws SchedulerException {
        synchronized (LaneJob.class) {
            List<Turnstile> engines = engines(scheduler);
            engines.remove(engine);
            if (engines.isEmpty()) {
                scheduler.getContext().remove(ENGINES);
            }
        }
    }

    @SuppressWarnings("unchecked") // Written by this class alone.
    private static List<Turnstile> engines(Scheduler scheduler) throws SchedulerException {
        Object known = scheduler.getContext().get(ENGINES);
        return known == null ? new CopyOnWriteArrayList<>() : (List<Turnstile>) known;
    }
}
