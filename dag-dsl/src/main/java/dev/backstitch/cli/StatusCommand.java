package dev.backstitch.cli;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.StateStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Says how far runs are. It opens the state store alone, so that it works while another process runs. */
@Command(name = "status", description = "Show the runs, or one of them; also while another process runs it.")
final class StatusCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "Which run; by default all of them, newest first.")
    private Optional<String> run = Optional.empty();

    @Mixin
    private JsonOption json = new JsonOption();

    StatusCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (StateStore state = setup.state().get()) {
            if (json.isAsked()) {
                terminal.out()
                        .println(run.map(id -> Json.run(state, named(state, id)))
                                .orElseGet(() -> Json.runs(state, state.runs())));
                return ExitCode.DONE.number();
            }
            StatusText text = new StatusText(state, setup.program());
            List<String> lines = run.isEmpty() ? text.of(state.runs()) : text.of(named(state, run.get()));
            lines.forEach(terminal.out()::println);
        }
        return ExitCode.DONE.number();
    }

    private static RunRecord named(StateStore state, String id) {
        return state.run(id)
                .orElseThrow(() -> new BackstitchException(
                        ErrorCode.UNKNOWN_RUN,
                        "no run " + id + " in " + state.location() + ". Nothing was changed. List them by status."));
    }
}
