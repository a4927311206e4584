package dev.backstitch.examples;

import static dev.backstitch.dsl.Dsl.backfill;
import static dev.backstitch.dsl.Dsl.concurrency;
import static dev.backstitch.dsl.Dsl.copyOfTarget;
import static dev.backstitch.dsl.Dsl.dag;
import static dev.backstitch.dsl.Dsl.days;
import static dev.backstitch.dsl.Dsl.findsNothing;
import static dev.backstitch.dsl.Dsl.keepLatestBy;
import static dev.backstitch.dsl.Dsl.notNull;
import static dev.backstitch.dsl.Dsl.percent;
import static dev.backstitch.dsl.Dsl.rowCount;
import static dev.backstitch.dsl.Dsl.swapTable;
import static dev.backstitch.dsl.Dsl.table;
import static dev.backstitch.dsl.Dsl.unique;
import static java.time.Duration.ofDays;

import dev.backstitch.BackstitchConfig;
import dev.backstitch.cli.BackstitchCommand;
import dev.backstitch.cli.CliSetup;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import dev.backstitch.connector.duckdb.DuckDb;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Dag;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.StateStores;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * A month of flights gets its delays corrected and classed by the official rule, in a copy that is audited and then swapped
 * for the live table.
 */
final class Quickstart implements Example {
    private static final Set<String> BEGIN_HERE = Set.of("run", "plan");

    // region quickstart
    static final Backfill FLIGHTS = backfill("flights_delay_class")
            .owner("data-eng@example.com")
            .because("late is official from 15 minutes, and the carriers corrected delays")
            .target(table("analytics.flights"))
            .scope(days("flight_date").from("2001-01-01").to("2001-02-01"))
            .shadow(copyOfTarget())
            .merge("""
                    select f.*,
                           case when f.delay < 0 then 'early'
                                when f.delay < 15 then 'on_time'
                                when f.delay < 60 then 'late'
                                else 'very_late' end as delay_class
                    from staging.flights f
                    where f.flight_date >= :partition_start and f.flight_date < :partition_end""")
            .keyedBy("flight_id")
            .dedupe(keepLatestBy("loaded_at"))
            .limits(concurrency(2))
            .audit(
                    unique("flight_id"),
                    notNull("flight_date", "delay_class"),
                    rowCount().within(percent(0)),
                    findsNothing("early_is_negative", """
                            select * from :shadow where (delay < 0) <> (delay_class = 'early')"""))
            .publish(swapTable().keepingArchiveFor(ofDays(30)));

    static final Dag DAG = dag("quickstart").run(FLIGHTS);
    // endregion

    @Override
    public String name() {
        return "quickstart";
    }

    @Override
    public String shows() {
        return "recomputes 31 days of real flights in DuckDB: plan, merges, audits, swap, and the way back";
    }

    @Override
    public ExitCode run(String program, Path directory, Terminal terminal, List<String> command) {
        FlightsWarehouse warehouse = new FlightsWarehouse(directory);
        boolean mayBegin = command.isEmpty() || BEGIN_HERE.contains(command.get(0));
        Preparation preparation = new Preparation(warehouse);
        CliSetup setup = CliSetup.called(program)
                .dags(DAG)
                .state(() -> state(program, directory, mayBegin, preparation))
                .engine(state -> {
                    preparation.await().ifPresent(terminal.out()::println);
                    return BackstitchConfig.of(DuckDb.file(warehouse.file()).open(), state);
                })
                .afterPublish((run, where) -> showChanges(warehouse, run, where));
        return BackstitchCommand.run(
                setup, terminal, command.isEmpty() ? new String[] {"run"} : command.toArray(String[]::new));
    }

    private static StateStore state(String program, Path directory, boolean mayBegin, Preparation preparation) {
        Path file = directory.resolve("state");
        if (!mayBegin && !Files.exists(directory.resolve("state.mv.db"))) {
            throw new BackstitchException(
                    ErrorCode.UNKNOWN_RUN,
                    "there is no run in " + directory + " yet. Nothing was made. Begin with: " + program);
        }
        Home.make(directory);
        if (mayBegin) {
            preparation.begin();
        }
        return StateStores.h2(file);
    }

    private static void showChanges(FlightsWarehouse warehouse, WorkOrder run, Terminal terminal) {
        try {
            ClassChanges.between(warehouse.file(), run).forEach(terminal.out()::println);
        } catch (SQLException e) {
            terminal.err().println("what changed could not be shown: " + e.getMessage());
        }
    }
}
