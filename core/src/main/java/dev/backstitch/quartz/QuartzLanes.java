package dev.backstitch.quartz;

import dev.backstitch.plan.Task;
import dev.backstitch.run.Lanes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.impl.matchers.GroupMatcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lanes as triggers in a Quartz scheduler of our own that keeps its jobs in memory. Thread-safe. */
public final class QuartzLanes implements Lanes {
    private static final Logger LOG = LoggerFactory.getLogger(QuartzLanes.class);

    private static final Duration PAUSE = Duration.ofMillis(1);

    private final Scheduler scheduler;
    private final String engine;
    private final int width;
    private final Clock clock;
    private final AtomicLong triggers = new AtomicLong();

    private QuartzLanes(Scheduler scheduler, String engine, int width, Clock clock) {
        this.scheduler = scheduler;
        this.engine = engine;
        this.width = width;
        this.clock = clock;
    }

    /**
     * Starts a scheduler of our own.
     *
     * @param work what its lanes call
     * @param threads how many lanes can run at the same time, at least 1
     * @param sweepEvery how often lost wake-ups are looked for
     */
    public static QuartzLanes own(Lanes.Work work, int threads, Duration sweepEvery, Clock clock) {
        String engine = "backstitch-" + UUID.randomUUID();
        try {
            Scheduler scheduler = new StdSchedulerFactory(properties(engine, threads)).getScheduler();
            scheduler.getContext().put(engine, work);
            scheduler.scheduleJob(
                    JobBuilder.newJob(SweepJob.class)
                            .withIdentity("sweeper", "backstitch")
                            .usingJobData(LaneJob.ENGINE, engine)
                            .build(),
                    TriggerBuilder.newTrigger()
                            .withIdentity("sweeper", "backstitch")
                            .withSchedule(SimpleScheduleBuilder.simpleSchedule()
                                    .withIntervalInMilliseconds(sweepEvery.toMillis())
                                    .repeatForever()
                                    .withMisfireHandlingInstructionNextWithRemainingCount())
                            .build());
            scheduler.start();
            return new QuartzLanes(scheduler, engine, threads, clock);
        } catch (SchedulerException e) {
            throw new IllegalStateException("Quartz could not be started", e);
        }
    }

    private static Properties properties(String engine, int threads) {
        Properties properties = new Properties();
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_NAME, engine);
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_ID, engine);
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_MAKE_SCHEDULER_THREAD_DAEMON, "true");
        properties.setProperty(StdSchedulerFactory.PROP_THREAD_POOL_CLASS, "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", Integer.toString(threads));
        properties.setProperty("org.quartz.threadPool.threadNamePrefix", "backstitch-lane");
        properties.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
        properties.setProperty(StdSchedulerFactory.PROP_JOB_STORE_CLASS, "org.quartz.simpl.RAMJobStore");
        return properties;
    }

    @Override
    public void add(String run, List<Task> tasks) {
        try {
            for (JobDetail job : RunJobs.of(run, tasks, engine)) {
                scheduler.addJob(job, true);
            }
        } catch (SchedulerException e) {
            throw new IllegalStateException("the jobs of run " + run + " could not be added to Quartz", e);
        }
    }

    @Override
    public void wake(String run, Task task, int lanes) {
        Instant now = clock.instant();
        for (int i = 0; i < Math.min(lanes, width); i++) {
            wakeAt(run, task, now);
        }
    }

    /** A job that is gone belongs to a run that has ended: the wake-up is late, and harmless. */
    @Override
    public void wakeAt(String run, Task task, Instant time) {
        try {
            scheduler.scheduleJob(RunJobs.lane(run, task, triggers.incrementAndGet(), time));
        } catch (SchedulerException e) {
            LOG.debug("run={} task={} no lane was woken: {}", run, task.name(), e.getMessage());
        }
    }

    @Override
    public void remove(String run) {
        try {
            scheduler.deleteJobs(
                    new ArrayList<>(scheduler.getJobKeys(GroupMatcher.jobGroupEquals(RunJobs.group(run)))));
        } catch (SchedulerException e) {
            LOG.debug("run={} its jobs could not be removed: {}", run, e.getMessage());
        }
    }

    @Override
    public int width() {
        return width;
    }

    /** The scheduler, for views of jobs in assertions. */
    public Scheduler scheduler() {
        return scheduler;
    }

    /**
     * Quartz's own waiting takes half a second, since its idle threads look up that seldom. So this waits for what runs; a
     * lane that is woken too late finds nothing to act for.
     */
    @Override
    public void close() {
        try {
            scheduler.shutdown(false);
            while (!scheduler.getCurrentlyExecutingJobs().isEmpty()) {
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        } catch (SchedulerException e) {
            LOG.warn("Quartz could not be shut down: {}", e.getMessage());
        }
    }
}
