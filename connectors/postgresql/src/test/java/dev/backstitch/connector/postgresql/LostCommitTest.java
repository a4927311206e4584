package dev.backstitch.connector.postgresql;

import static dev.backstitch.connector.postgresql.Refusal.refusalOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.connector.postgresql.probe.CutProxy;
import dev.backstitch.connector.postgresql.probe.CutProxy.Cut;
import dev.backstitch.connector.postgresql.probe.Server;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Connector;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The connection is lost at a COMMIT: the server says what became of it, and the call ends accordingly. */
class LostCommitTest {
    private Warehouse warehouse;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
        warehouse.run(
                "create table flights (id bigint primary key, day date, delay int)",
                "insert into flights select i, date '2001-01-01' + i % 5, i from generate_series(0, 19) i",
                "create table source as select id, day, delay + 100 as delay from flights");
    }

    @AfterEach
    void tearDown() throws SQLException {
        warehouse.close();
    }

    private Work through(CutProxy proxy, Work work) {
        Connector connector = Postgres.on(warehouse.source(proxy.port())).open();
        return work.on(connector);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void publish_succeeds_whereOnlyTheAnswerWasLost(boolean swap)
            throws SQLException, IOException, InterruptedException {
        Work work = (swap
                        ? Work.swapping(warehouse, "flights", "source")
                        : Work.replacing(warehouse, "flights", "source"))
                .ready();
        try (CutProxy proxy = new CutProxy(Server.port(), "COMMIT", Cut.BEFORE_THE_ACKNOWLEDGEMENT)) {
            Work cut = through(proxy, work);
            proxy.arm();
            assertThat(cut.publish().rowsPublished()).isEqualTo(swap ? 20 : 12);
            assertThat(proxy.hasFired()).isTrue();
        }
        assertThat(warehouse.ask("select count(*) from flights where delay >= 100"))
                .isEqualTo("12");
        work.rollBack(0);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void publish_fails_whereTheCommitWasLost_andSucceedsTheNextTime(boolean swap)
            throws SQLException, IOException, InterruptedException {
        Work work = (swap
                        ? Work.swapping(warehouse, "flights", "source")
                        : Work.replacing(warehouse, "flights", "source"))
                .ready();
        try (CutProxy proxy = new CutProxy(Server.port(), "COMMIT", Cut.BEFORE_THE_REQUEST)) {
            Work cut = through(proxy, work);
            proxy.arm();
            assertThat(refusalOf(cut::publish).code()).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE);
            assertThat(proxy.hasFired()).isTrue();
        }
        assertThat(warehouse.ask("select count(*) from flights where delay >= 100"))
                .isEqualTo("0");
        work.publish();
        assertThat(warehouse.ask("select count(*) from flights where delay >= 100"))
                .isEqualTo("12");
    }

    @Test
    void merge_isCountedOnce_whereOnlyTheAnswerWasLost() throws SQLException, IOException, InterruptedException {
        Work work = Work.replacing(warehouse, "flights", "source").seeded();
        try (CutProxy proxy = new CutProxy(Server.port(), "COMMIT", Cut.BEFORE_THE_ACKNOWLEDGEMENT)) {
            Work cut = through(proxy, work);
            proxy.arm();
            assertThat(cut.merge(0).updated()).isEqualTo(4);
            assertThat(proxy.hasFired()).isTrue();
        }
        assertThat(refusalOf(() -> work.merge(0)).code()).isEqualTo(ErrorCode.FENCED);
    }
}
