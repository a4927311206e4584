package dev.backstitch.examples.benchmark;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.task.TaskInstance;
import com.github.kagkarlsson.scheduler.task.helper.OneTimeTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import com.zaxxer.hikari.HikariDataSource;
import dev.backstitch.Backstitch;
import dev.backstitch.quartz.QuartzCluster;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.StateStores;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;

/** Four lanes each, with what each of them recommends for throughput. */
final class Contenders {
    private Contenders() {}

    /** Marks an instance running, and marks it done: what state that survives a crash costs at least, one by one. */
    record TwoTransactions() implements Contender {
        @Override
        public String name() {
            return "two transactions an instance by hand";
        }

        @Override
        public double run(HikariDataSource database, int instances) throws Exception {
            execute(
                    database,
                    "create table task (id int primary key, state varchar(16), attempt int, started_at timestamptz,"
                            + " ended_at timestamptz)",
                    "insert into task select x, 'READY', 0, null, null from generate_series(0, " + (instances - 1)
                            + ") x");
            AtomicInteger next = new AtomicInteger();
            ExecutorService threads = Executors.newFixedThreadPool(Nothing.LANES);
            try {
                long began = System.nanoTime();
                List<Future<?>> loops = new ArrayList<>();
                for (int i = 0; i < Nothing.LANES; i++) {
                    loops.add(threads.submit(() -> {
                        loop(database, next, instances);
                        return null;
                    }));
                }
                for (Future<?> loop : loops) {
                    loop.get();
                }
                return instances * 1e9 / (System.nanoTime() - began);
            } finally {
                threads.shutdownNow();
            }
        }

        static void loop(DataSource database, AtomicInteger next, int instances) throws SQLException {
            try (Connection connection = database.getConnection();
                    PreparedStatement begin = connection.prepareStatement("update task set state = 'RUNNING',"
                            + " attempt = attempt + 1, started_at = current_timestamp where id = ? and state ="
                            + " 'READY'");
                    PreparedStatement end = connection.prepareStatement("update task set state = 'SUCCEEDED',"
                            + " ended_at = current_timestamp where id = ? and state = 'RUNNING'")) {
                connection.setAutoCommit(false);
                for (int id = next.getAndIncrement(); id < instances; id = next.getAndIncrement()) {
                    for (PreparedStatement step : Arrays.asList(begin, end)) {
                        step.setInt(1, id);
                        if (step.executeUpdate() != 1) {
                            throw new IllegalStateException("instance " + id);
                        }
                        connection.commit();
                    }
                }
            }
        }
    }

    /** One engine in one process, or a second one in another that helps. */
    record Engines(int processes) implements Contender {
        @Override
        public String name() {
            return "Backstitch, " + processes + (processes == 1 ? " process" : " processes");
        }

        @Override
        public double run(HikariDataSource database, int instances) throws Exception {
            Dag dag = Nothing.of(instances);
            StateStores.on(database).close();
            List<Worker> others = new ArrayList<>();
            try (Backstitch owner =
                    Nothing.engine(StateStores.on(database), event -> {}).register(dag)) {
                for (int i = 1; i < processes; i++) {
                    others.add(Worker.start(database.getJdbcUrl(), instances));
                }
                Nothing.requirePublished(owner.run(owner.plan(dag)));
            } finally {
                for (Worker other : others) {
                    other.close();
                }
            }
            return instances / seconds(database);
        }

