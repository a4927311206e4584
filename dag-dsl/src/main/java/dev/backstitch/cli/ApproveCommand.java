package dev.backstitch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

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

    @Mixin
    private PersonAndReason by = new PersonAndReason();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    ApproveCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        by.require(spec.commandLine());
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            engine.backstitch().approve(run, by.who(), by.why());
            terminal.out().println("approved: the publish of run " + run + ". To go on:");
            terminal.out().println("  " + setup.program() + " resume " + run);
        }
        return ExitCode.DONE.number();
    }
}
