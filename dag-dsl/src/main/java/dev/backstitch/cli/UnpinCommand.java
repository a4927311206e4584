package dev.backstitch.cli;

import dev.backstitch.spi.Pin;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Moves readers on who were left with the former version. */
@Command(
        name = "unpin",
        description = {
            "Point the views that a run has pinned at what it has published.",
            "Refused while the run's watch objects. A rollback of the run moves them back."
        })
final class UnpinCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "Which run; by default the latest that is published.")
    private Optional<String> run = Optional.empty();

    @Option(names = "--view", paramLabel = "VIEW", description = "One of them alone.")
    private Optional<String> view = Optional.empty();

    @Option(names = "--dry-run", description = "Say what each shows, and change nothing.")
    private boolean dryRun;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    UnpinCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            String id = run.orElseGet(() -> engine.backstitch().runs().stream()
                    .filter(each -> each.state() == RunState.PUBLISHED)
                    .findFirst()
                    .map(RunRecord::id)
                    .orElseThrow(() -> new ParameterException(spec.commandLine(), "no run is published; name one")));
            if (!dryRun) {
                List<ResolvedTable> moved = engine.backstitch().unpin(id, view);
                moved.forEach(each -> terminal.out().println("unpinned " + Shown.safe(each.toString())));
                if (moved.isEmpty()) {
                    terminal.out().println("unpinned already");
                }
            }
            engine.backstitch().pins(id).forEach(pin -> terminal.out().println("  " + shown(pin)));
        }
        return ExitCode.DONE.number();
    }

    private static String shown(Pin pin) {
        return Shown.safe(pin.view() + " shows "
                + pin.shows().map(ResolvedTable::toString).orElse("something else, or is gone")
                + (pin.isPinned() ? ", pinned" : ""));
    }
}
