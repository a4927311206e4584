package dev.backstitch.cli;

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
            terminal.out()
                    .println("cancelled run " + run + ": "
                            + engine.backstitch().orderOf(run).target().name()
                            + " is as it was and free for another run");
        }
        return ExitCode.DONE.number();
    }
}
