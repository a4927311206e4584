package dev.backstitch.cli;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.Publishes;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes a publish back. */
@Command(name = "rollback", description = "Take a publish back: the archive becomes live again.")
final class RollbackCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "Which run; by default the newest published one.")
    private Optional<String> run = Optional.empty();

    @Option(
            names = "--accept-loss",
            paramLabel = "N",
            description = "Give up exactly N writes made to the target since the publish.")
    private long acceptedLoss;

    RollbackCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            String id = run.orElseGet(() -> newestPublished(engine));
            Publishes.RolledBack outcome = engine.backstitch().rollback(id, acceptedLoss);
            terminal.out()
                    .println("rolled back run " + id + ": " + Shown.count(outcome.rowsRestored(), "row") + " of "
                            + engine.backstitch().orderOf(id).target().name() + " are what they were before"
                            + (outcome.writesLost() == 0
                                    ? ""
                                    : ", " + Shown.count(outcome.writesLost(), "write") + " made since are given up"));
        }
        return ExitCode.DONE.number();
    }

    /** Never a run below one that was rolled back: whoever goes back further says so by name. */
    private static String newestPublished(OpenEngine engine) {
        RunRecord newest = engine.backstitch().runs().stream()
                .filter(record -> record.state() == RunState.PUBLISHED || record.state() == RunState.ROLLED_BACK)
                .findFirst()
                .orElseThrow(() -> new BackstitchException(
                        ErrorCode.UNKNOWN_RUN, "there is no published run to roll back. Nothing was changed."));
        if (newest.state() == RunState.ROLLED_BACK) {
            throw new BackstitchException(
                    ErrorCode.WRONG_STATE,
                    "run " + newest.id() + ", the last one that was published, is rolled back already. Nothing was "
                            + "changed. Name the run to go back further.");
        }
        return newest.id();
    }
}
