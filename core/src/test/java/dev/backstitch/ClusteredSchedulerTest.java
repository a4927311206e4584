package dev.backstitch;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.quartz.QuartzLanes;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.state.PostgresServer;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.impl.SchedulerRepository;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;

/** Two nodes of a Quartz cluster whose jobs are in PostgreSQL as strings, with a Backstitch on each. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClusteredSchedulerTest {
    private static final int DAYS = 60;
    private static final AtomicInteger HOST_FIRED = new AtomicInteger();
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    @RegisterExtension
    static final PostgresServer SERVER = new PostgresServer();

    private final MemoryConnector connector = new MemoryConnector();
    private final Dag dag = Samples.flights(
            DAYS,
            new Limits(4, Duration.ofMinutes(1), new Limits.Retry(5, Duration.ofMillis(10), Duration.ofMillis(50))));

    /** Work of the host's. */
    public static final class HostJob implements Job {
        @Override
        public void execute(JobExecutionContext context) {
            HOST_FIRED.incrementAndGet();
        }
    }

    private static Scheduler node(String id, DataSource database) throws Exception {
        DBConnectionManager.getInstance().addConnectionProvider("quartz-" + id, new ConnectionProvider() {
            @Override
            public Connection getConnection() throws SQLException {
                return database.getConnection();
            }

            @Override
            public void shutdown() {}

            @Override
            public void initialize() {}
        });
        Properties properties = new Properties();
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_NAME, "cluster");
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_ID, id);
        properties.setProperty(StdSchedulerFactory.PROP_THREAD_POOL_CLASS, "org.quartz.simpl.SimpleThreadPool");
        properties.setProperty("org.quartz.threadPool.threadCount", "8");
        properties.setProperty(StdSchedulerFactory.PROP_JOB_STORE_CLASS, "org.quartz.impl.jdbcjobstore.JobStoreTX");
        properties.setProperty(
                "org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.PostgreSQLDelegate");
        properties.setProperty("org.quartz.jobStore.dataSource", "quartz-" + id);
        properties.setProperty("org.quartz.jobStore.useProperties", "true");
        properties.setProperty("org.quartz.jobStore.isClustered", "true");
        properties.setProperty("org.quartz.jobStore.clusterCheckinInterval", "1000");
        properties.setProperty("org.quartz.jobStore.misfireThreshold", "5000");
        // One after the other: the factory keeps schedulers of a process by their cluster's name.
        SchedulerRepository.getInstance().remove("cluster");
        Scheduler scheduler = new StdSchedulerFactory(properties).getScheduler();
        SchedulerRepository.getInstance().remove("cluster");
        return scheduler;
    }

    private static void createTables(DataSource database) throws SQLException, IOException {
        try (InputStream script =
                        Scheduler.class.getResourceAsStream("/org/quartz/impl/jdbcjobstore/tables_postgres.sql");
                Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private Backstitch open(Scheduler scheduler, DataSource state) {
        return Backstitch.open(BackstitchConfig.of(connector, StateStores.on(state))
                        .sweep(Duration.ofMillis(500))
                        .lease(Duration.ofSeconds(3))
                        .lanes(QuartzLanes.on(scheduler)))
                .register(dag);
    }

    private static List<String> ask(DataSource database, String query) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(1));
            }
            return values;
        }
    }

    private void assertMergedOnce() {
        assertThat(connector.mergesCommitted).hasSize(DAYS);
        assertThat(connector.mergesCommitted.values()).containsOnly(1);
    }

    @Test
    void aRun_isFinished_whenTheNodeThatBeganItEnds_andNothingOfItIsLeft() throws Exception {
        DataSource quartz = SERVER.pooled();
        DataSource state = SERVER.pooled();
        createTables(quartz);
        Scheduler first = node("first", quartz);
        Scheduler second = node("second", quartz);
        first.scheduleJob(
                JobBuilder.newJob(HostJob.class).withIdentity("job", "host").build(),
                TriggerBuilder.newTrigger()
                        .withIdentity("trigger", "host")
                        .withSchedule(SimpleScheduleBuilder.simpleSchedule()
                                .withIntervalInMilliseconds(200)
                                .repeatForever())
                        .build());
        first.start();
        second.start();
        CountDownLatch some = new CountDownLatch(10);
        connector.inMerge = (partition, interrupt) -> {
            some.countDown();
            pause(40);
            interrupt.throwIfPulled();
        };
        Backstitch worker = open(second, state).work();
        Backstitch beginner = open(first, state);
        String run = beginner.start(beginner.plan(dag)).id();
        assertThat(some.await(60, SECONDS)).isTrue();

        beginner.close();
        first.shutdown(false);
        int firedBefore = HOST_FIRED.get();

        while (worker.runs().get(0).state() != RunState.PUBLISHED) {
            pause(50);
        }
        assertMergedOnce();
        assertThat(worker.runs().get(0).id()).isEqualTo(run);
        pause(500);
        assertThat(ask(quartz, "select job_group || '.' || job_name from qrtz_job_details"))
                .containsExactly("host.job");
        assertThat(ask(quartz, "select trigger_group || '.' || trigger_name from qrtz_triggers"))
                .containsExactly("host.trigger");
        // The other node takes the host's own trigger over when the cluster has noticed.
        while (HOST_FIRED.get() == firedBefore) {
            pause(50);
        }
        worker.close();
        assertThat(second.isShutdown()).isFalse();
        second.shutdown(true);
    }

    private static void pause(long millis) {
        try {
            assertThat(NEVER.await(millis, MILLISECONDS)).isFalse();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
