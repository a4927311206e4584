package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.faults.Child.Action;
import dev.backstitch.faults.Halt.Moment;
import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import dev.backstitch.state.RunState;
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

/** A process that dies in a rehearsal leaves a sandbox that expires, and everything else as it was. */
class HaltInARehearsalTest {
    private static final long SEED = Long.getLong("backstitch.seed", 20260301L);
    private static final int STRIDE = Integer.getInteger("backstitch.stride", 1);

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

    /** A look: in the midst of the merges. */
    @Test
    void aHaltedRehearsal_leavesProductionAsItWas() throws Exception {
        HaltTable table = new HaltTable();
        int calls = calls(Product.DUCKDB, Publishing.SWAP);
        survive(Product.DUCKDB, Publishing.SWAP, calls / 2, Moment.AFTER_ACK, table);
        table.print("rehearsal, " + Product.DUCKDB);
    }

    @Tag("fault")
    @ParameterizedTest
    @MethodSource("kinds")
    void everyStatementOfARehearsal_mayBeTheLast(Product product, Publishing publishing) throws Exception {
        HaltTable table = new HaltTable();
        List<String> broken = new ArrayList<>();
        int calls = calls(product, publishing);
        for (int number = 1; number <= calls; number += STRIDE) {
            Moment moment = Moment.values()[(int) ((SEED + number) % Moment.values().length)];
            try {
                survive(product, publishing, number, moment, table);
            } catch (AssertionError | RuntimeException e) {
                broken.add(number + " of " + calls + " " + moment + ": " + e);
            }
        }
        table.print("rehearsal, " + product + " " + publishing + ", seed " + SEED);
        assertThat(broken).isEmpty();
    }

    static Stream<Arguments> kinds() {
        return Stream.of(Product.values())
                .flatMap(product -> Stream.of(Publishing.REPLACE, Publishing.SWAP, Publishing.REPOINT)
                        .map(publishing -> Arguments.of(product, publishing)));
    }

    private static int calls(Product product, Publishing publishing) throws SQLException, IOException {
        Site site = laboratory.fresh(product, publishing);
        try {
            return Laboratory.calls(site, publishing, Action.REHEARSE).size();
        } finally {
            laboratory.drop(site);
        }
    }

    private static void survive(Product product, Publishing publishing, int number, Moment moment, HaltTable table)
            throws Exception {
        Site site = laboratory.fresh(product, publishing);
        List<String> before = production(site);
        Halted halted = Halted.by(new Child.Order(site, publishing, Action.REHEARSE, number, moment));
        assertThat(halted.fired()).as("the halt at %s, %s", number, moment).isTrue();
        table.add(halted.call());
        assertThat(production(site)).isEqualTo(before);
        try (Rig rig = site.open(new Tap())) {
            Backstitch engine = rig.engine();
            assertThat(engine.runs()).isEmpty();
            assertThat(engine.recover()).isEmpty();
            assertThat(engine.sandboxes()).hasSizeLessThanOrEqualTo(1);
            assertThat(Forward.rehearse(engine, Orders.dag(publishing)).result().state())
                    .isEqualTo(RunState.PUBLISHED);
            assertThat(engine.sandboxes()).isEmpty();
            Forward.publish(engine, Orders.dag(publishing));
        }
        ORACLES.get(product).assertPublished(site, publishing);
        laboratory.drop(site);
    }

    /** The rows, and all that the database has but for sandboxes and for the sessions that have just ended. */
    private static List<String> production(Site site) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            List<String> all = new ArrayList<>(Sql.column(connection, Orders.ROWS));
            all.addAll(Sql.column(
                    connection,
                    "select table_schema || '.' || table_name from information_schema.tables"
                            + " where table_schema in ('app', 'staging') order by 1"));
            Sql.column(connection, site.product().leftovers()).stream()
                    .filter(name -> !name.contains("backstitch_rehearsal_") && !name.startsWith("session"))
                    // Those of production follow; a trigger's name doesn't tell whose it is.
                    .filter(name -> !name.startsWith("trigger "))
                    .forEach(all::add);
            if (site.product() == Product.POSTGRESQL) {
                all.addAll(Sql.column(
                        connection,
                        "select tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid"
                                + " where c.relnamespace in ('app'::regnamespace, 'staging'::regnamespace)"));
            }
            return all;
        }
    }
}
