package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.faults.Child.Action;
import dev.backstitch.faults.Halt.Moment;
import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A process that dies at any statement, before it is sent, before its answer is heard or after, leaves a run that can be
 * resumed and rolled back as if nothing had happened.
 */
class HaltAtEveryStatementTest {
    private static final long SEED = Long.getLong("backstitch.seed", 20260301L);
    private static final int AT_LEAST = 150;

    /** For a look on the way: only each so manieth point. The suite counts with 1. */
    private static final int STRIDE = Integer.getInteger("backstitch.stride", 1);

    /** For a suite in parts: only kinds whose name holds this, such as {@code POSTGRESQL SWAP}. */
    private static final String ONLY = System.getProperty("backstitch.only", "");

    private static final int PAIRS = 50;

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

    /** Where a child is halted. */
    private record Point(Action action, int number, Moment moment) {}

    /** A look: a third of the ways to publish on each database, and one of them taken back. */
    @ParameterizedTest
    @EnumSource
    void aHaltedRun_isResumedAndRolledBack(Product product) throws Exception {
        Random random = new Random(SEED + product.ordinal());
        HaltTable table = new HaltTable();
        for (int i = 0; i < 2; i++) {
            Publishing publishing = Publishing.values()[(2 * i + product.ordinal()) % Publishing.values().length];
            Action action = i == 0 ? Action.PUBLISH : Action.ROLL_BACK;
            int calls = calls(product, publishing, action).size();
            Moment moment = Moment.values()[random.nextInt(Moment.values().length)];
            survive(product, publishing, new Point(action, 1 + random.nextInt(calls), moment), table);
        }
        table.print(product + ", seed " + SEED);
    }

    @Tag("fault")
    @ParameterizedTest
    @MethodSource("kinds")
    void everyStatement_mayBeTheLast(Product product, Publishing publishing) throws Exception {
        HaltTable table = new HaltTable();
        List<String> broken = new ArrayList<>();
        for (Point point : points(product, publishing)) {
            try {
                survive(product, publishing, point, table);
            } catch (AssertionError | RuntimeException e) {
                broken.add(point + ": " + e);
            }
        }
        table.print(product + " " + publishing + ", seed " + SEED);
        assertThat(broken).isEmpty();
    }

    @Tag("fault")
    @ParameterizedTest
    @EnumSource
    void theStateStore_mayBeHalfMade(Product product) throws Exception {
        HaltTable table = new HaltTable();
        List<String> broken = new ArrayList<>();
        Site whole = laboratory.bare(product);
        Tap tap = new Tap();
        whole.open(tap).close();
        laboratory.drop(whole);
        Random random = new Random(SEED);
        for (int number = 1; number <= tap.calls().size(); number += STRIDE) {
            Point point = point(Action.PUBLISH, number, random);
            Site site = laboratory.bare(product);
            try {
                halt(site, Publishing.REPLACE, point, table);
                recover(site, Publishing.REPLACE, point.action());
            } catch (AssertionError | RuntimeException e) {
                broken.add(point + ": " + e);
            }
            laboratory.drop(site);
        }
        table.print("making the state store, " + product + ", seed " + SEED);
        assertThat(broken).isEmpty();
    }

    @Tag("fault")
    @ParameterizedTest
    @MethodSource("kinds")
    void aSecondHalt_duringTheRecovery_isSurvivedAsWell(Product product, Publishing publishing) throws Exception {
        Random random = new Random(SEED + 31L * product.ordinal() + publishing.ordinal());
        HaltTable table = new HaltTable();
        List<String> broken = new ArrayList<>();
        int calls = calls(product, publishing, Action.PUBLISH).size();
        for (int i = 0; i < PAIRS / 4 + 1; i += STRIDE) {
            Point first = point(Action.PUBLISH, 1 + random.nextInt(calls), random);
            Point second = point(Action.PUBLISH, 1 + random.nextInt(Math.max(1, calls - first.number())), random);
            try {
                surviveTwice(product, publishing, first, second, table);
            } catch (AssertionError | RuntimeException e) {
                broken.add(first + " then " + second + ": " + e);
            }
        }
        table.print("second halt, " + product + " " + publishing + ", seed " + SEED);
        assertThat(broken).isEmpty();
    }

