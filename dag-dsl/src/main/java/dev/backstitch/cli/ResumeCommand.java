package dev.backstitch.cli;

import dev.backstitch.Run;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.state.RunRecord;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Goes on with a run that was interrupted or failed. */
@Command(
        name = "resume",
        description = {
            "Go on with a run that was interrupted or failed.",
            "After a failed audit, the partitions that it objects to are merged again."
        })
final class ResumeCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "Which run; by default the newest unfinished one.")
    private Optional<String> run = Optional.empty();

    ResumeCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        FollowedRun followed = new FollowedRun(setup, terminal);
        try (OpenEngine engine = OpenEngine.open(setup, followed)) {
            Run resumed = engine.backstitch().resume(run.orElseGet(() -> newestUnfinished(engine)));
            followed.await(engine, resumed);
        }
        return followed.conclude().number();
    }

    static String newestUnfinished(OpenEngine engine) {
        return engine.backstitch().runs().stream()
                .filter(record -> !record.state().isFinal())
                .map(RunRecord::id)
                .findFirst()
                .orElseThrow(() -> new BackstitchException(
                        ErrorCode.UNKNOWN_RUN, "there is no unfinished run to resume. Nothing was changed."));
    }
}
