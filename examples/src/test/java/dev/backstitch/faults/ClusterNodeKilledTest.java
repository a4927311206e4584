package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.faults.SharedRun.Part;
import dev.backstitch.quartz.QuartzCluster;
import dev.backstitch.quartz.QuartzLanes;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.quartz.Scheduler;

/** Two nodes of a Quartz cluster in two processes, with a Backstitch on each, of which the one that began the run is killed. */
class ClusterNodeKilledTest {
    private static final int PARTITIONS = 60;

    @TempDir
    Path directory;

    @Test
    @Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void theNodeThatIsLeft_finishesTheRun_andRunsTheHostsJob() throws Exception {
        try (Laboratory laboratory = new Laboratory(directory)) {
            Site site = laboratory.empty(Product.POSTGRESQL);
            QuartzCluster.createTables(SharedRun.connections(site.url()));
            try (Connection connection = DriverManager.getConnection(site.url())) {
                SharedRun.create(connection, PARTITIONS);
            }
            Scheduler node = SharedRun.startNode("left", SharedRun.connections(site.url()));
            QuartzCluster.scheduleHostJob(node);
            try (Backstitch left = Backstitch.open(BackstitchConfig.of(
                                    Postgres.on(SharedRun.connections(site.url()))
                                            .open(),
                                    StateStores.on(SharedRun.connections(site.url())))
                            .lease(SharedRun.LEASE)
                            .sweep(Duration.ofMillis(500))
                            .lanes(QuartzLanes.on(node)))
                    .register(SharedRun.scene(PARTITIONS, 0.1))) {
                left.work();
                ChildJvm victim = ChildJvm.start(
                        site.home(),
                        SharedRun.class,
                        List.of(Part.NODE.name(), site.url(), Integer.toString(PARTITIONS), "0.1"));
                victim.awaitLine(SharedRun.MERGED, Duration.ofSeconds(60));
                victim.process().destroyForcibly().waitFor();
                assertThat(left.runs()).singleElement().matches(run -> run.state() == RunState.RUNNING);
                int fired = QuartzCluster.hostFired();

                until(() -> left.runs().get(0).state() == RunState.PUBLISHED);
                SharedRunTest.assertPublished(site, PARTITIONS);
                until(() -> QuartzCluster.hostFired() > fired);
                try (Connection connection = DriverManager.getConnection(site.url())) {
                    until(() -> inTheTables(connection).equals(List.of("job host.job", "trigger host.trigger")));
                    assertThat(Sql.column(connection, "select epoch from bf_run"))
                            .as("taken over")
                            .allMatch(epoch -> Integer.parseInt(epoch) > 1);
                }
                assertThat(node.isStarted()).isTrue();
                assertThat(node.isShutdown()).isFalse();
            } finally {
                node.shutdown(true);
            }
        }
    }

    /** Whatever the cluster's tables hold: the dead node's triggers go when the cluster has noticed. */
    private static List<String> inTheTables(Connection connection) {
        try {
            return Sql.column(
                    connection,
                    "select 'job ' || job_group || '.' || job_name from qrtz_job_details union all select 'trigger ' ||"
                            + " trigger_group || '.' || trigger_name from qrtz_triggers order by 1");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static void until(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