    static Stream<Arguments> kinds() {
        return Stream.of(Product.values())
                .flatMap(product -> Stream.of(Publishing.values())
                        .filter(publishing -> (product + " " + publishing + " ").contains(ONLY))
                        .map(publishing -> Arguments.of(product, publishing)));
    }

    private static Point point(Action action, int number, Random random) {
        return new Point(action, number, Moment.values()[random.nextInt(Moment.values().length)]);
    }

    /** Every call of run and rollback once, its moment rotating from the seed on; then again at the next moment. */
    private static List<Point> points(Product product, Publishing publishing) throws SQLException, IOException {
        List<Point> points = new ArrayList<>();
        for (Action action : List.of(Action.PUBLISH, Action.ROLL_BACK)) {
            int calls = calls(product, publishing, action).size();
            int wanted = action == Action.PUBLISH ? Math.max(calls, AT_LEAST) : calls;
            for (int i = (int) (SEED % STRIDE); i < wanted; i += STRIDE) {
                int moment = (int) ((SEED + i + i / calls) % Moment.values().length);
                points.add(new Point(action, 1 + i % calls, Moment.values()[moment]));
            }
        }
        return points;
    }

    private static List<Call> calls(Product product, Publishing publishing, Action action)
            throws SQLException, IOException {
        Site site = site(product, publishing, action);
        try {
            return Laboratory.calls(site, publishing, action);
        } finally {
            laboratory.drop(site);
        }
    }

    private static Site site(Product product, Publishing publishing, Action action) throws SQLException, IOException {
        return action == Action.PUBLISH
                ? laboratory.fresh(product, publishing)
                : laboratory.published(product, publishing);
    }

    private static void survive(Product product, Publishing publishing, Point point, HaltTable table) throws Exception {
        Site site = site(product, publishing, point.action());
        halt(site, publishing, point, table);
        recover(site, publishing, point.action());
        laboratory.drop(site);
    }

    private static void surviveTwice(Product product, Publishing publishing, Point first, Point second, HaltTable table)
            throws Exception {
        Site site = site(product, publishing, first.action());
        Halted halted = tryHalt(site, publishing, first);
        assertThat(halted.fired()).as("the first halt at %s", first).isTrue();
        Point reached = second;
        Halted again = tryHalt(site, publishing, reached);
        while (!again.fired()) {
            // The recovery was shorter than that: from the start, and earlier.
            laboratory.drop(site);
            reached = new Point(second.action(), (again.calls() + 1) / 2, second.moment());
            site = site(product, publishing, first.action());
            tryHalt(site, publishing, first);
            again = tryHalt(site, publishing, reached);
        }
        table.add(again.call());
        ORACLES.get(product).assertWhole(site, publishing);
        recover(site, publishing, second.action());
        laboratory.drop(site);
    }

    private static Halted tryHalt(Site site, Publishing publishing, Point point) throws Exception {
        return Halted.by(new Child.Order(site, publishing, point.action(), point.number(), point.moment()));
    }

    private static void halt(Site site, Publishing publishing, Point point, HaltTable table) throws Exception {
        Halted halted = tryHalt(site, publishing, point);
        assertThat(halted.fired()).as("the halt at %s", point).isTrue();
        table.add(halted.call());
        ORACLES.get(site.product()).assertWhole(site, publishing);
    }

    private static void recover(Site site, Publishing publishing, Action action) throws SQLException {
        Oracle oracle = ORACLES.get(site.product());
        if (action == Action.PUBLISH) {
            Tap tap = new Tap();
            try (Rig rig = site.open(tap, tap, Child.settings(site, publishing))) {
                Forward.publish(rig.engine(), Orders.dag(publishing));
            }
            oracle.assertPublished(site, publishing);
        }
        try (Rig rig = site.open(new Tap())) {
            Forward.rollBack(rig.engine(), Orders.dag(publishing));
        }
        oracle.assertRolledBack(site, publishing);
    }
}
