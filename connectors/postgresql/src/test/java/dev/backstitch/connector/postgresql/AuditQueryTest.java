package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Refusal.refusalOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Evidence;
import dev.backstitch.spi.Measure;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Queries of the user's that measure the shadow. */
class AuditQueryTest {
    private Warehouse warehouse;
    private Work work;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
        warehouse.run(
                "create schema app",
                "create table app.flights (id bigint primary key, day date, delay int)",
                "insert into app.flights select i, date '2001-01-01' + i % 5, i from generate_series(1, 50) i",
                "create table app.source as select id, day, delay * 2 as delay from app.flights",
                "create table app.log (at timestamptz)",
                "create function app.noted(delay int) returns boolean language plpgsql as"
                        + " $$ begin insert into app.log values (now()); return delay > 90; end $$",
                "create function app.late(delay int) returns boolean language sql as 'select delay > 90'");
        work = Work.replacing(warehouse, "app.flights", "app.source").seeded().merged();
    }

    @AfterEach
    void tearDown() throws SQLException {
        warehouse.close();
    }

    @Test
    void aQueryThatWrites_isRefused_andNothingIsWritten() throws SQLException {
        Measure writes = new Measure.RowsFound("select * from :shadow where app.noted(delay)");

        BackstitchException refusal = refusalOf(() -> work.measure(writes));

        assertThat(refusal.code()).isEqualTo(ErrorCode.STATEMENT_REFUSED);
        assertThat(refusal).hasMessageContaining("read-only");
        assertThat(warehouse.ask("select count(*) from app.log")).isEqualTo("0");
    }

    @Test
    void queriesThatRead_areFollowedByTheSeal_andThePublish() throws SQLException {
        Measure late = new Measure.RowsFound("select * from :shadow where app.late(delay)");
        Measure early = new Measure.RowsFound("select * from :shadow where delay < 0");

        Evidence evidence = work.measure(late, early);

        assertThat(evidence.value(late))
                .isEqualTo(Long.parseLong(warehouse.ask("select count(*) from app.source where delay > 90"
                        + " and day between '2001-01-01' and '2001-01-03'")))
                .isPositive();
        assertThat(evidence.value(early)).isZero();
        work.connector().ledger().audited(work.order());
        assertThat(work.publish().rowsPublished()).isEqualTo(30);
    }
}
