package dev.backstitch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lets a publish go on that waits for a person. */
@Command(
        name = "approve",
        description = {
            "Approve the publish of a run that waits for a person.",
            "It is noted in the ledger, for what the audits observed. Resume the run afterwards."
        })
final class ApproveCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "RUN", description = "Which run.")
    private String run = "";

    @Option(names = "--who", required = true, paramLabel = "PERSON", description = "Who approves it.")
    private String who = "";

    @Option(names = "--why", required = true, paramLabel = "REASON", description = "Why.")
    private String why = "";

    ApproveCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            engine.backstitch().approve(run, who, why);
            terminal.out().println("approved: the publish of run " + run + ". To go on:");
            terminal.out().println("  " + setup.program() + " resume " + run);
        }
        return ExitCode.DONE.number();
    }
}
