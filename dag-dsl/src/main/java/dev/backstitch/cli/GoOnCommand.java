package dev.backstitch.cli;

import dev.backstitch.Backstitch;
import dev.backstitch.Run;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.state.RunRecord;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Parameters;

/** Goes on with an unfinished run, in one way or another, and follows it to its end. */
abstract class GoOnCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "RUN", description = "Which run; by default the newest unfinished one.")
    private Optional<String> run = Optional.empty();

    GoOnCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    abstract Run goOn(Backstitch backstitch, String id);

    @Override
    public final Integer call() {
        FollowedRun followed = new FollowedRun(setup, terminal);
        try (OpenEngine engine = OpenEngine.open(setup, followed)) {
            engine.backstitch().releaseLeftHolds();
            followed.await(engine, goOn(engine.backstitch(), run.orElseGet(() -> newestUnfinished(engine))));
        }
        return followed.conclude().number();
    }

    private static String newestUnfinished(OpenEngine engine) {
        return engine.backstitch().runs().stream()
                .filter(record -> !record.state().isFinal())
                .map(RunRecord::id)
                .findFirst()
                .orElseThrow(() -> new BackstitchException(
                        ErrorCode.UNKNOWN_RUN, "there is no unfinished run to go on with. Nothing was changed."));
    }
}
