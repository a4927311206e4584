package dev.backstitch.cli;

import dev.backstitch.state.RunRecord;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Gives a run up before its publish. */
@Command(
        name = "cancel",
        description = "Give a run up before its publish: its shadow is removed, the target stays as it is.")
final class CancelCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(paramLabel = "RUN", description = "Which run.")
    private String run = "";

    CancelCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            engine.backstitch().cancel(run);
            String left = engine.backstitch().runs().stream()
                    .filter(record -> record.id().equals(run))
                    .map(RunRecord::failure)
                    .findFirst()
                    .orElse("");
            String targets = Shown.targets(engine.backstitch().planOf(run));
            terminal.out()
                    .println(
                            left.isEmpty()
                                    ? "cancelled run " + run + ": " + targets + " is as it was and free for another run"
                                    : "cancelled run " + run + ": " + left);
        }
        return ExitCode.DONE.number();
    }
}
