package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.faults.Child.Action;
import dev.backstitch.faults.Halt.Moment;
import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A process that dies while it restores a partition leaves that wholly restored or wholly published. */
class HaltInARestoreTest {
    private static final String RESTORED = Orders.PARTITIONS.get(1);

    @TempDir
    static Path directory;

    private static Laboratory laboratory;
    private static final Map<Product, Oracle> ORACLES = new EnumMap<>(Product.class);

    @BeforeAll
    static void prepare() throws SQLException, IOException {
        laboratory = new Laboratory(directory);
        for (Product product : Product.values()) {
            ORACLES.put(product, Oracle.of(laboratory, product));
        }
    }

    @AfterAll
    static void close() throws IOException {
        laboratory.close();
    }

    /** A look: near the commit, whose answer is lost. */
    @Test
    void aHaltedRestore_isDoneAgain() throws Exception {
        HaltTable table = new HaltTable();
        int calls = calls(Product.DUCKDB, Publishing.REPLACE);
        survive(Product.DUCKDB, Publishing.REPLACE, calls * 3 / 4, Moment.BEFORE_ACK, table);
        table.print("restore, " + Product.DUCKDB);
    }

    @Tag("fault")
    @ParameterizedTest
    @MethodSource("kinds")
    void everyStatementOfARestore_mayBeTheLast(Product product, Publishing publishing) throws Exception {
        HaltTable table = new HaltTable();
        List<String> broken = new ArrayList<>();
        int calls = calls(product, publishing);
        for (int number = 1; number <= calls; number++) {
            Moment moment = Moment.values()[number % Moment.values().length];
            try {
                survive(product, publishing, number, moment, table);
            } catch (AssertionError | RuntimeException e) {
                broken.add(number + " of " + calls + " " + moment + ": " + e);
            }
        }
        table.print("restore, " + product + " " + publishing);
        assertThat(broken).isEmpty();
    }

    static Stream<Arguments> kinds() {
        return Stream.of(Product.values())
                .flatMap(product -> Stream.of(Publishing.REPLACE, Publishing.SWAP, Publishing.REPOINT)
                        .map(publishing -> Arguments.of(product, publishing)));
    }

    private static int calls(Product product, Publishing publishing) throws SQLException, IOException {
        Site site = laboratory.published(product, publishing);
        try {
            return Laboratory.calls(site, publishing, Action.RESTORE).size();
        } finally {
            laboratory.drop(site);
        }
    }

    private static void survive(Product product, Publishing publishing, int number, Moment moment, HaltTable table)
            throws Exception {
        Site site = laboratory.published(product, publishing);
        Oracle oracle = ORACLES.get(product);
        List<String> published = oracle.expected();
        List<String> restored = Stream.concat(
                        published.stream().filter(row -> !isRestored(row)),
                        oracle.before().stream().filter(HaltInARestoreTest::isRestored))
                .sorted()
                .toList();
        assertThat(restored).isNotEqualTo(sorted(published));
        Halted halted = Halted.by(new Child.Order(site, publishing, Action.RESTORE, number, moment));
        assertThat(halted.fired()).as("the halt at %s, %s", number, moment).isTrue();
        table.add(halted.call());
        assertThat(sorted(rows(site))).isIn(sorted(published), restored);
        try (Rig rig = site.open(new Tap())) {
            Forward.restore(rig.engine());
            assertThat(sorted(rows(site))).isEqualTo(restored);
            Forward.rollBack(rig.engine(), Orders.dag(publishing));
        }
        oracle.assertRolledBack(site, publishing);
        laboratory.drop(site);
    }

    private static boolean isRestored(String row) {
        return row.split("\\|")[1].equals(RESTORED);
    }

    private static List<String> sorted(List<String> rows) {
        return rows.stream().sorted().toList();
    }

    private static List<String> rows(Site site) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            return Sql.column(connection, Orders.ROWS);
        }
    }
}
