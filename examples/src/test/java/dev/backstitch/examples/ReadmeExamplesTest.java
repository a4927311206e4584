package dev.backstitch.examples;

import static dev.backstitch.assertj.BackstitchAssertions.assertThat;
import static dev.backstitch.dsl.Dsl.airflowDag;
import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.call;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.copyOfTarget;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.keepLatestBy;
import static dev.backstitch.dsl.Dsl.notNull;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.quartzGroup;
import static dev.backstitch.dsl.Dsl.replacePartitions;
import static dev.backstitch.dsl.Dsl.repointView;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.scopeOfTarget;
import static dev.backstitch.dsl.Dsl.sql;
import static dev.backstitch.dsl.Dsl.sum;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static dev.backstitch.dsl.Dsl.version;
import static java.time.Duration.ofDays;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.backstitch.Backstitch;
import dev.backstitch.BackstitchConfig;
import dev.backstitch.Run;
import dev.backstitch.assertj.FakeCatalog;
import dev.backstitch.assertj.FakeQuery;
import dev.backstitch.assertj.FakeTable;
import dev.backstitch.cli.BackstitchCommand;
import dev.backstitch.cli.CliSetup;
import dev.backstitch.cli.Terminal;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.connector.postgresql.Postgres;
import dev.backstitch.notice.Notifiers;
import dev.backstitch.plan.BuildGate;
import dev.backstitch.plan.Plan;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Member;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStores;
import java.net.URI;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's Java, compiled and run. */
class ReadmeExamplesTest {
    @TempDir
    Path directory;

    private static Dag described() {
        // region describe
        Backfill flights = backfill("flights_delay_class")
                .owner("data-eng@example.com")
                .because("delay buckets changed in v7")
                .target(table("analytics.flights"))
                .scope(days("flight_date").from("2001-01-01").to("2001-02-01"))
                .shadow(scopeOfTarget())
                .merge("""
                        select f.*, case when f.delay < 15 then 'on_time' else 'late' end as delay_class
                        from staging.flights f
                        where f.flight_date >= :partition_start and f.flight_date < :partition_end""")
                .keyedBy("flight_id")
                .dedupe(keepLatestBy("loaded_at"))
                .limits(concurrency(2).timeout(ofMinutes(20)))
                .audit(unique("flight_id"), notNull("flight_date"), rowCount().within(percent(2)))
                .publish(replacePartitions().keepingArchiveFor(ofDays(30)));

        Dag dag = dag("flights").run(flights);
        // endregion
        return dag;
    }

    private static Dag ordered(Backfill costs, Backfill orders) {
        // region order
        Dag margin = dag("margin")
                .run(costs)
                .then(orders)
                .then(sql("refresh", "refresh materialized view bi.margin"))
                .then(call("notify", version(1), made -> tell("margin is new", made.key())));
        // endregion
        return margin;
    }

    private static void tell(String what, String key) {
        System.out.println(what + " " + key);
    }

    private static Backfill of(String name) {
        return backfill(name)
                .owner("data-eng@example.com")
                .because("costs were corrected")
                .target(table("finance." + name))
                .scope(days("day").lastDays(7))
                .shadow(scopeOfTarget())
                .merge("select * from staging." + name + " where day = :day")
                .keyedBy("id")
                .audit(unique("id"))
                .publish(replacePartitions().keepingArchiveFor(ofDays(30)));
    }

    private static Backfill versioned() {
        // region repoint
        Backfill revenue = backfill("revenue")
                .owner("finance@example.com")
                .because("refunds were booked twice")
                .target(table("bi.revenue"))
                .scope(days("day").from("2026-01-01").to("2026-02-01"))
                .shadow(copyOfTarget())
                .merge("select * from staging.revenue where day >= :partition_start and day < :partition_end")
                .keyedBy("booking_id")
                .audit(unique("booking_id"), sum("amount").within(percent(5)))
                .publish(repointView("bi.revenue").keepingArchiveFor(ofDays(30)));
        // endregion
        return revenue;
    }

    @Test
    void versioned_isADagThatMayBePlanned() {
        assertThat(BuildGate.check(dag("revenue").run(versioned()))).isEmpty();
    }

