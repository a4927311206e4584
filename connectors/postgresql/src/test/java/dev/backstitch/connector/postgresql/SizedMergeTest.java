package dev.backstitch.connector.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Compute;
import dev.backstitch.spec.Publish;
import dev.backstitch.spec.Shadow;
import dev.backstitch.spec.Shadow.Seed;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.SizesCompute;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A merge's own memory and workers are its transaction's, and nobody else's, however it ends. */
class SizedMergeTest {
    private static final String SETTINGS =
            "current_setting('work_mem') || '/' || current_setting('max_parallel_workers_per_gather')";
    private static final Compute LARGE = new Compute(OptionalInt.of(4), OptionalLong.of(77), Optional.empty());

    private Warehouse warehouse;

    @BeforeEach
    void setUp() throws SQLException {
        warehouse = Warehouse.create();
        warehouse.run(
                "create table told (id bigint primary key, day date not null, note text)",
                "insert into told select i, date '2001-01-01' + i % 3, 'old' from generate_series(0, 8) i");
    }

    @AfterEach
    void tearDown() throws SQLException {
        warehouse.close();
    }

    private Work telling(String note) {
        return Work.of(
                        warehouse,
                        "told",
                        "select id, day, " + note + " as note from told where day = :day",
                        new Shadow<>(Seed.SCOPE_OF_TARGET, List.of()),
                        new Publish.ReplacePartitions(Duration.ofDays(1)))
                .seeded();
    }

    private static void merge(Work work, int partition, Compute compute) {
        ((SizesCompute) work.connector())
                .merge(work.order(), work.order().scope().get(partition), compute, Interrupt.never());
    }

    private String noteOf(Work work, int partition) throws SQLException {
        return warehouse.ask("select string_agg(distinct note, ',') from "
                + work.order().shadow() + " where day = '" + Work.FIRST.plusDays(partition) + "'");
    }

    @Test
    void itHasWhatWasSaid_andTheNextOneWhatEverybodyHas() throws SQLException {
        Work work = telling(SETTINGS);
        String usual = warehouse.ask("select " + SETTINGS);

        merge(work, 0, LARGE);
        work.merge(1);
        merge(work, 2, new Compute(OptionalInt.empty(), OptionalLong.of(5), Optional.empty()));

        assertThat(noteOf(work, 0)).isEqualTo("77MB/3");
        assertThat(noteOf(work, 1)).isEqualTo(usual);
        assertThat(noteOf(work, 2)).isEqualTo("5MB/" + usual.substring(usual.indexOf('/') + 1));
    }

    @Test
    void oneThatFails_leavesNothingBehind() throws SQLException {
        Work work = telling("(1 / (length(" + SETTINGS + ") - length('77MB/3')))::text");
        String usual = warehouse.ask("select " + SETTINGS);

        BackstitchException failed = catchThrowableOfType(BackstitchException.class, () -> merge(work, 0, LARGE));

        assertThat(failed.code()).isEqualTo(ErrorCode.STATEMENT_REFUSED);
        for (int i = 0; i < 5; i++) {
            assertThat(warehouse.ask("select " + SETTINGS)).isEqualTo(usual);
        }
    }
}
