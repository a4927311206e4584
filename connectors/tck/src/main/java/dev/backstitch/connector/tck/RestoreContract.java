package dev.backstitch.connector.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Publishes.Restored;
import dev.backstitch.spi.Publishes.Undo;
import dev.backstitch.spi.WorkOrder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Partitions of a publish as they were before it, where a database can have them so. */
abstract class RestoreContract extends RepointDrafts {
    private static final String SECOND = "2001-01-02";
    private static final String THIRD = "2001-01-03";

    RestoreContract(Callable<Warehouse> open) {
        super(open);
    }

    @BeforeEach
    void restores() {
        assumeThat(fixture().swaps()).isTrue();
        sourceOfEachDay();
    }

    private Restored restore(WorkOrder order, long accepted, String... partitions) {
        return connector().publishes().restore(new Undo(order, accepted), Set.of(partitions), Interrupt.never());
    }

    private List<String> live(WorkOrder order) {
        return rows(
                "select id, day, airline, delay from app." + order.published().table() + " order by id");
    }

    private static List<String> ofDay(List<String> rows, String day) {
        return rows.stream().filter(row -> row.contains(day)).toList();
    }

    @Test
    void aPartitionOfAReplace_isAgainWhatItWas() {
        assertRestored(order().build());
    }

    @Test
    void aPartitionOfASwap_isAgainWhatItWas() {
        sql("drop view app.shown");
        assertRestored(order().swapping().build());
    }

    @Test
    void aPartitionBehindAView_isAgainWhatItWas() {
        assertRestored(behind("r1").build());
    }

    /** And the others stay published, until all of it is taken back. */
    private void assertRestored(WorkOrder order) {
        List<String> before = rows(FORMER);
        published(order);
        List<String> published = live(order);

        Restored restored = restore(order, 0, SECOND);

        assertThat(restored.rowsRestored()).isEqualTo(1);
        assertThat(restored.rowsRemoved()).isEqualTo(2);
        assertThat(ofDay(live(order), SECOND)).isEqualTo(ofDay(before, SECOND));
        assertThat(ofDay(live(order), THIRD)).isEqualTo(ofDay(published, THIRD));
        assertThat(connector().ledger().entries(order))
                .extracting(Entry::partition, Entry::state)
                .contains(tuple(SECOND, Entry.State.ROLLED_BACK), tuple(THIRD, Entry.State.PUBLISHED));
        assertThat(restore(order, 0, SECOND).rowsRestored()).isZero();
        rollback(order, 0);
        assertThat(rows(FORMER)).isEqualTo(before);
    }

    @Test
    void whatSomebodyHasWritten_isCounted_andGivenUpByItsNumberOnly() {
        List<String> before = rows(FORMER);
        WorkOrder order = published(order().build());
        sql(
                "update app.flights set delay = 77 where id = 21",
                "delete from app.flights where id = 22",
                "insert into app.flights values (28, date '2001-01-02', 'ZZ', 1)",
                "update app.flights set delay = 78 where id = 31");
        List<String> written = rows(FORMER);

        assertThat(failure(ErrorCode.WRITTEN_SINCE_PUBLISH, () -> restore(order, 0, SECOND)))
                .hasMessageContaining("found 2 rows")
                .hasMessageContaining("--accept-loss 2");
        assertThat(rows(FORMER)).isEqualTo(written);

        assertThat(restore(order, 2, SECOND).writesLost()).isEqualTo(2);

        assertThat(ofDay(rows(FORMER), SECOND)).isEqualTo(ofDay(before, SECOND));
        assertThat(ofDay(rows(FORMER), THIRD)).contains("31 2001-01-03 BB 78");
        // The other partition's write is still one.
        failure(ErrorCode.WRITTEN_SINCE_PUBLISH, () -> rollback(order, 0));
        rollback(order, 1);
        assertThat(rows(FORMER)).isEqualTo(before);
    }

    @Test
    void anAddedColumn_isEmptyAgain_inWhatIsRestored() {
        sql("drop view app.shown");
        WorkOrder order = published(order().swapping()
                .adding("gate", "varchar(4)")
                .sql("select id, day, airline, delay, 'G1' as gate from app.flights where day = :day")
                .build());

        restore(order, 0, SECOND);

        assertThat(rows(
                        "select distinct day, gate from app.flights where day between date '2001-01-02' and date '2001-01-03'"
                                + " order by day"))
                .containsExactly("2001-01-02 null", "2001-01-03 G1");
        rollback(order, 0);
    }

    @Test
    void aKeyThatIsElsewhereNow_isNotBroughtInTwice() {
        WorkOrder order = published(order().build());
        sql("update app.flights set day = date '2001-01-05' where id = 22");
        List<String> written = rows(FORMER);

        failure(ErrorCode.KEY_IN_TWO_PARTITIONS, () -> restore(order, 1, SECOND));

        assertThat(rows(FORMER)).isEqualTo(written);
    }

    @Test
    void whatIsNotTheLatestPublish_orHasNoArchive_isRefused() {
        WorkOrder first = published(order().build());
        sql("update backstitch.bf_archive set state = 'DROPPED'");
        failure(ErrorCode.ARCHIVE_GONE, () -> restore(first, 0, SECOND));
        sql("update backstitch.bf_archive set state = 'KEPT'");
        WorkOrder second = published(order().run("r2").build());
        assertThat(failure(ErrorCode.NOT_PUBLISHED, () -> restore(first, 0, SECOND)))
                .hasMessageContaining("r2");
        rollback(second, 0);
        failure(ErrorCode.NOT_PUBLISHED, () -> restore(second, 0, SECOND));
    }
}
