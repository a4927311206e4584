package dev.backstitch;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.quartz.QuartzLanes;
import dev.backstitch.run.CallersThread;
import dev.backstitch.run.ExecutorLanes;
import dev.backstitch.run.LaneSource;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.impl.matchers.GroupMatcher;
import org.quartz.listeners.TriggerListenerSupport;

/** A scheduler or an executor that the host runs already, with work of its own. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostSchedulerTest {
    private static final int DAYS = 40;
    private static final Limits LIMITS =
            new Limits(8, Duration.ofMinutes(1), new Limits.Retry(3, Duration.ofMillis(10), Duration.ofMillis(50)));
    private static final AtomicInteger HOST_FIRED = new AtomicInteger();
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    @TempDir
    Path dir;

    private final MemoryConnector connector = new MemoryConnector();
    private final Dag dag = Samples.flights(DAYS, LIMITS);
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private final AtomicInteger misfired = new AtomicInteger();
    private final Set<String> threads = ConcurrentHashMap.newKeySet();
    private final List<Scheduler> schedulers = new ArrayList<>();

    /** Work of the host's, that takes its thread for a while. */
    public static final class HostJob implements Job {
        @Override
        public void execute(JobExecutionContext context) {
            HOST_FIRED.incrementAndGet();
            pause(20);
        }
    }

    private static void pause(long millis) {
        try {
            assertThat(NEVER.await(millis, MILLISECONDS)).isFalse();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Scheduler host(int threadCount) throws SchedulerException {
        String name = "host-" + UUID.randomUUID();
        Properties properties = new Properties();
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_NAME, name);
        properties.setProperty(StdSchedulerFactory.PROP_THREAD_POOL_CLASS, "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", Integer.toString(threadCount));
        properties.setProperty("org.quartz.threadPool.threadNamePrefix", "host");
        properties.setProperty("org.quartz.jobStore.misfireThreshold", "1000");
        Scheduler scheduler = new StdSchedulerFactory(properties).getScheduler();
        scheduler.getListenerManager().addTriggerListener(new TriggerListenerSupport() {
            @Override
            public String getName() {
                return "misfires";
            }

            @Override
            public void triggerMisfired(Trigger trigger) {
                misfired.incrementAndGet();
            }
        });
        schedulers.add(scheduler);
        return scheduler;
    }

    private static void busy(Scheduler scheduler, int jobs) throws SchedulerException {
        for (int i = 0; i < jobs; i++) {
            scheduler.scheduleJob(
                    JobBuilder.newJob(HostJob.class)
                            .withIdentity("job-" + i, "host")
                            .build(),
                    TriggerBuilder.newTrigger()
                            .withIdentity("trigger-" + i, "host")
                            .withSchedule(SimpleScheduleBuilder.simpleSchedule()
                                    .withIntervalInMilliseconds(60)
                                    .repeatForever())
                            .build());
        }
        scheduler.start();
    }

    private Backstitch open(LaneSource lanes) {
        connector.inMerge = (partition, interrupt) -> {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            threads.add(Thread.currentThread().getName());
            pause(15);
            atOnce.decrementAndGet();
        };
        return Backstitch.open(BackstitchConfig.of(connector, StateStores.h2(dir.resolve("state")))
                        .sweep(Duration.ofMillis(200))
                        .lanes(lanes))
                .register(dag);
    }

    @AfterEach
    void shutDown() throws SchedulerException {
        for (Scheduler scheduler : schedulers) {
            scheduler.shutdown(true);
        }
    }

    /** Everything of the host's that could change, by name. */
    private static Map<String, String> inventory(Scheduler scheduler) throws SchedulerException {
        Map<String, String> all = new TreeMap<>();
        for (JobKey key : scheduler.getJobKeys(GroupMatcher.anyJobGroup())) {
            all.put("job " + key, String.valueOf(scheduler.getJobDetail(key)));
        }
        for (TriggerKey key : scheduler.getTriggerKeys(GroupMatcher.anyTriggerGroup())) {
            all.put("trigger " + key, scheduler.getTriggerState(key) == Trigger.TriggerState.ERROR ? "error" : "well");
        }
        all.put(
                "listeners",
                scheduler.getListenerManager().getTriggerListeners() + " "
                        + scheduler.getListenerManager().getJobListeners() + " "
                        + scheduler.getListenerManager().getSchedulerListeners());
        all.put("calendars", scheduler.getCalendarNames().toString());
        all.put("context", new TreeSet<>(List.of(scheduler.getContext().getKeys())).toString());
        all.put("started", scheduler.isStarted() + " " + scheduler.isInStandbyMode() + " " + scheduler.isShutdown());
        return all;
    }

    private void assertMergedOnce() {
        assertThat(connector.mergesCommitted).hasSize(DAYS);
        assertThat(connector.mergesCommitted.values()).containsOnly(1);
    }

    @Test
    void aSchedulerWithWorkOfItsOwn_isLeftAsItWas() throws Exception {
        Scheduler host = host(8);
        busy(host, 5);
        Map<String, String> before = inventory(host);
        int firedBefore = HOST_FIRED.get();

        try (Backstitch backstitch = open(QuartzLanes.on(host))) {
            Run run = backstitch.start(backstitch.plan(dag));
            assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
        }

        assertMergedOnce();
        assertThat(mostAtOnce.get()).as("a quarter of 8 threads").isEqualTo(2);
        assertThat(threads).allMatch(name -> name.startsWith("host"));
        assertThat(inventory(host)).isEqualTo(before);
        assertThat(misfired.get()).isZero();
        assertThat(HOST_FIRED.get()).isGreaterThan(firedBefore + 5);
    }

    @Test
    void aSchedulerWithOneThread_completesARun_andLetsTheHostsJobsInBetween() throws Exception {
        Scheduler host = host(1);
        busy(host, 1);
        AtomicInteger between = new AtomicInteger();
        try (Backstitch backstitch = open(QuartzLanes.on(host))) {
            int firedBefore = HOST_FIRED.get();
            Run run = backstitch.start(backstitch.plan(dag));
            assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
            between.set(HOST_FIRED.get() - firedBefore);
        }

        assertMergedOnce();
        assertThat(mostAtOnce.get()).isEqualTo(1);
        assertThat(between.get()).isGreaterThan(5);
    }

    @Test
    void aSchedulerThatIsShutDownUnderUs_leavesARunThatCanBeResumed() throws Exception {
        Scheduler host = host(8);
        host.start();
        CountDownLatch begun = new CountDownLatch(1);
        Run run;
        try (Backstitch backstitch = open(QuartzLanes.on(host))) {
            var slowly = connector.inMerge;
            connector.inMerge = (partition, interrupt) -> {
                begun.countDown();
                slowly.accept(partition, interrupt);
            };
            run = backstitch.start(backstitch.plan(dag));
            assertThat(begun.await(20, SECONDS)).isTrue();
            host.shutdown(false);

            RunResult ended = run.await();

            assertThat(ended.state()).isEqualTo(RunState.FAILED);
            assertThat(ended.failure()).contains("was shut down").contains("Resume");
        }
        ExecutorService executor = Executors.newFixedThreadPool(3);
        try (Backstitch backstitch = open(ExecutorLanes.on(executor))) {
            assertThat(backstitch.resume(run.id()).await().state()).isEqualTo(RunState.PUBLISHED);
            assertMergedOnce();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void aSchedulerInStandby_keepsARunWaiting() throws Exception {
        Scheduler host = host(8);
        try (Backstitch backstitch = open(QuartzLanes.on(host))) {
            Run run = backstitch.start(backstitch.plan(dag));
            pause(600);
            assertThat(connector.mergesCommitted).isEmpty();
            assertThat(backstitch.runs().get(0).state()).isEqualTo(RunState.RUNNING);

            host.start();

            assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
            assertMergedOnce();
        }
    }

    @Test
    void anExecutor_isUsed_andLeftOpen() throws Exception {
        AtomicInteger names = new AtomicInteger();
        ExecutorService executor = Executors.newFixedThreadPool(
                4, task -> new Thread(task, "pool-of-the-host-" + names.incrementAndGet()));
        try {
            try (Backstitch backstitch = open(ExecutorLanes.on(executor))) {
                assertThat(backstitch.start(backstitch.plan(dag)).await().state())
                        .isEqualTo(RunState.PUBLISHED);
            }
            assertMergedOnce();
            assertThat(mostAtOnce.get()).isBetween(2, 4);
            assertThat(threads).isNotEmpty().allMatch(name -> name.startsWith("pool-of-the-host-"));
            assertThat(executor.isShutdown()).isFalse();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void anExecutorThatIsShutDownUnderUs_leavesARunThatCanBeResumed() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(2);
        CountDownLatch begun = new CountDownLatch(1);
        try (Backstitch backstitch = open(ExecutorLanes.on(executor))) {
            var slowly = connector.inMerge;
            connector.inMerge = (partition, interrupt) -> {
                begun.countDown();
                slowly.accept(partition, interrupt);
                pause(150);
            };
            Run run = backstitch.start(backstitch.plan(dag));
            assertThat(begun.await(20, SECONDS)).isTrue();

            executor.shutdown();

            assertThat(run.await().state()).isEqualTo(RunState.FAILED);
        }
    }

    /** The scheduler as it is, but for what becomes of each trigger of ours. */
    private static Scheduler unreliable(Scheduler scheduler, Function<Trigger, List<Trigger>> fate) {
        return (Scheduler) Proxy.newProxyInstance(
                HostSchedulerTest.class.getClassLoader(),
                new Class<?>[] {Scheduler.class},
                (proxy, method, arguments) -> {
                    try {
                        if (!method.getName().equals("scheduleJob") || arguments.length != 1) {
                            return method.invoke(scheduler, arguments);
                        }
                        for (Trigger trigger : fate.apply((Trigger) arguments[0])) {
                            scheduler.scheduleJob(trigger);
                        }
                        return new Date();
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void triggersThatFireTwice_doNothingTwice() throws SchedulerException {
        Scheduler scheduler = host(8);
        scheduler.start();
        AtomicInteger doubled = new AtomicInteger();
        Backstitch backstitch = open(QuartzLanes.on(unreliable(
                scheduler,
                trigger -> List.of(
                        trigger,
                        trigger.getTriggerBuilder()
                                .withIdentity(
                                        "again-" + doubled.incrementAndGet(),
                                        trigger.getKey().getGroup())
                                .build()))));

        assertThat(backstitch.start(backstitch.plan(dag)).await().state()).isEqualTo(RunState.PUBLISHED);

        assertThat(doubled).hasPositiveValue();
        assertMergedOnce();
        assertThat(mostAtOnce.get()).as("a quarter of 8 threads").isEqualTo(2);
        backstitch.close();
    }

    @Test
    void triggersThatNeverFire_areMadeGoodByTheSweep() throws Exception {
        Scheduler scheduler = host(8);
        scheduler.start();
        AtomicInteger asked = new AtomicInteger();
        CountDownLatch lostMany = new CountDownLatch(5);
        Backstitch backstitch = open(QuartzLanes.on(unreliable(scheduler, trigger -> {
            // All of the first ones, and then two of three.
            lostMany.countDown();
            return asked.incrementAndGet() < 5 || asked.get() % 3 != 0 ? List.of() : List.of(trigger);
        })));

        Run run = backstitch.start(backstitch.plan(dag));
        assertThat(lostMany.await(30, SECONDS)).isTrue();

        assertThat(run.await().state()).isEqualTo(RunState.PUBLISHED);
        assertMergedOnce();
        backstitch.close();
    }

    @Test
    void whoWaits_doesTheWork_whereThereAreNoThreads() {
        AtomicInteger failed = new AtomicInteger();
        try (Backstitch backstitch = open(CallersThread.lanes())) {
            var slowly = connector.inMerge;
            connector.inMerge = (partition, interrupt) -> {
                slowly.accept(partition, interrupt);
                if (failed.incrementAndGet() == 3) {
                    throw new BackstitchException(ErrorCode.CONFLICT, "tried again later, by the same thread");
                }
            };
            assertThat(backstitch.run(backstitch.plan(dag)).state()).isEqualTo(RunState.PUBLISHED);
        }

        assertMergedOnce();
        assertThat(mostAtOnce).hasValue(1);
        assertThat(threads).containsExactly(Thread.currentThread().getName());
    }

    @Test
    void nothingGoesOn_unlessSomebodyWaits() {
        try (Backstitch backstitch = open(CallersThread.lanes())) {
            Run run = backstitch.start(backstitch.plan(dag));
            backstitch.pause(run.id());
            assertThat(run.await().state()).isEqualTo(RunState.PAUSED);
            assertThat(connector.mergesCommitted).isEmpty();

            assertThat(backstitch.resume(run.id()).await().state()).isEqualTo(RunState.PUBLISHED);
        }
        assertMergedOnce();
    }
}
