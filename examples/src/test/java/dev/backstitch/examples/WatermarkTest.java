package dev.backstitch.examples;

import static dev.backstitch.assertj.BackstitchAssertions.assertThat;
import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static dev.backstitch.dsl.Dsl.values;
import static dev.backstitch.dsl.Dsl.watermark;
import static java.time.Duration.ofDays;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.BackstitchCommand;
import dev.backstitch.cli.CliSetup;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.Watermark;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Slice;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is published of a table, and a backfill that goes on from there. */
class WatermarkTest {
    private static final Clock ON_THE_SEVENTH = Clock.fixed(Instant.parse("2001-01-07T12:00:00Z"), ZoneOffset.UTC);

    @TempDir
    Path directory;

    private Path warehouse;

    @BeforeEach
    void begin() throws SQLException {
        LogFile.open(directory.resolve("test.log"));
        warehouse = directory.resolve("warehouse.duckdb");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + warehouse);
                Statement statement = connection.createStatement()) {
            statement.execute("create schema app");
            for (String table : new String[] {"source", "sums", "totals"}) {
                statement.execute("create table app." + table
                        + " as select i as id, date '2001-01-01' + cast(i % 7 as integer) as day, i as amount"
                        + " from range(70) t(i)");
            }
        }
    }

    private static Dag doubled(String table, Scope scope) {
        return dag(table)
                .run(backfill(table)
                        .owner("tester@example.com")
                        .because("amounts were too small")
                        .target(table("app." + table))
                        .scope(scope)
                        .shadow(scopeOfTarget())
                        .merge("select id, day, amount * 2 as amount from app.source where day = :day")
                        .keyedBy("id")
                        .audit(unique("id"))
                        .publish(replacePartitions().keepingArchiveFor(ofDays(7))));
    }

    private BackstitchConfig config() {
        return BackstitchConfig.of(DuckDb.file(warehouse).open(), StateStores.h2(directory.resolve("state")))
                .clock(ON_THE_SEVENTH);
    }

    private static RunResult publish(Backstitch backstitch, Dag dag) {
        RunResult result = backstitch.run(backstitch.plan(dag));
        assertThat(result.state()).as(result.failure()).isEqualTo(RunState.PUBLISHED);
        return result;
    }

    private static Slice.Days january(int from, int to) {
        return new Slice.Days("day", LocalDate.of(2001, 1, from), LocalDate.of(2001, 1, to));
    }

    @Test
    void whatIsPublished_hasAPrefixAndHoles_andARollbackWithdrawsIt() {
        try (Backstitch backstitch = Backstitch.open(config())) {
            assertThat(backstitch.watermark(table("app.sums")).orElseThrow().published())
                    .isEmpty();
            assertThat(backstitch.watermark(table("app.nothing"))).isEmpty();

            RunResult first = publish(
                    backstitch, doubled("sums", days("day").from("2001-01-01").to("2001-01-04")));
            RunResult second = publish(backstitch, doubled("sums", days("day").only("2001-01-05")));

            Watermark watermark = backstitch.watermark(table("app.sums")).orElseThrow();
            assertThat(watermark.published()).hasSize(4);
            assertThat(watermark.published().get(0).run()).isEqualTo(first.run());
            assertThat(watermark.published().get(3).run()).isEqualTo(second.run());
            assertThat(watermark.ranges())
                    .containsExactly(new Watermark.Along(january(1, 4), List.of(january(4, 5)), january(1, 6)));

            Dag totals = doubled("totals", days("day").since(watermark("app.sums")));
            Plan plan = backstitch.plan(totals);
            assertThat(plan).runs(3);
            assertThat(plan.backfill("totals").scope())
                    .extracting(partition -> partition.id())
                    .containsExactly("2001-01-04", "2001-01-05", "2001-01-06");
            assertThat(PlanText.of(plan))
                    .contains("daily partitions by day (DATE), since what is published of app.sums");

            backstitch.rollback(second.run());
            assertThat(backstitch.watermark(table("app.sums")).orElseThrow().ranges())
                    .containsExactly(new Watermark.Along(january(1, 4), List.of(), january(1, 4)));
            backstitch.rollback(first.run());
            assertThat(backstitch.watermark(table("app.sums")).orElseThrow().published())
                    .isEmpty();
            assertThatThrownBy(() -> backstitch.plan(totals))
                    .hasMessageContaining("BF-223")
                    .hasMessageContaining("partitions of app.sums that are published and follow one another in time")
                    .hasMessageContaining("found that no run has published any");
            // Frozen with the run, whatever becomes of the watermark.
            assertThat(backstitch.register(totals).run(plan).state()).isEqualTo(RunState.PUBLISHED);
        }
    }

    @Test
    void aTable_goesOnFromItsOwnWatermark_untilNothingIsNew() {
        try (Backstitch backstitch = Backstitch.open(config())) {
            publish(backstitch, doubled("sums", days("day").only("2001-01-01")));
            Dag next = doubled("sums", days("day").since(watermark("app.sums")));

            publish(backstitch, next);

            assertThatThrownBy(() -> backstitch.plan(next))
                    .hasMessageContaining("BF-210")
                    .hasMessageContaining("app.sums is published up to 2001-01-07T00:00, and nothing has ended since");
        }
    }

    @Test
    void valuesHaveNoOrder_andATableThatIsNotThere_isNamed() {
        try (Backstitch backstitch = Backstitch.open(config())) {
            Dag byValue = doubled("sums", values("day", "2001-01-02", "2001-01-03"));
            publish(backstitch, byValue);

            assertThatThrownBy(
                            () -> backstitch.plan(doubled("totals", days("day").since(watermark("app.sums")))))
                    .hasMessageContaining("BF-223")
                    .hasMessageContaining("2 that have no order as far as the ledger knows, such as 2001-01-02");
            assertThatThrownBy(
                            () -> backstitch.plan(doubled("totals", days("day").since(watermark("app.none")))))
                    .hasMessageContaining("BF-201")
                    .hasMessageContaining("a table app.none in duckdb, for since(watermark(..))");
        }
    }

    private String command(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
        CliSetup setup = CliSetup.called("sums")
                .dags(doubled("sums", days("day").only("2001-01-01")))
                .state(() -> StateStores.h2(directory.resolve("state")))
                .engine(state -> BackstitchConfig.of(DuckDb.file(warehouse).open(), state)
                        .clock(ON_THE_SEVENTH));
        ExitCode code = BackstitchCommand.run(setup, new Terminal(print, print, Terminal.Kind.PLAIN), arguments);
        return code + "\n" + out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theCommand_saysIt() {
        assertThat(command("watermark", "app.sums"))
                .isEqualTo("DONE\nno run has published anything of app.sums\n".replace("\n", System.lineSeparator()));
        try (Backstitch backstitch = Backstitch.open(config())) {
            publish(backstitch, doubled("sums", days("day").from("2001-01-01").to("2001-01-04")));
            publish(backstitch, doubled("sums", days("day").only("2001-01-05")));
        }

        assertThat(command("watermark", "app.sums"))
                .contains(
                        "app.sums: 4 partitions published",
                        "  without a gap  day from 2001-01-01 to before 2001-01-04",
                        "  missing        day from 2001-01-04 to before 2001-01-05",
                        "  and again up to before 2001-01-06",
                        "3 partitions, ",
                        "1 partition, ");
        assertThat(command("watermark", "app.sums", "--json"))
                .contains("\"to\" : \"2001-01-04\"", "\"lastTo\" : \"2001-01-06\"", "\"partition\" : \"2001-01-05\"");
        assertThat(command("watermark", "app.none"))
                .startsWith("REFUSED")
                .contains("BF-201 watermark of app.none not found");
        assertThat(command("watermark")).startsWith("USAGE").contains("TABLE");
    }
}
