package dev.backstitch.cli;

import dev.backstitch.Backstitch;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.run.RunRequests;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Gives a run up before its publish. Where another process works on it, that one is asked to, by the state store alone: the
 * warehouse may be a file that only it can open.
 */
@Command(
        name = "cancel",
        description = {
            "Give a run up before its publish: its shadow is removed, the target stays as it is.",
            "If another process works on the run, that process does it, within a few seconds."
        })
final class CancelCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(paramLabel = "RUN", description = "Which run.")
    private String run = "";

    CancelCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Optional<ExitCode> asked = isAnothers() ? ask() : Optional.empty();
        if (asked.isPresent()) {
            return asked.get().number();
        }
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            engine.backstitch().releaseLeftHolds();
            Backstitch backstitch = engine.backstitch();
            backstitch.cancel(run);
            sayCancelled(
                    Shown.targets(backstitch.planOf(run)),
                    backstitch.runs().stream()
                            .filter(record -> record.id().equals(run))
                            .map(RunRecord::failure)
                            .findFirst()
                            .orElse(""));
        }
        return ExitCode.DONE.number();
    }

    private boolean isAnothers() {
        try (StateStore state = setup.state().get()) {
            return state.run(run).filter(RunRequests::isHeld).isPresent();
        }
    }

    /** Nothing when that process has ended, or its lease, before it had noticed. */
    private Optional<ExitCode> ask() {
        try (StateStore state = setup.state().get()) {
            RunRequests requests = CliSetup.requests(state);
            if (!requests.cancel(run)) {
                return Optional.empty();
            }
            terminal.out().println("run " + run + " is to be given up by the process that works on it; waiting for it");
            terminal.out().flush();
            RunRecord ended = requests.await(run, PATIENCE);
            if (ended.state() == RunState.CANCELLED) {
                sayCancelled(Shown.targets(PlanFormat.read(state.plan(run))), ended.failure());
                return Optional.of(ExitCode.DONE);
            }
            if (ended.state().isActedFor() && !RunRequests.isHeld(ended)) {
                return Optional.empty();
            }
            new StatusText(state, setup.program()).of(ended).forEach(terminal.err()::println);
            return Optional.of(ended.state() == RunState.PUBLISHED ? ExitCode.REFUSED : ExitCode.BUSY);
        }
    }

    private void sayCancelled(String targets, String left) {
        terminal.out()
                .println(
                        left.isEmpty()
                                ? "cancelled run " + run + ": " + targets + " is as it was and free for another run"
                                : "cancelled run " + run + ": " + left);
    }
}
