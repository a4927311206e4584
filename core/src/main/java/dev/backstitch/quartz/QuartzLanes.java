package dev.backstitch.quartz;

import static java.util.Objects.requireNonNull;

import dev.backstitch.plan.Task;
import dev.backstitch.run.LaneSource;
import dev.backstitch.run.Lanes;
import dev.backstitch.run.Turnstile;
import dev.backstitch.spec.Hold;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.impl.matchers.GroupMatcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lanes as triggers in a Quartz scheduler: one of our own that keeps its jobs in memory, or the host's. Of the host's only
 * jobs and triggers in groups of ours are touched, which are gone when their run has ended, and an entry of the scheduler's
 * context. Thread-safe.
 */
public final class QuartzLanes implements Lanes {
    private static final Logger LOG = LoggerFactory.getLogger(QuartzLanes.class);

    private static final int DEFAULT_THREADS = 8;
    private static final int SHARE_OF_THE_HOST = 4;
    private static final Duration SLICE = Duration.ofSeconds(10);
    private static final Duration SLICE_OF_THE_HOST = Duration.ofSeconds(1);

    private final Scheduler scheduler;
    private final Possession possession;
    private final int width;
    private final Duration slice;
    private final Clock clock;
    private final Turnstile turnstile;
    private final AtomicLong triggers = new AtomicLong();
    private final String here = UUID.randomUUID().toString().substring(0, 8);
    private final Map<String, List<Task>> tasks = new ConcurrentHashMap<>();

    private enum Possession {
        OURS,
        THE_HOSTS
    }

    private QuartzLanes(
            Scheduler scheduler, Possession possession, Lanes.Work work, int width, Duration slice, Clock clock) {
        this.scheduler = scheduler;
        this.possession = possession;
        this.width = width;
        this.slice = slice;
        this.clock = clock;
        this.turnstile = new Turnstile(width, work, this::wakeByName);
    }

    /** Lanes in a scheduler that is made for an engine and ends with it. By default eight. */
    public static LaneSource own() {
        return new LaneSource() {
            @Override
            public int defaultThreads() {
                return DEFAULT_THREADS;
            }

            @Override
            public Lanes open(Lanes.Work work, int threads, Clock clock) {
                try {
                    Scheduler scheduler = new StdSchedulerFactory(properties(threads)).getScheduler();
                    QuartzLanes lanes = new QuartzLanes(scheduler, Possession.OURS, work, threads, SLICE, clock);
                    LaneJob.enter(scheduler, lanes.turnstile);
                    scheduler.start();
                    return lanes;
                } catch (SchedulerException e) {
                    throw new IllegalStateException("Quartz could not be started", e);
                }
            }
        };
    }

    /**
     * Lanes in a scheduler of the host's, with a job store in memory or in a database. It is never started, stopped or
     * configured here. By default a quarter of its threads is used, at least one; each lane lets others have its thread
     * after a second at the latest that begins no more work, and after each task instance where there is one thread alone.
     * While it is in standby, runs wait; if it is shut down, they end and can be resumed.
     */
    public static LaneSource on(Scheduler scheduler) {
        requireNonNull(scheduler, "scheduler");
        int pool = poolSize(scheduler);
        return new LaneSource() {
            @Override
            public int defaultThreads() {
                return Math.max(1, pool / SHARE_OF_THE_HOST);
            }

            @Override
            public Lanes open(Lanes.Work work, int threads, Clock clock) {
                Duration slice = pool == 1 ? Duration.ZERO : SLICE_OF_THE_HOST;
                QuartzLanes lanes = new QuartzLanes(scheduler, Possession.THE_HOSTS, work, threads, slice, clock);
                try {
                    LaneJob.enter(scheduler, lanes.turnstile);
                } catch (SchedulerException e) {
                    throw new IllegalStateException("the scheduler's context can't be reached", e);
                }
                return lanes;
            }
        };
    }

    private static int poolSize(Scheduler scheduler) {
        try {
            return scheduler.getMetaData().getThreadPoolSize();
        } catch (SchedulerException e) {
            throw new IllegalArgumentException("the scheduler does not tell how many threads it has", e);
        }
    }

