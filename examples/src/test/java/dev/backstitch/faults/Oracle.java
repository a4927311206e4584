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
import java.util.Set;
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
            assertThat(structure(connection, site, publishing)).isEqualTo(structure);
        }
    }

    /** That of the table that a view shows has the same names in it, but for the table's own. */
    private static List<String> structure(Connection connection, Site site, Publishing publishing) throws SQLException {
        String query = site.product().structure();
        if (publishing != Publishing.REPOINT) {
            return Sql.column(connection, query);
        }
        List<String> versions = versions(connection);
        String shown = versions.isEmpty() ? "orders_v1" : versions.get(0);
        return Sql.column(
                        connection, query.replace("app.orders", "app." + shown).replace("'orders'", "'" + shown + "'"))
                .stream()
                .map(line -> line.replace(shown, "orders"))
                .toList();
    }

    private static List<String> versions(Connection connection) throws SQLException {
        return Sql.column(connection, "select table_name from information_schema.tables where table_schema = 'app'")
                .stream()
                .filter(name -> name.matches("orders_[0-9a-f]{12}"))
                .toList();
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
            assertThat(structure(connection, site, publishing)).isEqualTo(structure);
            assertLedger(connection, "PUBLISHED", publishing.targets());
            assertMarked(connection, publishing);
            assertOnlyArchivesAndSealsAreLeft(connection, site, publishing);
        }
        assertState(site, "PUBLISHED");
    }

    /** By the run that published, and only the rows that it inserted or changed. */
    private void assertMarked(Connection connection, Publishing publishing) throws SQLException {
        assertThat(Sql.column(connection, Orders.MARKED))
                .isEqualTo(Sql.column(connection, "select distinct run from backstitch.bf_head"));
        Set<String> former = Set.copyOf(before(publishing));
        assertThat(Sql.column(connection, Orders.MARKED_ROWS))
                .isNotEmpty()
                .isEqualTo(expected(publishing).stream()
                        .filter(row -> !former.contains(row))
                        .toList());
    }

    private void assertOnlyArchivesAndSealsAreLeft(Connection connection, Site site, Publishing publishing)
            throws SQLException {
        List<String> left = leftovers(connection, site);
        if (publishing == Publishing.REPOINT) {
            assertOnlyTheVersionIsLeft(connection, site, left);
            return;
        }
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
                            case SWAP, REPOINT, SWAP_LATE -> List.of(archivable);
                            case TOGETHER -> List.of(inScope, archivable);
                        });
    }

    /** Beside its seal; and what refuses writes of the former one, where the database can. */
    private void assertOnlyTheVersionIsLeft(Connection connection, Site site, List<String> left) throws SQLException {
        String version = versions(connection).get(0);
        assertThat(left).filteredOn(name -> name.matches(SEAL)).hasSize(1);
        assertThat(left).contains("app." + version);
        assertThat(left.stream().filter(name -> name.startsWith("trigger ") || name.startsWith("function ")))
                .hasSize(site.product() == Product.POSTGRESQL ? 2 : 0);
        assertThat(left).hasSize(site.product() == Product.POSTGRESQL ? 4 : 2);
        assertThat(Sql.column(connection, Orders.ROWS.replace(Orders.TABLE, "app.orders_v1")))
                .as("the former version")
                .isEqualTo(before);
    }

    /** After the rollback: each row as before, and nothing left over. */
    void assertRolledBack(Site site, Publishing publishing) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            assertTargets(connection, publishing, before(publishing));
            assertThat(structure(connection, site, publishing)).isEqualTo(structure);
            assertThat(Sql.column(connection, Orders.MARKED)).isEmpty();
            assertLedger(connection, "ROLLED_BACK", publishing.targets());
            assertThat(leftovers(connection, site)).isEmpty();
        }
        assertState(site, "ROLLED_BACK");
    }

    /** After a cancel: each row as before, nothing left over, and nobody at the targets. */
    void assertGivenUp(Site site, Publishing publishing) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            assertTargets(connection, publishing, before);
            assertThat(structure(connection, site, publishing)).isEqualTo(structure);
            assertThat(Sql.column(connection, "select state from backstitch.bf_head"))
                    .containsExactlyElementsOf(Collections.nCopies(publishing.targets(), "ABANDONED"));
            assertThat(leftovers(connection, site)).isEmpty();
        }
        try (Site.Source source = site.stateStore();
                Connection connection = source.source().getConnection()) {
            assertThat(Sql.column(connection, "select state from bf_run")).containsExactly("CANCELLED");
        }
    }

    /** Whatever run it was that published: each row as it leaves it. */
    void assertRowsPublished(Site site, Publishing publishing) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            assertTargets(connection, publishing, expected(publishing));
            assertThat(structure(connection, site, publishing)).isEqualTo(structure);
        }
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
