package dev.backstitch.quartz;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.impl.SchedulerRepository;
import org.quartz.impl.StdSchedulerFactory;
import org.quartz.utils.ConnectionProvider;
import org.quartz.utils.DBConnectionManager;

/** Nodes of a cluster whose jobs are in PostgreSQL as strings, as a host would set one up. */
public final class QuartzCluster {
    private static final String NAME = "cluster";
    private static final AtomicInteger HOST_FIRED = new AtomicInteger();

    private QuartzCluster() {}

    /** Work of the host's. */
    public static final class HostJob implements Job {
        @Override
        public void execute(JobExecutionContext context) {
            HOST_FIRED.incrementAndGet();
        }
    }

    /** How often the host's job ran in this process. */
    public static int hostFired() {
        return HOST_FIRED.get();
    }

    /** A job of the host's, five times a second. */
    public static void scheduleHostJob(Scheduler scheduler) throws SchedulerException {
        scheduler.scheduleJob(
                JobBuilder.newJob(HostJob.class).withIdentity("job", "host").build(),
                TriggerBuilder.newTrigger()
                        .withIdentity("trigger", "host")
                        .withSchedule(SimpleScheduleBuilder.simpleSchedule()
                                .withIntervalInMilliseconds(200)
                                .repeatForever())
                        .build());
    }

    /** Quartz's own tables. */
    public static void createTables(DataSource database) throws SQLException, IOException {
        try (InputStream script =
                        Scheduler.class.getResourceAsStream("/org/quartz/impl/jdbcjobstore/tables_postgres.sql");
                Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(new String(script.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** Lets Quartz find a database by a name. */
    public static void connect(String name, DataSource database) {
        DBConnectionManager.getInstance().addConnectionProvider(name, new ConnectionProvider() {
            @Override
            public Connection getConnection() throws SQLException {
                return database.getConnection();
            }

            @Override
            public void shutdown() {}

            @Override
            public void initialize() {}
        });
    }

    /** A node with eight threads, which has yet to be started. */
    public static synchronized Scheduler node(String id, DataSource database) throws SchedulerException {
        connect("quartz-" + id, database);
        Properties properties = new Properties();
        properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_NAME, NAME);
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
        SchedulerRepository.getInstance().remove(NAME);
        Scheduler scheduler = new StdSchedulerFactory(properties).getScheduler();
        SchedulerRepository.getInstance().remove(NAME);
        return scheduler;
    }
}
