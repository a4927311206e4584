package dev.backstitch.cli;

import dev.backstitch.state.RunRecord;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Rebuilds what a lost state store knew from the ledger. */
@Command(
        name = "recover",
        description = {
            "Rebuild runs that the state store does not know, from the ledger in the target's database.",
            "For a state store that was lost. A run that had not ended can then be resumed, one that was published rolled"
                    + " back. Nothing is written to a target."
        })
final class RecoverCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    RecoverCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            List<RunRecord> recovered = engine.backstitch().recover();
            if (recovered.isEmpty()) {
                terminal.out()
                        .println("nothing to recover: the state store knows every run that the ledger knows, "
                                + Shown.count(engine.backstitch().runs().size(), "run"));
            }
            for (RunRecord run : recovered) {
                terminal.out()
                        .println("recovered run " + run.id() + " of dag " + Shown.safe(run.dag()) + ", begun "
                                + Shown.time(run.createdAt()) + ": " + run.state()
                                + (run.failure().isEmpty() ? "" : ", " + Shown.safeLines(run.failure())));
                if (!run.state().isFinal()) {
                    terminal.out().println("  " + setup.program() + " resume " + run.id());
                }
            }
        }
        return ExitCode.DONE.number();
    }
}