    private static Properties properties(int threads) {
        String name = "backstitch-" + UUID.randomUUID();
        Properties properties = new Properties();
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_NAME, name);
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_ID, name);
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_MAKE_SCHEDULER_THREAD_DAEMON, "true");
        properties.setProperty(StdSchedulerFactory.PROP_THREAD_POOL_CLASS, "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", Integer.toString(threads));
        properties.setProperty("org.quartz.threadPool.threadNamePrefix", "backstitch-lane");
        properties.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
        properties.setProperty(StdSchedulerFactory.PROP_JOB_STORE_CLASS, "org.quartz.simpl.RAMJobStore");
        return properties;
    }

    /** Groups of the host's alone: nobody downstream has jobs in a scheduler of ours. */
    @Override
    public Optional<Hold.Port> portOf(Hold hold) {
        return possession == Possession.THE_HOSTS && hold instanceof Hold.QuartzGroup group
                ? Optional.of(new GroupHold(scheduler, group.group()))
                : Optional.empty();
    }

    @Override
    public void add(String run, List<Task> all) {
        tasks.put(run, List.copyOf(all));
        try {
            addJobs(run, all);
        } catch (SchedulerException e) {
            LOG.warn("run={} its jobs could not be added to Quartz, the sweep will try again: {}", run, e.getMessage());
        }
    }

    private void addJobs(String run, List<Task> all) throws SchedulerException {
        for (JobDetail job : RunJobs.of(run, all)) {
            scheduler.addJob(job, true);
        }
    }

    @Override
    public void wake(String run, Task task, int lanes) {
        Instant now = clock.instant();
        for (int i = 0; i < Math.min(lanes, width); i++) {
            wakeAt(run, task, now);
        }
    }

    private void wakeByName(String run, String task) {
        tasks.getOrDefault(run, List.of()).stream()
                .filter(each -> each.name().equals(task))
                .findFirst()
                .ifPresent(each -> wake(run, each, 1));
    }

    /** A job that is gone belongs to a run that has ended, or another node of a cluster has removed it with its own end. */
    @Override
    public void wakeAt(String run, Task task, Instant time) {
        List<Task> known = tasks.get(run);
        if (known == null) {
            return;
        }
        Trigger lane = RunJobs.lane(run, task, here + "-" + triggers.incrementAndGet(), time);
        try {
            if (!scheduler.checkExists(RunJobs.key(run, task))) {
                addJobs(run, known);
            }
            scheduler.scheduleJob(lane);
        } catch (SchedulerException e) {
            LOG.debug("run={} task={} no lane was woken: {}", run, task.name(), e.getMessage());
        }
        if (!tasks.containsKey(run)) {
            // The run has ended meanwhile, and its end may have come before what was added here.
            removeJobs(run);
        }
    }

    @Override
    public void remove(String run) {
        tasks.remove(run);
        removeJobs(run);
    }

    private void removeJobs(String run) {
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

    @Override
    public Duration slice() {
        return slice;
    }

    @Override
    public boolean isGone() {
        try {
            return scheduler.isShutdown();
        } catch (SchedulerException e) {
            return false;
        }
    }

    /** The jobs of a run as Quartz has them, for views of them. */
    public List<JobKey> jobsOf(String run) throws SchedulerException {
        return List.copyOf(scheduler.getJobKeys(GroupMatcher.jobGroupEquals(RunJobs.group(run))));
    }

    /**
     * Quartz's own waiting takes half a second, since its idle threads look up that seldom. So this waits for what runs; a
     * lane that is woken too late finds nothing to act for.
     */
    @Override
    public void close() {
        try {
            if (possession == Possession.OURS) {
                scheduler.shutdown(false);
            } else {
                LaneJob.leave(scheduler, turnstile);
            }
        } catch (SchedulerException e) {
            LOG.warn("Quartz could not be left: {}", e.getMessage());
        }
        turnstile.awaitEmpty();
    }
}
