package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.keepLatestBy;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.spec.Dag;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A month of real flights day by day, two at a time. Its process is killed in the middle, and the same command goes on. */
final class MonthOrchestrator extends WorkedCase {
    private static final int MERGES = 12;

    private static final Dag FLIGHTS = dag("month")
            .run(backfill("delays_of_a_month")
                    .owner("data-eng@example.com")
                    .because("the carriers corrected delays a week later")
                    .target(table("analytics.flights"))
                    .scope(days("flight_date").from("2001-01-01").to("2001-02-01"))
                    .shadow(scopeOfTarget())
                    .merge("""
                            select *, case when delay < 15 then 'on_time' else 'late' end as delay_class
                            from staging.flights
                            where flight_date >= :partition_start and flight_date < :partition_end""")
                    .keyedBy("flight_id")
                    .dedupe(keepLatestBy("loaded_at"))
                    .limits(concurrency(2))
                    .audit(unique("flight_id"), rowCount().within(percent(0)))
                    .publish(replacePartitions().keepingArchiveFor(ofDays(30))));

    MonthOrchestrator() {
        super("month-orchestrator", "daily partitions of a month two at a time, killed and resumed", FLIGHTS);
    }

    public static void main(String[] arguments) {
        Examples.alone(new MonthOrchestrator(), arguments);
    }

    @Override
    List<String> warehouse(Path directory) throws IOException {
        return FlightsWarehouse.statements(directory.resolve("flights.parquet"));
    }

    @Override
    ExitCode story(Scene scene) {
        if (!scene.isPublished()) {
            scene.say("another process begins, and is killed after " + MERGES + " merges");
            killAfterSomeMerges(scene);
        }
        ExitCode code = scene.backstitch("run");
        scene.show("each day was merged once, whoever did it", """
                select count(*) as days, sum(rows_staged) as rows_read, sum(rows_updated) as rows_changed
                from backstitch.bf_ledger""");
        return code;
    }

    private static void killAfterSomeMerges(Scene scene) {
        try {
            Process other = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            MonthOrchestrator.class.getName(),
                            "--dir",
                            scene.directory().toString(),
                            "run")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
                long merges = lines.lines()
                        .filter(line -> line.contains("merged "))
                        .limit(MERGES)
                        .count();
                scene.say("it had merged " + merges + " days");
            } finally {
                other.destroyForcibly().onExit().join();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the other process could not be started", e);
        }
    }
}
