package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.Backstitch;
import dev.backstitch.faults.Child.Action;
import dev.backstitch.faults.Halt.Moment;
import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A process that dies in a cancel leaves a run that nobody goes on with by mistake, and that is given up at last. */
class HaltInACancelTest {
    private static final long SEED = Long.getLong("backstitch.seed", 20260301L);

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

    /** A look: right after the run is taken over on one database, and somewhere in what follows on the other. */
    @ParameterizedTest
    @EnumSource
    void aHaltedCancel_isFinished(Product product) throws Exception {
        HaltTable table = new HaltTable();
        List<Call> calls = calls(product, Publishing.SWAP);
        int takenOver = lastOf(calls, Call.Store.STATE, calls.size() / 2);
        if (product == Product.DUCKDB) {
            survive(product, Publishing.SWAP, takenOver, Moment.AFTER_ACK, table);
        } else {
            survive(product, Publishing.SWAP, (takenOver + calls.size()) / 2, Moment.BEFORE_ACK, table);
        }
        table.print("cancel, " + product);
    }

    private static int lastOf(List<Call> calls, Call.Store store, int within) {
        int last = 1;
        for (Call call : calls) {
            if (call.store() == store && call.number() <= within) {
                last = call.number();
            }
        }
        return last;
    }

    @Tag("fault")
    @ParameterizedTest
    @MethodSource("kinds")
    void everyStatementOfACancel_mayBeTheLast(Product product, Publishing publishing) throws Exception {
        HaltTable table = new HaltTable();
        List<String> broken = new ArrayList<>();
        int calls = calls(product, publishing).size();
        for (int number = 1; number <= calls; number++) {
            Moment moment = Moment.values()[(int) ((SEED + number) % Moment.values().length)];
            try {
                survive(product, publishing, number, moment, table);
            } catch (AssertionError | RuntimeException e) {
                broken.add(number + " of " + calls + " " + moment + ": " + e);
            }
        }
        table.print("cancel, " + product + " " + publishing + ", seed " + SEED);
        assertThat(broken).isEmpty();
    }

    static Stream<Arguments> kinds() {
        return Stream.of(Product.values())
                .flatMap(product -> Stream.of(
                                Publishing.REPLACE, Publishing.SWAP, Publishing.REPOINT, Publishing.TOGETHER)
                        .map(publishing -> Arguments.of(product, publishing)));
    }

    private static List<Call> calls(Product product, Publishing publishing) throws SQLException, IOException {
        Site site = laboratory.paused(product, publishing);
        try {
            return Laboratory.calls(site, publishing, Action.CANCEL);
        } finally {
            laboratory.drop(site);
        }
    }

    private static void survive(Product product, Publishing publishing, int number, Moment moment, HaltTable table)
            throws Exception {
        Site site = laboratory.paused(product, publishing);
        Halted halted = Halted.by(new Child.Order(site, publishing, Action.CANCEL, number, moment));
        assertThat(halted.fired()).as("the halt at %s, %s", number, moment).isTrue();
        table.add(halted.call());
        Oracle oracle = ORACLES.get(product);
        oracle.assertWhole(site, publishing);
        Dag dag = Orders.dag(publishing);
        try (Rig rig = site.open(new Tap())) {
            rig.engine().register(dag);
            finish(rig.engine(), rig.engine().runs().get(0));
        }
        oracle.assertGivenUp(site, publishing);
        try (Rig rig = site.open(new Tap())) {
            rig.engine().register(dag);
            assertThat(rig.engine().start(rig.engine().plan(dag)).await().state())
                    .isEqualTo(RunState.PUBLISHED);
        }
        oracle.assertRowsPublished(site, publishing);
        laboratory.drop(site);
    }

    /** Whoever goes on with it, not knowing of the cancel, is told of it; before the wish was written, it is as it was. */
    private static void finish(Backstitch engine, RunRecord run) {
        assertThat(run.state()).isIn(RunState.PAUSED, RunState.CANCELLING, RunState.CANCELLED);
        if (run.state() == RunState.CANCELLING) {
            assertThatThrownBy(() -> engine.resume(run.id())).hasMessageContaining("it is cancelled now");
        } else {
            engine.cancel(run.id());
        }
    }
}
