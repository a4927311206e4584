package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.StateStores;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two engines that share a run, while a proxy cuts the connections to their target, or to their state store. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LostConnectionsTest {
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final Duration PATIENCE = Duration.ofSeconds(240);
    private static final int ALL = 200;
    private static final int A_LOOK = 24;

    @TempDir
    static Path directory;

    private static Laboratory laboratory;

    @BeforeAll
    static void prepare() {
        laboratory = new Laboratory(directory);
    }

    @AfterAll
    static void close() throws IOException {
        laboratory.close();
    }

    /** To which of both connections are cut. */
    private enum To {
        TARGET,
        STATE
    }

    @Test
    void aFewCommitsOfEachKind_cutToTheTarget_areAskedAbout() throws Exception {
        cutCommits(To.TARGET, A_LOOK, 0.5, 3);
    }

    @Test
    void aFewCommitsOfEachKind_cutToTheStateStore_areAskedAbout() throws Exception {
        cutCommits(To.STATE, A_LOOK, 0.5, 3);
    }

    @Tag("fault")
    @Test
    void manyCommitsOfEachKind_cutToTheTarget_areAskedAbout() throws Exception {
        cutCommits(To.TARGET, ALL, 0.35, 25);
    }

    @Tag("fault")
    @Test
    void manyCommitsOfEachKind_cutToTheStateStore_areAskedAbout() throws Exception {
        cutCommits(To.STATE, ALL, 0.35, 25);
    }

    /** A look: longer than the lease. */
    @Test
    void anOutageOfTheStateStore_isOutlived() throws Exception {
        outage(A_LOOK, LEASE.plusSeconds(1));
    }

    @Tag("fault")
    @Test
    void anOutageOfHalfAMinute_isOutlived() throws Exception {
        outage(ALL, Duration.ofSeconds(30));
    }

    private static void cutCommits(To to, int partitions, double share, int ofEachKind) throws Exception {
        Site site = site(partitions);
        try (CommitProxy proxy = proxy(site);
                Backstitch owner = engine(site, to, proxy);
                Backstitch helper = engine(site, to, proxy)) {
            Dag dag = SharedRun.scene(partitions, 0.05);
            helper.register(dag).work();
            owner.register(dag).work();
            owner.start(owner.plan(dag));
            proxy.cut(share, ofEachKind);

            awaitPublished(site);

            assertThat(proxy.requestsLost()).isEqualTo(ofEachKind);
            assertThat(proxy.answersLost()).isEqualTo(ofEachKind);
            System.out.println("lost connections: to " + to + ": " + proxy.requestsLost() + " requests and "
                    + proxy.answersLost() + " answers of COMMIT, " + partitions + " partitions, epoch "
                    + column(site, "select epoch from bf_run"));
        }
        SharedRunTest.assertPublished(site, partitions);
        laboratory.drop(site);
    }

    private static void outage(int partitions, Duration length) throws Exception {
        Site site = site(partitions);
        try (CommitProxy proxy = proxy(site);
                Backstitch owner = engine(site, To.STATE, proxy);
                Backstitch helper = engine(site, To.STATE, proxy)) {
            Dag dag = SharedRun.scene(partitions, 0.05);
            helper.register(dag).work();
            owner.register(dag).work();
            owner.start(owner.plan(dag));
            until(() -> !column(site, "select 1 from bf_instance where state = 'SUCCEEDED' and task = 2 limit 1")
                    .isEmpty());

            proxy.leave();
            LockSupport.parkNanos(length.toNanos());
            proxy.comeBack();

            awaitPublished(site);
            System.out.println("lost connections: the state store was away for " + length + ", epoch "
                    + column(site, "select epoch from bf_run"));
        }
        SharedRunTest.assertPublished(site, partitions);
        laboratory.drop(site);
    }

    private static Site site(int partitions) throws SQLException, IOException {
        Site site = laboratory.empty(Product.POSTGRESQL);
        try (Connection connection = DriverManager.getConnection(site.url())) {
            SharedRun.create(connection, partitions);
        }
        return site;
    }

    private static CommitProxy proxy(Site site) throws IOException {
        return new CommitProxy(
                URI.create(site.url().substring("jdbc:".length())).getPort(), 7);
    }

    private static Backstitch engine(Site site, To to, CommitProxy proxy) {
        String cut = proxy.through(site.url());
        return Backstitch.open(BackstitchConfig.of(
                        Postgres.on(SharedRun.connections(to == To.TARGET ? cut : site.url()))
                                .open(),
                        StateStores.on(SharedRun.connections(to == To.STATE ? cut : site.url())))
                .lease(LEASE)
                .sweep(Duration.ofMillis(500)));
    }

    private static List<String> column(Site site, String query) {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            return Sql.column(connection, query);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private interface Condition {
        boolean holds();
    }

    private static void until(Condition condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    /** Nobody has to do anything about it. */
    private static void awaitPublished(Site site) {
        until(() -> {
            String now =
                    column(site, "select state || ' ' || failure from bf_run").get(0);
            if (now.startsWith("FAILED") || now.startsWith("AUDITED")) {
                throw new AssertionError(now);
            }
            return now.startsWith("PUBLISHED");
        });
    }
}
