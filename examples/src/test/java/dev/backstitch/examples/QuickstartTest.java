package dev.backstitch.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.cli.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartTest {
    private static final String UNFINISHED_AT_15 = "1[5-7] of them merged already";

    @TempDir
    static Path shared;

    @TempDir
    Path scratch;

    private static Called first;

    @BeforeAll
    static void publishOnce() {
        first = Called.quickstart(shared.resolve("made/by/the/quickstart"));
    }

    private static Path published() {
        return shared.resolve("made/by/the/quickstart");
    }

    /** A copy that the test may change; everything is closed by then. */
    private Path copy() throws IOException {
        Path copy = Files.createDirectory(scratch.resolve("copy"));
        try (Stream<Path> files = Files.list(published())) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private FlightsOracle oracle(Path directory) throws Exception {
        return new FlightsOracle(directory.resolve("warehouse.duckdb"), scratch);
    }

    @Test
    void quickstart_publishesWhatPlainSqlOverTheParquetFileSays() throws Exception {
        assertThat(first.code()).as(first.err()).isEqualTo(ExitCode.DONE);
        try (FlightsOracle oracle = oracle(published())) {
            assertThat(oracle.number("select count(*) from w.analytics.flights"))
                    .isEqualTo(508_239);
            assertThat(oracle.differencesFromAfter()).isZero();
            assertThat(oracle.differencesFromBefore()).isGreaterThan(300_000);
            assertThat(oracle.number("select count(*) from w.staging.flights")).isEqualTo(508_239 + 5_082);
            assertThat(oracle.number("select count(distinct partition_id) from w.backstitch.bf_ledger"))
                    .isEqualTo(31);
            assertThat(oracle.number("select count(*) from w.backstitch.bf_ledger where state = 'PUBLISHED'"))
                    .isEqualTo(31);
        }
    }

    @Test
    void quickstart_showsPlanProgressAuditsChangesAndTheWayBack() {
        assertThat(first.out())
                .contains("Plan of dag quickstart", "RUN 2001-01-01 .. 2001-01-31 (31)", "prepared ")
                .contains("31 of 31, 513,321 rows")
                .contains("passed   unique(flight_id)", "passed   rowCount within 0%")
                .contains("published: 508,239 rows before, 508,239 now")
                .contains("late    -> very_late", "with a corrected delay     5,082")
                .endsWith("quickstart --dir " + published() + " rollback " + first.run() + System.lineSeparator());
        assertThat(first.err()).isEmpty();
    }

    @Test
    void plainOutput_holdsLinesAndNoControlCharacters() {
        assertThat(first.out().replace(System.lineSeparator(), "")).doesNotContainPattern("\\p{Cntrl}");
    }

    @Test
    void againOncePublished_saysSo_andChangesNothing() throws Exception {
        Path copy = copy();
        byte[] before = Files.readAllBytes(copy.resolve("warehouse.duckdb"));
        Called again = Called.quickstart(copy);
        assertThat(again.code()).as(again.err()).isEqualTo(ExitCode.DONE);
        assertThat(again.out()).contains("is published already", first.run(), "Nothing was changed");
        assertThat(Files.readAllBytes(copy.resolve("warehouse.duckdb"))).isEqualTo(before);
        assertThat(Called.quickstart(copy, "status").out().lines()).hasSize(1);
    }

    @Test
    void rollback_bringsTheFormerTableBack_andTheSameCommandPublishesAgain() throws Exception {
        Path copy = copy();
        Called rolledBack = Called.quickstart(copy, "rollback");
        assertThat(rolledBack.code()).as(rolledBack.err()).isEqualTo(ExitCode.DONE);
        assertThat(rolledBack.out()).contains("rolled back run " + first.run(), "508,239 rows");
        try (FlightsOracle oracle = oracle(copy)) {
            assertThat(oracle.differencesFromBefore()).isZero();
        }
        assertThat(Called.quickstart(copy, "rollback").code()).isEqualTo(ExitCode.REFUSED);

        Called again = Called.quickstart(copy);
        assertThat(again.code()).as(again.err()).isEqualTo(ExitCode.DONE);
        try (FlightsOracle oracle = oracle(copy)) {
            assertThat(oracle.differencesFromAfter()).isZero();
        }
        assertThat(Called.quickstart(copy, "status").out()).contains("ROLLED_BACK", "PUBLISHED");
    }

    @Test
    void plan_showsTheSql_andWritesNothing() throws Exception {
        Path copy = copy();
        Called plan = Called.quickstart(copy, "plan");
        assertThat(plan.code()).as(plan.err()).isEqualTo(ExitCode.DONE);
        assertThat(plan.out())
                .containsPattern("published by run " + first.run() + " at \\S+ with the same logic")
                .contains("of source rows with one key the latest by loaded_at counts")
                .containsIgnoringCase("merge into")
                .containsIgnoringCase("rename to \"flights\"");
        assertThat(Called.quickstart(copy, "status").out().lines()).hasSize(1);
    }

    @Test
    void sameCommand_finishesARunWhoseProcessDied() throws Exception {
        Path directory = scratch.resolve("killed");
        OtherProcess.diesAfter(15, directory);

        Called status = Called.quickstart(directory, "status");
        assertThat(status.out()).contains("RUNNING", "has ended without finishing it");

        Called finished = Called.quickstart(directory);
        assertThat(finished.code()).as(finished.err()).isEqualTo(ExitCode.DONE);
        assertThat(finished.out()).contains("is unfinished", "going on with it").containsPattern(UNFINISHED_AT_15);
        try (FlightsOracle oracle = oracle(directory)) {
            assertThat(oracle.differencesFromAfter()).isZero();
            assertThat(oracle.number("select count(*) from w.backstitch.bf_ledger"))
                    .isEqualTo(31);
        }
    }

    @Test
    void status_worksWhileAnotherProcessRuns_andARunIsToldWhoHoldsTheFile() throws Exception {
        Path directory = scratch.resolve("held");
        try (OtherProcess other = OtherProcess.holdsAfter(10, directory)) {
            Called status = Called.quickstart(directory, "status");
            assertThat(status.code()).as(status.err()).isEqualTo(ExitCode.DONE);
            assertThat(status.out())
                    .contains("RUNNING", "process " + other.pid())
                    .containsPattern("merged (9|1[0-9])/31");

            String run = status.out().substring(0, status.out().indexOf(' '));
            Called detail = Called.quickstart(directory, "status", run);
            assertThat(detail.out())
                    .contains("run " + run + " of dag quickstart: RUNNING", "merge", "audit", "waiting");

            Called second = Called.quickstart(directory);
            assertThat(second.code()).isEqualTo(ExitCode.BUSY);
            assertThat(second.err()).startsWith("BF-506").contains(Long.toString(other.pid()));
            assertThat(second.err()).doesNotContain("\tat ");
        }
    }

    @Test
    void preparationThatWasKilled_startsAnew() throws Exception {
        Path directory = Files.createDirectory(scratch.resolve("halfway"));
        for (String left : List.of("preparing.duckdb", "preparing.duckdb.wal", "preparing.parquet", "preparing.lock")) {
            Files.writeString(directory.resolve(left), "torn");
        }
        Called plan = Called.quickstart(directory, "plan");
        assertThat(plan.code()).as(plan.err()).isEqualTo(ExitCode.DONE);
        assertThat(plan.out()).contains("about 508,239 rows");
        try (FlightsOracle oracle = oracle(directory)) {
            assertThat(oracle.differencesFromBefore()).isZero();
        }
    }
}
