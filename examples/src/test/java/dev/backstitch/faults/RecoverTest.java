package dev.backstitch.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.faults.Orders.Publishing;
import dev.backstitch.faults.Site.Rig;
import dev.backstitch.spec.Dag;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
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
import org.junit.jupiter.params.provider.ArgumentsSource;
import org.junit.jupiter.params.provider.CsvSource;

/** A state store that is lost, and what the ledger gives back. */
class RecoverTest {
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

    private static void loseTheStateStore(Site site) throws IOException {
        try (Stream<Path> files = Files.list(site.home())) {
            for (Path file : files.filter(each -> each.getFileName().toString().startsWith(Site.STATE))
                    .toList()) {
                Files.delete(file);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"DUCKDB, TOGETHER", "POSTGRESQL, SWAP"})
    void aRunInItsMerges_isRecoveredAndGoesOn(Product product, Publishing publishing) throws Exception {
        Site site = laboratory.paused(product, publishing);
        loseTheStateStore(site);
        Dag dag = Orders.dag(publishing);
        Oracle oracle = ORACLES.get(product);

        Tap tap = new Tap();
        try (Rig rig = site.open(tap)) {
            rig.engine().register(dag);
            assertThat(rig.engine().runs()).isEmpty();

            List<RunRecord> recovered = rig.engine().recover();

            assertThat(recovered).hasSize(1);
            RunRecord run = recovered.get(0);
            assertThat(run.state()).isEqualTo(RunState.FAILED);
            assertThat(run.failure())
                    .startsWith("recovered from the ledger, which has 2 of " + 4 * publishing.targets());
            assertThat(rig.engine().recover()).isEmpty();
            assertThat(rig.engine().resume(run.id()).await().state()).isEqualTo(RunState.PUBLISHED);
        }
        // Those that were merged before are not merged again.
        assertThat(tap.calls().stream().filter(call -> call.says("merge into")).count())
                .isEqualTo(4L * publishing.targets() - 2);
        oracle.assertPublished(site, publishing);
        rollBack(site, dag);
        oracle.assertRolledBack(site, publishing);
        laboratory.drop(site);
    }

    @Tag(Look.TAG)
    @ParameterizedTest
    @ArgumentsSource(Look.class)
    void aPublishedRun_isRecoveredAndTakenBack(Product product) throws Exception {
        Publishing publishing = product == Product.DUCKDB ? Publishing.SWAP : Publishing.REPLACE;
        Site site = laboratory.published(product, publishing);
        loseTheStateStore(site);

        try (Rig rig = site.open(new Tap())) {
            assertThat(rig.engine().recover()).extracting(RunRecord::state).containsExactly(RunState.PUBLISHED);
        }
        ORACLES.get(product).assertPublished(site, publishing);
        rollBack(site, Orders.dag(publishing));
        ORACLES.get(product).assertRolledBack(site, publishing);

        loseTheStateStore(site);
        try (Rig rig = site.open(new Tap())) {
            assertThat(rig.engine().recover()).extracting(RunRecord::state).containsExactly(RunState.ROLLED_BACK);
        }
        laboratory.drop(site);
    }

    @Test
    void aRunThatWasGivenUp_isOver() throws Exception {
        Site site = laboratory.paused(Product.DUCKDB, Publishing.REPLACE);
        try (Rig rig = site.open(new Tap())) {
            Forward.cancel(rig.engine(), Orders.dag(Publishing.REPLACE));
        }
        loseTheStateStore(site);

        try (Rig rig = site.open(new Tap())) {
            assertThat(rig.engine().recover()).extracting(RunRecord::state).containsExactly(RunState.CANCELLED);
        }
        laboratory.drop(site);
    }

    private static void rollBack(Site site, Dag dag) throws SQLException {
        try (Rig rig = site.open(new Tap())) {
            Forward.rollBack(rig.engine(), dag);
        }
    }
}
