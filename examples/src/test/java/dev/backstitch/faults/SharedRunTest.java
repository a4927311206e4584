package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.faults.SharedRun.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Processes that share a run, with their state on the PostgreSQL of the target, and what becomes of it when one fails. */
class SharedRunTest {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int A_LOOK = 60;
    private static final int ALL = 200;

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

    /** What happens to one of two processes in the middle of its merges. */
    enum Fault {
        NOTHING("-CONT", false),
        HELPER_KILLED("-KILL", false),
        OWNER_KILLED("-KILL", true),
        HELPER_SUSPENDED("-STOP", false),
        OWNER_SUSPENDED("-STOP", true);

        private final String signal;
        private final boolean meetsOwner;

        Fault(String signal, boolean meetsOwner) {
            this.signal = signal;
            this.meetsOwner = meetsOwner;
        }

        boolean suspends() {
            return signal.equals("-STOP");
        }
    }

    /** A look: the owner dies, and its helper becomes the owner. */
    @Test
    void aRun_isFinishedByWhoeverIsLeft() throws Exception {
        share(A_LOOK, 0.1, Fault.OWNER_KILLED);
    }

    @Tag("fault")
    @ParameterizedTest
    @EnumSource
    void aSharedRun_mergesEachPartitionOnce(Fault fault) throws Exception {
        share(ALL, 0.2, fault);
    }

    /** A look: three of them. */
    @Test
    void theSameCommandGivenAtOnce_isOneRun() throws Exception {
        command(3, 20);
    }

    @Tag("fault")
    @Test
    void theSameCommandGivenByTenProcessesAtOnce_isOneRun() throws Exception {
        command(10, A_LOOK);
    }

    private static void command(int processes, int partitions) throws Exception {
        Site site = laboratory.empty(Product.POSTGRESQL);
        try (Connection connection = DriverManager.getConnection(site.url())) {
            SharedRun.create(connection, partitions);
        }
        String at =
                Long.toString(Instant.now().plusMillis(1000L + 500L * processes).toEpochMilli());
        List<ChildJvm> children = new ArrayList<>();
        for (int i = 0; i < processes; i++) {
            children.add(ChildJvm.start(
                    site.home(),
                    SharedRun.class,
                    List.of(Part.COMMAND.name(), site.url(), Integer.toString(partitions), "0.1", at)));
        }
        int attached = 0;
        for (ChildJvm child : children) {
            ChildJvm.Ended ended = child.await(PATIENCE);
            assertThat(ended.exitCode()).as("%s", ended.lines()).isZero();
            attached += ended.lines().stream().anyMatch(line -> line.contains("helping with it")) ? 1 : 0;
        }
        assertPublished(site, partitions);
        try (Connection connection = DriverManager.getConnection(site.url())) {
            assertThat(Sql.column(connection, "select state from bf_run")).containsExactly("PUBLISHED");
        }
        System.out.println("shared run: " + processes + " processes with one command, " + attached
                + " of them attached, " + sharesOf(site).values());
        laboratory.drop(site);
    }

    private static void share(int partitions, double seconds, Fault fault) throws Exception {
        Site site = laboratory.empty(Product.POSTGRESQL);
        try (Connection connection = DriverManager.getConnection(site.url())) {
            SharedRun.create(connection, partitions);
        }
        List<ChildJvm> children = new ArrayList<>();
        try {
            ChildJvm helper = start(site, Part.WORK, partitions, seconds);
            children.add(helper);
            helper.awaitLine(SharedRun.READY, PATIENCE);
            ChildJvm owner = start(site, Part.START, partitions, seconds);
            children.add(owner);
            owner.awaitLine(SharedRun.MERGED, PATIENCE);
            helper.awaitLine(SharedRun.MERGED, PATIENCE);
            ChildJvm victim = fault.meetsOwner ? owner : helper;
            send(fault.signal, victim);
            awaitPublished(site);
            List<String> rows = everything(site);
            if (fault.suspends()) {
                send("-CONT", victim);
                // Long enough for it to try whatever it was at.
                LockSupport.parkNanos(SharedRun.LEASE.toNanos());
                assertThat(everything(site)).isEqualTo(rows);
            }
            assertPublished(site, partitions);
            print(site, fault);
            if (fault == Fault.NOTHING) {
                assertThat(sharesOf(site).values()).hasSize(2).allMatch(merges -> merges >= partitions * 0.3);
            }
        } finally {
            for (ChildJvm child : children) {
                child.process().destroyForcibly().waitFor();
            }
        }
        laboratory.drop(site);
    }

    private static ChildJvm start(Site site, Part part, int partitions, double seconds) throws IOException {
        return ChildJvm.start(
                site.home(),
                SharedRun.class,
                List.of(part.name(), site.url(), Integer.toString(partitions), Double.toString(seconds)));
    }

    private static void send(String signal, ChildJvm child) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(child.process().pid()))
                .start()
                .waitFor();
    }

    private static void awaitPublished(Site site) throws SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try (Connection connection = DriverManager.getConnection(site.url())) {
            while (!Sql.column(connection, "select state from bf_run").equals(List.of("PUBLISHED"))) {
                assertThat(System.nanoTime())
                        .as(
                                "published by now: %s",
                                Sql.column(connection, "select state || ' ' || epoch || ' ' || failure from bf_run"))
                        .isLessThan(deadline);
                LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            }
        }
    }

    private static List<String> everything(Site site) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            List<String> all = new ArrayList<>(
                    Sql.column(connection, "select concat_ws('|', id, day, amount) from app.events order by id"));
            all.addAll(Sql.column(connection, "select cast(h as varchar) from backstitch.bf_head h order by 1"));
            all.addAll(Sql.column(connection, "select cast(l as varchar) from backstitch.bf_ledger l order by 1"));
            return all;
        }
    }

    static void assertPublished(Site site, int partitions) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            assertThat(Sql.column(connection, "select concat_ws('|', id, day, amount) from app.events order by id"))
                    .isEqualTo(Sql.column(
                            connection, "select concat_ws('|', id, day, amount) from staging.events order by id"));
            assertThat(Sql.column(
                            connection,
                            "select count(*) || ' ' || count(distinct partition_id) from backstitch.bf_ledger"
                                    + " where state = 'PUBLISHED'"))
                    .containsExactly(partitions + " " + partitions);
            assertThat(Sql.column(connection, "select distinct state from bf_instance"))
                    .containsExactly("SUCCEEDED");
        }
    }

    private static Map<String, Long> sharesOf(Site site) throws SQLException {
        Map<String, Long> shares = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection(site.url())) {
            for (String line : Sql.column(
                    connection,
                    "select claimed_by || ' ' || count(*) from bf_instance where partition <> '' group by claimed_by")) {
                String[] words = line.split(" ");
                shares.put(words[0], Long.valueOf(words[1]));
            }
        }
        return shares;
    }

    private static void print(Site site, Fault fault) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            System.out.println("shared run: " + fault + ": merges by engine "
                    + sharesOf(site).values() + ", epoch " + Sql.column(connection, "select epoch from bf_run"));
        }
    }
}
