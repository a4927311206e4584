package dev.backstitch.cli;

import dev.backstitch.spi.Publishes.Restored;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes single partitions of a publish back. */
@Command(
        name = "restore",
        description = {
            "Make single partitions what they were before a run's publish, by its archive.",
            "The run stays published, and can be rolled back. Refused with their number when the partitions were written"
                    + " since, unless exactly so many are given up."
        })
final class RestoreCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(paramLabel = "RUN", description = "Which run.")
    private String run = "";

    @Option(
            names = "--partition",
            required = true,
            paramLabel = "PARTITION",
            description = "The id of a partition, such as 2026-03-14; may be given several times.")
    private List<String> partitions = new ArrayList<>();

    @Option(names = "--backfill", paramLabel = "BACKFILL", description = "Whose, if the run has more than one.")
    private Optional<String> backfill = Optional.empty();

    @Option(
            names = "--accept-loss",
            paramLabel = "N",
            description = "Give up exactly N writes to these partitions since the publish.")
    private long acceptedLoss;

    RestoreCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            Restored restored =
                    engine.backstitch().restore(run, backfill, new LinkedHashSet<>(partitions), acceptedLoss);
            terminal.out()
                    .println(
                            restored.rowsRestored() + restored.rowsRemoved() == 0
                                    ? "nothing differs: these partitions are what they were before run " + run
                                    : "restored " + Shown.count(restored.rowsRestored(), "row") + " in place of "
                                            + Shown.number(restored.rowsRemoved()) + ", gave up "
                                            + Shown.count(restored.writesLost(), "later write"));
        }
        return ExitCode.DONE.number();
    }
}
