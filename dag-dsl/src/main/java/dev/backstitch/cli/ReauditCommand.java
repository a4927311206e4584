package dev.backstitch.cli;

import dev.backstitch.Run;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Audits what a run has merged once more. */
@Command(
        name = "reaudit",
        description = {
            "Audit what a run has merged once more, and go on if it passes.",
            "For a failed audit whose cause lay outside the backfill; nothing is merged again."
        })
final class ReauditCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "Which run; by default the newest unfinished one.")
    private Optional<String> run = Optional.empty();

    ReauditCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        FollowedRun followed = new FollowedRun(setup, terminal);
        try (OpenEngine engine = OpenEngine.open(setup, followed)) {
            Run resumed = engine.backstitch().reaudit(run.orElseGet(() -> ResumeCommand.newestUnfinished(engine)));
            followed.await(engine, resumed);
        }
        return followed.conclude().number();
    }
}
