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
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A process that dies in an unpinning, or in a rollback after one, leaves readers with one version or the other. */
class HaltInAnUnpinningTest {
    private static final Publishing PINNED = Publishing.REPOINT;
    private static final String BOARD = Orders.ROWS.replace(Orders.TABLE, Orders.BOARD);

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

    /** A look: a rollback after one, where the view's own lock plays a part. */
    @Test
    void aHaltedRollback_afterAnUnpinning_isDoneAgain() throws Exception {
        HaltTable table = new HaltTable();
        int calls = calls(Product.POSTGRESQL, Action.UNPIN_AND_ROLL_BACK);
        survive(Product.POSTGRESQL, Action.UNPIN_AND_ROLL_BACK, calls * 2 / 3, Moment.AFTER_ACK, table);
        table.print("rollback after an unpinning, " + Product.POSTGRESQL);
    }

    @Tag("fault")
    @ParameterizedTest
    @EnumSource
    void everyStatementOfAnUnpinning_mayBeTheLast(Product product) throws Exception {
        HaltTable table = new HaltTable();
        List<String> broken = new ArrayList<>();
        for (Action action : List.of(Action.UNPIN, Action.UNPIN_AND_ROLL_BACK)) {
            int calls = calls(product, action);
            for (int number = 1; number <= calls; number++) {
                Moment moment = Moment.values()[number % Moment.values().length];
                try {
                    survive(product, action, number, moment, table);
                } catch (AssertionError | RuntimeException e) {
                    broken.add(action + " " + number + " of " + calls + " " + moment + ": " + e);
                }
            }
        }
        table.print("unpinning, " + product);
        assertThat(broken).isEmpty();
    }

    private static int calls(Product product, Action action) throws SQLException, IOException {
        Site site = laboratory.pinned(product);
        try {
            return Laboratory.calls(site, PINNED, action).size();
        } finally {
            laboratory.drop(site);
        }
    }

    private static void survive(Product product, Action action, int number, Moment moment, HaltTable table)
            throws Exception {
        Site site = laboratory.pinned(product);
        List<String> former = column(site, BOARD);
        List<String> published = column(site, Orders.ROWS);
        assertThat(former).isNotEqualTo(published);
        Halted halted = Halted.by(new Child.Order(site, PINNED, action, number, moment));
        assertThat(halted.fired()).as("the halt at %s, %s", number, moment).isTrue();
        table.add(halted.call());
        assertThat(column(site, BOARD)).isIn(former, published);
        try (Rig rig = site.open(new Tap())) {
            if (action == Action.UNPIN) {
                Forward.unpin(rig.engine());
                assertThat(column(site, BOARD)).isEqualTo(published);
            }
            Forward.rollBack(rig.engine(), Orders.pinning());
        }
        assertThat(column(site, BOARD)).isEqualTo(former);
        assertThat(column(site, Orders.ROWS)).isEqualTo(former);
        laboratory.drop(site);
    }

    private static List<String> column(Site site, String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection(site.url())) {
            return Sql.column(connection, query);
        }
    }
}
