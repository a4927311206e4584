package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.faults.Orders.Publishing;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Says in plain SQL, on connections of its own, what must be true of a site after a fault. It compares every row, which is
 * the strictest of hashes at this size.
 *
 * @param before the target's rows before any backfill
 * @param expected its rows after an uninterrupted one
 * @param beforeLate its rows before any backfill, when somebody has written late
 * @param expectedLate its rows after an uninterrupted backfill that brought that in
 * @param structure its columns, constraints and indexes at all times
 */
record Oracle(
        List<String> before,
        List<String> expected,
        List<String> beforeLate,
        List<String> expectedLate,
        List<String> structure) {
    private static final String ARCHIVE = "app\\.bf_[0-9a-f]{12,16}_archive";
    private static final Duration SESSIONS_END = Duration.ofSeconds(10);
    private static final String SEAL = "app\\.bf_[0-9a-f]{12,16}_seal";

    /** Learns from a fresh site what must come of it. */
    static Oracle of(Laboratory laboratory, Product product) throws SQLException, IOException {
        Site site = laboratory.fresh(product);
        try (Connection connection = DriverManager.getConnection(site.url())) {
            List<String> before = Sql.column(connection, Orders.ROWS);
            List<String> expected = Orders.expected(connection);
            Sql.run(connection, Orders.LATE_WRITES);
            Oracle oracle = new Oracle(
                    before,
                    expected,
                    Sql.column(connection, Orders.ROWS),
                    Orders.expected(connection),
                    Sql.column(connection, product.structure()));
            assertThat(oracle.beforeLate()).isNotEqualTo(before);
            assertThat(oracle.expectedLate()).isNotEqualTo(expected);
            assertThat(oracle.expected()).isNotEqualTo(oracle.before()).hasSizeGreaterThan(300);
            return oracle;
        } finally {
            laboratory.drop(site);
        }
    }

    /** Right after the fault: the names resolve, and the tables are wholly old or wholly new, all of them. */
    void assertWhole(Site site, Publishing publishing) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            List<String> rows = Sql.column(connection, Orders.ROWS);
            if (!rows.equals(before) && !(publishing.catchesUp() && rows.equals(beforeLate))) {
                assertThat(rows).isEqualTo(expected(publishing));
            }
            assertTargets(connection, publishing, rows);
            assertThat(Sql.column(connection, site.product().structure())).isEqualTo(structure);
        }
    }

    private List<String> expected(Publishing publishing) {
        return publishing.catchesUp() ? expectedLate : expected;
    }

    private List<String> before(Publishing publishing) {
        return publishing.catchesUp() ? beforeLate : before;
    }

    /** Each target has these rows. */
    private static void assertTargets(Connection connection, Publishing publishing, List<String> rows)
            throws SQLException {
        assertThat(Sql.column(connection, Orders.ROWS)).isEqualTo(rows);
        if (publishing == Publishing.TOGETHER) {
            assertThat(Sql.column(connection, Orders.ROWS.replace(Orders.TABLE, Orders.TWIN)))
                    .as("the twin")
                    .isEqualTo(rows);
        }
    }

    /** After the run: each row as an uninterrupted run leaves it, each partition once, nothing left over. */
    void assertPublished(Site site, Publishing publishing) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            assertTargets(connection, publishing, expected(publishing));
            assertThat(Sql.column(connection, site.product().structure())).isEqualTo(structure);
            assertLedger(connection, "PUBLISHED", publishing.targets());
            assertOnlyArchivesAndSealsAreLeft(connection, site, publishing);
        }
        assertState(site, "PUBLISHED");
    }

    private void assertOnlyArchivesAndSealsAreLeft(Connection connection, Site site, Publishing publishing)
            throws SQLException {
        List<String> left = leftovers(connection, site);
        assertThat(left).hasSize(2 * publishing.targets());
        assertThat(left).filteredOn(name -> name.matches(SEAL)).hasSize(publishing.targets());
        List<List<String>> archived = new ArrayList<>();
        for (String name : left) {
            if (name.matches(ARCHIVE)) {
                archived.add(Sql.column(connection, Orders.ROWS.replace(Orders.TABLE, name)));
            }
        }
        List<String> archivable = before(publishing);
        List<String> inScope = archivable.stream()
                .filter(row -> Orders.PARTITIONS.contains(row.split("\\|")[1]))
                .toList();
        assertThat(archived)
                .containsExactlyInAnyOrderElementsOf(
                        switch (publishing) {
                            case REPLACE, REPLACE_LATE -> List.of(inScope);
                            case SWAP, SWAP_LATE -> List.of(archivable);
                            case TOGETHER -> List.of(inScope, archivable);
                        });
    }

    /** After the rollback: each row as before, and nothing left over. */
    void assertRolledBack(Site site, Publishing publishing) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            assertTargets(connection, publishing, before(publishing));
            assertThat(Sql.column(connection, site.product().structure())).isEqualTo(structure);
            assertLedger(connection, "ROLLED_BACK", publishing.targets());
            assertThat(leftovers(connection, site)).isEmpty();
        }
        assertState(site, "ROLLED_BACK");
    }

    /** What is left when the sessions that have just been closed, or lost their client, have ended. */
    private static List<String> leftovers(Connection connection, Site site) throws SQLException {
        long deadline = System.nanoTime() + SESSIONS_END.toNanos();
        while (true) {
            List<String> left = Sql.column(connection, site.product().leftovers());
            if (left.stream().noneMatch(name -> name.startsWith("session")) || System.nanoTime() > deadline) {
                return left;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private static void assertLedger(Connection connection, String state, int targets) throws SQLException {
        assertThat(Sql.column(
                        connection,
                        "select partition_id || ' ' || state || ' ' || count(*) from backstitch.bf_ledger"
                                + " group by partition_id, state order by 1"))
                .isEqualTo(Orders.PARTITIONS.stream()
                        .map(partition -> partition + " " + state + " " + targets)
                        .toList());
        assertThat(Sql.column(connection, "select state from backstitch.bf_head"))
                .containsExactlyElementsOf(Collections.nCopies(targets, state));
    }

    private static void assertState(Site site, String state) throws SQLException {
        try (Site.Source source = site.stateStore();
                Connection connection = source.source().getConnection()) {
            assertThat(Sql.column(connection, "select state from bf_run")).containsExactly(state);
            assertThat(Sql.column(connection, "select distinct state from bf_instance"))
                    .containsExactly("SUCCEEDED");
        }
    }
}
