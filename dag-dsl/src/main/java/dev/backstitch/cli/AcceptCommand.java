package dev.backstitch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Lets a failed audit pass, by a person and for a reason. */
@Command(
        name = "accept",
        description = {
            "Let a failed audit pass: what it observed is right.",
            "It is noted in the ledger, and holds for what was observed alone. Resume the run afterwards."
        })
final class AcceptCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "RUN", description = "Which run.")
    private String run = "";

    @Parameters(index = "1", paramLabel = "AUDIT", description = "Which audit, by its name.")
    private String audit = "";

    @Mixin
    private PersonAndReason by = new PersonAndReason();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    AcceptCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        by.require(spec.commandLine());
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            engine.backstitch().accept(run, audit, by.who(), by.why());
            terminal.out().println("accepted: " + Shown.safe(audit) + " of run " + run + ". To go on:");
            terminal.out().println("  " + setup.program() + " resume " + run);
        }
        return ExitCode.DONE.number();
    }
}
