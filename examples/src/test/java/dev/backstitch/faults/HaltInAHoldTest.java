package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.faults.Child.Action;
import dev.backstitch.faults.Halt.Moment;
import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.WatchRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that dies anywhere around a hold leaves nothing held once somebody goes on with its run or gives it up; nothing is
 * ever held of which the state store knows nothing; and its publish is watched, once.
 */
class HaltInAHoldTest {
    private static final Product PRODUCT = Product.DUCKDB;
    private static final Publishing PUBLISHING = Publishing.REPLACE;

    @TempDir
    static Path directory;

    private static Laboratory laboratory;
    private static Oracle oracle;

    @BeforeAll
    static void prepare() throws SQLException, IOException {
        laboratory = new Laboratory(directory);
        oracle = Oracle.of(laboratory, PRODUCT);
    }

    @AfterAll
    static void close() throws IOException {
        laboratory.close();
    }

    /** Somewhere between the note and the hold, and between the publish and the release. */
    @Test
    void aHaltedRun_leavesNothingHeld() throws Exception {
        HaltTable table = new HaltTable();
        List<Call> around = around();
        survive(around, around.size() / 3, Moment.AFTER_ACK, table, 0);
        survive(around, around.size() - 1, Moment.BEFORE_ACK, table, 1);
        table.print("around a hold");
    }

    @Tag("fault")
    @Test
    void everyStatementAroundAHold_mayBeTheLast() throws Exception {
        HaltTable table = new HaltTable();
        List<String> broken = new ArrayList<>();
        List<Call> around = around();
        int point = 0;
        for (int place = 1; place <= around.size(); place++) {
            for (Moment moment : Moment.values()) {
                try {
                    survive(around, place, moment, table, point++);
                } catch (AssertionError | RuntimeException e) {
                    broken.add(place + " " + moment + ": " + e);
                }
            }
        }
        table.print("around a hold");
        assertThat(broken).isEmpty();
    }

    /** The calls of an undisturbed run, by their places. */
    private static List<Call> around() throws SQLException, IOException {
        Site site = laboratory.fresh(PRODUCT, PUBLISHING);
        List<Call> around = Collections.synchronizedList(new ArrayList<>());
        PlaceAroundHolds places = new PlaceAroundHolds();
        Tap tap = new Tap().with((call, sending) -> {
            if (places.applyAsInt(call) > 0) {
                around.add(call);
            }
            return sending.send();
        });
        Child.perform(new Child.Order(site, PUBLISHING, Action.HOLD, 0, Moment.BEFORE_SEND), tap);
        assertThat(Orders.held(site)).doesNotExist();
        assertThat(around).hasSizeGreaterThan(20);
        laboratory.drop(site);
        return around;
    }

    /** Half of the runs are gone on with, and half are given up. */
    private static void survive(List<Call> around, int place, Moment moment, HaltTable table, int point)
            throws Exception {
        Site site = laboratory.fresh(PRODUCT, PUBLISHING);
        Halted halted = Halted.by(new Child.Order(site, PUBLISHING, Action.HOLD, place, moment));
        assertThat(halted.fired())
                .as("the halt at %s of %s", place, around.size())
                .isTrue();
        assertThat(halted.call())
                .as("where it was halted")
                .endsWith(around.get(place - 1).toString().replaceFirst("^\\d+ ", ""));
        table.add(halted.call());
        oracle.assertWhole(site, PUBLISHING);
        if (Files.exists(Orders.held(site))) {
            assertThat(holds(site))
                    .as("what the state store knows of what is held")
                    .isNotEmpty();
        }
        Dag dag = Orders.holding(site, PUBLISHING);
        try (Rig rig = site.open(new Tap())) {
            Backstitch engine = rig.engine().register(dag);
            Optional<RunRecord> unfinished = engine.unfinished(dag);
            boolean givenUp = point % 2 == 1 && unfinished.isPresent() && !isPublished(engine, unfinished.get());
            if (givenUp) {
                engine.cancel(unfinished.get().id());
            } else {
                Forward.publish(engine, dag);
            }
            engine.releaseLeftHolds();
            assertThat(engine.holds()).isEmpty();
            assertThat(engine.watches())
                    .extracting(WatchRecord::state)
                    .containsExactlyElementsOf(givenUp ? List.of() : List.of(WatchRecord.State.WATCHING));
            assertThat(engine.runs().get(0).state()).isEqualTo(givenUp ? RunState.CANCELLED : RunState.PUBLISHED);
        }
        assertThat(Orders.held(site)).doesNotExist();
        laboratory.drop(site);
    }

    private static boolean isPublished(Backstitch engine, RunRecord run) {
        return engine.ordersOf(run.id()).stream()
                .anyMatch(order ->
                        engine.config().connector().ledger().archive(order).isPresent());
    }

    private static List<String> holds(Site site) throws SQLException {
        try (Site.Source source = site.stateStore();
                Connection connection = source.source().getConnection()) {
            return Sql.column(connection, "select name || ' ' || state from bf_hold");
        }
    }
}