        /** From the first merge's beginning to the last one's end, as they are stored, by the database's clock. */
        private static double seconds(DataSource database) throws SQLException {
            try (Connection connection = database.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select extract(epoch from max(ended_at) - min(started_at))"
                            + " from bf_instance where partition <> ''")) {
                row.next();
                return row.getDouble(1);
            }
        }
    }

    /** db-scheduler with lock-and-fetch, its instances scheduled in batches beforehand. */
    record DbScheduler() implements Contender {
        @Override
        public String name() {
            return "db-scheduler, lock and fetch";
        }

        @Override
        public double run(HikariDataSource database, int instances) throws Exception {
            execute(
                    database,
                    "create table scheduled_tasks (task_name text not null, task_instance text not null, task_data bytea,"
                            + " execution_time timestamptz not null, picked boolean not null, picked_by text,"
                            + " last_success timestamptz, last_failure timestamptz, consecutive_failures int,"
                            + " last_heartbeat timestamptz, version bigint not null, priority smallint, state text,"
                            + " state_reason text, primary key (task_name, task_instance))",
                    "create index execution_time_idx on scheduled_tasks (execution_time)",
                    "create index last_heartbeat_idx on scheduled_tasks (last_heartbeat)");
            CountDownLatch done = new CountDownLatch(instances);
            OneTimeTask<Void> task = Tasks.oneTime("nothing").execute((instance, context) -> done.countDown());
            Scheduler scheduler = Scheduler.create(database, task)
                    .threads(Nothing.LANES)
                    .pollUsingLockAndFetch(10, 100)
                    .pollingInterval(Duration.ofMillis(50))
                    .build();
            Instant now = Instant.now();
            List<TaskInstance<?>> all = new ArrayList<>();
            for (int i = 0; i < instances; i++) {
                all.add(task.instance(Integer.toString(i)));
            }
            scheduler.scheduleBatch(all, now);
            try {
                long began = System.nanoTime();
                scheduler.start();
                if (!done.await(5, TimeUnit.MINUTES)) {
                    throw new IllegalStateException(done.getCount() + " left");
                }
                return instances * 1e9 / (System.nanoTime() - began);
            } finally {
                scheduler.stop();
            }
        }
    }

    /** Quartz with its clustered store, one job and a trigger an instance, twenty at a time. */
    record ClusteredQuartz() implements Contender {
        private static final AtomicInteger NAMES = new AtomicInteger();
        private static volatile CountDownLatch done = new CountDownLatch(0);

        /** Does nothing. */
        public static final class Nothing implements Job {
            @Override
            public void execute(JobExecutionContext context) {
                done.countDown();
            }
        }

        @Override
        public String name() {
            return "Quartz, clustered JDBC store";
        }

        @Override
        public double run(HikariDataSource database, int instances) throws Exception {
            QuartzCluster.createTables(database);
            String name = "quartz-" + NAMES.incrementAndGet();
            QuartzCluster.connect(name, database);
            Properties properties = new Properties();
            properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_NAME, name);
            properties.setProperty(StdSchedulerFactory.PROP_SCHED_INSTANCE_ID, "one");
            properties.setProperty(StdSchedulerFactory.PROP_THREAD_POOL_CLASS, "org.quartz.simpl.SimpleThreadPool");
            properties.setProperty(
                    "org.quartz.threadPool.threadCount",
                    Integer.toString(dev.backstitch.examples.benchmark.Nothing.LANES));
            properties.setProperty("org.quartz.scheduler.batchTriggerAcquisitionMaxCount", "20");
            properties.setProperty(StdSchedulerFactory.PROP_JOB_STORE_CLASS, "org.quartz.impl.jdbcjobstore.JobStoreTX");
            properties.setProperty(
                    "org.quartz.jobStore.driverDelegateClass", "org.quartz.impl.jdbcjobstore.PostgreSQLDelegate");
            properties.setProperty("org.quartz.jobStore.dataSource", name);
            properties.setProperty("org.quartz.jobStore.isClustered", "true");
            properties.setProperty("org.quartz.jobStore.acquireTriggersWithinLock", "true");
            properties.setProperty("org.quartz.jobStore.misfireThreshold", "3600000");
            org.quartz.Scheduler scheduler = new StdSchedulerFactory(properties).getScheduler();
            done = new CountDownLatch(instances);
            JobDetail job = JobBuilder.newJob(Nothing.class)
                    .withIdentity("nothing")
                    .storeDurably()
                    .build();
            scheduler.addJob(job, true);
            for (int i = 0; i < instances; i++) {
                scheduler.scheduleJob(
                        TriggerBuilder.newTrigger().forJob(job).startNow().build());
            }
            try {
                long began = System.nanoTime();
                scheduler.start();
                if (!done.await(10, TimeUnit.MINUTES)) {
                    throw new IllegalStateException(done.getCount() + " left");
                }
                return instances * 1e9 / (System.nanoTime() - began);
            } finally {
                scheduler.shutdown(true);
            }
        }
    }

    static List<Contender> all() {
        return Stream.of(
                        new TwoTransactions(), new Engines(1), new Engines(2), new DbScheduler(), new ClusteredQuartz())
                .map(Contender.class::cast)
                .toList();
    }

    static void execute(DataSource database, String... statements) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
