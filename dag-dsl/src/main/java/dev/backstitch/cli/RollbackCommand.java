package dev.backstitch.cli;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.plan.PlannedBackfill;
import dev.backstitch.spi.Publishes;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a publish back. */
@Command(name = "rollback", description = "Take a publish back: the archive becomes live again.")
final class RollbackCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "Which run; by default the newest published one.")
    private Optional<String> run = Optional.empty();

    @Option(
            names = "--accept-loss",
            paramLabel = "[BACKFILL=]N",
            description = {
                "Give up exactly N writes made to the target since the publish.",
                "In a dag of several backfills say whose: --accept-loss orders=3."
            })
    private List<String> acceptedLoss = List.of();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    RollbackCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        acceptedLoss.stream()
                .filter(loss -> !loss.matches("(.+=)?\\d{1,18}"))
                .findFirst()
                .ifPresent(loss -> {
                    throw misunderstood("--accept-loss " + loss + ": expected a number of writes.");
                });
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            engine.backstitch().releaseLeftHolds();
            String id = run.orElseGet(() -> newestPublished(engine));
            Publishes.RolledBack outcome = engine.backstitch().rollback(id, acceptedLoss(engine, id));
            terminal.out()
                    .println("rolled back run " + id + ": " + Shown.count(outcome.rowsRestored(), "row") + " of "
                            + Shown.targets(engine.backstitch().planOf(id)) + " are what they were before"
                            + (outcome.writesLost() == 0
                                    ? ""
                                    : ", " + Shown.count(outcome.writesLost(), "write") + " made since are given up"));
        }
        return ExitCode.DONE.number();
    }

    private Map<String, Long> acceptedLoss(OpenEngine engine, String id) {
        List<String> backfills = engine.backstitch().planOf(id).backfills().stream()
                .map(PlannedBackfill::name)
                .toList();
        Map<String, Long> accepted = new HashMap<>();
        for (String loss : acceptedLoss) {
            int split = loss.lastIndexOf('=');
            if (split < 0 && backfills.size() > 1) {
                throw misunderstood(
                        "--accept-loss " + loss + ": whose writes? Say --accept-loss BACKFILL=N, with one of "
                                + String.join(", ", backfills) + ".");
            }
            accepted.put(
                    split < 0 ? backfills.get(0) : loss.substring(0, split), Long.parseLong(loss.substring(split + 1)));
        }
        return accepted;
    }

    private ParameterException misunderstood(String why) {
        return new ParameterException(spec.commandLine(), why + " Nothing was changed.");
    }

    /** Never a run below one that was rolled back: whoever goes back further says so by name. */
    private String newestPublished(OpenEngine engine) {
        List<RunRecord> published = engine.backstitch().runs().stream()
                .filter(record -> record.state() == RunState.PUBLISHED || record.state() == RunState.ROLLED_BACK)
                .toList();
        List<String> dags = published.stream().map(RunRecord::dag).distinct().toList();
        if (dags.size() > 1) {
            throw misunderstood("Runs of several dags are published: " + String.join(", ", dags) + ". Name the run.");
        }
        RunRecord newest = published.stream()
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