    @Test
    void ordered_isADagThatMayBePlanned() {
        Dag margin = ordered(of("costs"), of("orders"));

        assertThat(BuildGate.check(margin)).isEmpty();
        assertThat(margin.members()).extracting(Member::name).containsExactly("costs", "orders", "refresh", "notify");
    }

    @Test
    void described_isPlannedWithoutADatabase() {
        Dag dag = described();
        // region assert
        FakeTable flights = FakeTable.of("analytics.flights")
                .notNull("flight_id", "bigint")
                .column("flight_date", "date")
                .column("delay", "integer")
                .column("delay_class", "varchar(12)")
                .column("loaded_at", "timestamp")
                .uniqueBy("flight_id");

        Plan plan = FakeCatalog.of(flights)
                .merging(FakeQuery.of("flights_delay_class").columnsOf(flights))
                .plan(dag);

        assertThat(dag)
                .publishesOnlyAfterAudits()
                .hasTask("merge")
                .forEachPartition()
                .atMost(2);
        assertThat(plan).runs(31).skips(0).runs("2001-01-31");
        // endregion
    }

    @Test
    void described_planned_run_andTakenBack() throws Exception {
        FlightsWarehouse warehouse = new FlightsWarehouse(directory);
        warehouse.prepare();
        Path file = warehouse.file();
        Path state = directory.resolve("state");
        Dag dag = described();
        // region run
        BackstitchConfig config = BackstitchConfig.of(DuckDb.file(file).open(), StateStores.h2(state));
        try (Backstitch backstitch = Backstitch.open(config).register(dag)) {
            Plan plan = backstitch.plan(dag);
            System.out.println(PlanText.of(plan));

            Run run = backstitch.start(plan);
            RunResult result = run.await();
            System.out.println(result.run() + " is " + result.state() + " " + result.failure());

            backstitch.rollback(run.id());
        }
        // endregion
        try (FlightsOracle oracle = new FlightsOracle(file, directory)) {
            assertThat(oracle.number("select count(*) from w.backstitch.bf_ledger where state = 'ROLLED_BACK'"))
                    .isEqualTo(31);
            assertThat(oracle.differencesFromBefore()).isZero();
        }
        try (Backstitch again =
                Backstitch.open(BackstitchConfig.of(DuckDb.file(file).open(), StateStores.h2(state)))) {
            assertThat(again.runs())
                    .singleElement()
                    .satisfies(run -> assertThat(run.state()).isEqualTo(RunState.ROLLED_BACK));
        }
    }

    /** Compiled, and called by hand: it ends its process. */
    static final class FlightsDags {
        private FlightsDags() {}

        // region main
        public static void main(String[] arguments) {
            CliSetup setup = CliSetup.called("java -jar flights-dags.jar")
                    .dags(described())
                    .state(() -> StateStores.h2(Path.of("backstitch/state")))
                    .engine(state -> BackstitchConfig.of(
                            DuckDb.file(Path.of("warehouse.duckdb")).open(), state));
            System.exit(
                    BackstitchCommand.run(setup, Terminal.system(), arguments).number());
        }
        // endregion

        // region share
        static Backstitch worker(DataSource warehouse, DataSource states) {
            return Backstitch.open(BackstitchConfig.of(Postgres.on(warehouse).open(), StateStores.on(states)))
                    .register(described())
                    .work();
        }
        // endregion

        // region care
        static Backfill careful(Backfill flights) {
            return flights.holding(
                            quartzGroup("dashboards"),
                            airflowDag("http://airflow:8080", "refresh_marts").token("AIRFLOW_TOKEN"))
                    .watch(ofHours(24))
                    .every(ofMinutes(15))
                    .check(unique("flight_id"), notNull("delay_class"));
        }

        static BackstitchConfig told(BackstitchConfig config, URI hook) {
            return config.notifying(Notifiers.webhook(hook).signedBy("HOOK_SECRET"))
                    .notifying(Notifiers.file(Path.of("backstitch/notices.jsonl")));
        }
        // endregion
    }
}
