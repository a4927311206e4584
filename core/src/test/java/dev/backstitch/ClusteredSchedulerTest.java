package dev.backstitch;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.quartz.QuartzCluster;
import dev.backstitch.quartz.QuartzLanes;
import dev.backstitch.run.MemoryConnector;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Limits;
import dev.backstitch.state.PostgresServer;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.quartz.Scheduler;

/** Two nodes of a Quartz cluster whose jobs are in PostgreSQL as strings, with a Backstitch on each. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClusteredSchedulerTest {
    private static final int DAYS = 60;
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    @RegisterExtension
    static final PostgresServer SERVER = new PostgresServer();

    private final MemoryConnector connector = new MemoryConnector();
    private final Dag dag = Samples.flights(
            DAYS,
            new Limits(4, Duration.ofMinutes(1), new Limits.Retry(5, Duration.ofMillis(10), Duration.ofMillis(50))));

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
        QuartzCluster.createTables(quartz);
        Scheduler first = QuartzCluster.node("first", quartz);
        Scheduler second = QuartzCluster.node("second", quartz);
        QuartzCluster.scheduleHostJob(first);
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
        int firedBefore = QuartzCluster.hostFired();

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
        while (QuartzCluster.hostFired() == firedBefore) {
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
