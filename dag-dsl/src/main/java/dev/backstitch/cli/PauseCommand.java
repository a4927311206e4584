package dev.backstitch.cli;

import dev.backstitch.run.RunRequests;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Pauses a run. It opens the state store alone, so that it works while another process runs. */
@Command(
        name = "pause",
        description = {
            "Pause a run that another process works on.",
            "What is running is finished, nothing more begins, and the shadow is kept. Go on by resume."
        })
final class PauseCommand implements Callable<Integer> {
    private static final Duration AS_LONG_AS_IT_TAKES = Duration.ofDays(7);

    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(paramLabel = "RUN", description = "Which run.")
    private String run = "";

    PauseCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (StateStore state = setup.state().get()) {
            RunRequests requests = CliSetup.requests(state);
            requests.pause(run);
            terminal.out().println("run " + run + " begins nothing more; waiting for what it is at");
            terminal.out().flush();
            RunRecord ended = requests.await(run, AS_LONG_AS_IT_TAKES);
            if (ended.state() == RunState.PAUSED) {
                terminal.out().println("run " + run + " is paused. To go on:");
                terminal.out().println("  " + setup.program() + " resume " + run);
                return ExitCode.DONE.number();
            }
            new StatusText(state, setup.program()).of(ended).forEach(terminal.err()::println);
            return ended.state() == RunState.PUBLISHED ? ExitCode.REFUSED.number() : ExitCode.BUSY.number();
        }
    }
}
