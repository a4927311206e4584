package dev.backstitch.cli;

import dev.backstitch.Backstitch;
import dev.backstitch.Run;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanDifference;
import dev.backstitch.plan.PlannedBackfill;
import dev.backstitch.report.PlanText;
import dev.backstitch.run.RunRequests;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.Partition;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Brings a dag to its publish: goes on with an unfinished run of it, leaves it at what is published if the same was
 * published last, or else plans and starts a new run. So the same command may be given any number of times.
 */
@Command(
        name = "run",
        description = {
            "Plan a dag, run it and publish it.",
            "An unfinished run of the dag is gone on with instead, unless it is paused. If the same was published last,"
                    + " nothing is done."
        })
final class RunCommand implements Callable<Integer> {
    /** Somebody else has started or resumed a run of the dag in the same moment. */
    private static final Set<ErrorCode> FASTER = Set.of(ErrorCode.ACTIVE_BACKFILL, ErrorCode.STATE_IN_USE);

    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "DAG", description = "Which dag, if there is more than one.")
    private Optional<String> dag = Optional.empty();

    @Option(names = "--again", description = "Start a new run although the same was published last.")
    private boolean again;

    @Mixin
    private WaiveOptions waive = new WaiveOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    RunCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Dag chosen = DagChoice.of(setup.dags(), dag, spec.commandLine());
        FollowedRun followed = new FollowedRun(setup, terminal);
        try (OpenEngine engine = OpenEngine.open(setup, followed)) {
            engine.backstitch().releaseLeftHolds();
            Optional<RunRecord> paused = engine.backstitch().unfinished(chosen).filter(RunCommand::isPaused);
            if (paused.isPresent()) {
                sayPaused(paused.get());
                return ExitCode.PAUSED.number();
            }
            Optional<RunRecord> anothers = anothers(engine, chosen);
            if (anothers.isEmpty()) {
                try {
                    Optional<Run> run = begin(engine, chosen, followed);
                    if (run.isEmpty()) {
                        return ExitCode.DONE.number();
                    }
                    followed.await(engine, run.get());
                } catch (BackstitchException e) {
                    anothers = FASTER.contains(e.code()) ? anothers(engine, chosen) : Optional.empty();
                    if (anothers.isEmpty()) {
                        throw e;
                    }
                }
            }
            if (anothers.isPresent()) {
                attach(engine, anothers.get(), followed);
            }
        } catch (RefusedException e) {
            if (!NothingLeft.is(e, chosen)) {
                throw e;
            }
            terminal.out().println(NothingLeft.text(e, chosen));
            return ExitCode.DONE.number();
        }
        return followed.conclude().number();
    }

    /** The run of the dag that another process works on. */
    private static Optional<RunRecord> anothers(OpenEngine engine, Dag chosen) {
        return engine.backstitch().unfinished(chosen).filter(RunRequests::isHeld);
    }

    /** The same command twice is the same run: whoever comes later helps with it, and ends as it does. */
    private void attach(OpenEngine engine, RunRecord run, FollowedRun followed) {
        terminal.out()
                .println("run " + run.id() + " of dag " + run.dag() + " is under way by " + run.owner()
                        + "; helping with it and waiting for its end");
        terminal.out().flush();
        engine.backstitch().work();
        followed.await(engine.backstitch(), run);
    }

    /** Or was to be, when its process ended. */
    private static boolean isPaused(RunRecord run) {
        return run.state() == RunState.PAUSED || run.state() == RunState.PAUSING;
    }

    /** Whoever schedules this command must not undo what a person did. */
    private void sayPaused(RunRecord run) {
        terminal.err()
                .println("run " + run.id() + " of dag " + run.dag() + " is paused: " + Shown.safeLines(run.failure()));
        NextSteps.after(setup.program(), run.dag(), run.id(), run.failure()).forEach(terminal.err()::println);
    }

    private Optional<Run> begin(OpenEngine engine, Dag chosen, FollowedRun followed) {
        Backstitch backstitch = engine.backstitch();
        Optional<RunRecord> unfinished = backstitch.unfinished(chosen);
        if (unfinished.isPresent()) {
            RunRecord run = unfinished.get();
            terminal.out()
                    .println("run " + run.id() + " of dag " + run.dag() + " is unfinished (" + run.state() + ", begun "
                            + Shown.time(run.createdAt()) + "); going on with it");
            return Optional.of(backstitch.resume(run.id()));
        }
        long begun = System.nanoTime();
        Plan plan = backstitch.plan(chosen, waive.waivers(spec.commandLine()));
        followed.planned(Duration.ofNanos(System.nanoTime() - begun));
        if (!again) {
            Optional<RunRecord> published =
                    engine.latest(chosen.name()).filter(run -> publishedTheSame(backstitch, run, plan));
            if (published.isPresent()) {
                terminal.out().println(alreadyPublished(published.get(), plan));
                return Optional.empty();
            }
        }
        terminal.out().println(PlanText.summary(plan));
        return Optional.of(backstitch.start(plan));
    }

    private static boolean publishedTheSame(Backstitch backstitch, RunRecord run, Plan plan) {
        if (run.state() != RunState.PUBLISHED) {
            return false;
        }
        Plan before = backstitch.planOf(run.id());
        return PlanDifference.between(before.dag(), plan.dag()).isEmpty()
                && scopes(before).equals(scopes(plan))
                && logic(before).equals(logic(plan));
    }

    private static List<List<Partition>> scopes(Plan plan) {
        return plan.backfills().stream().map(PlannedBackfill::scope).toList();
    }

    private static List<String> logic(Plan plan) {
        return plan.backfills().stream().map(PlannedBackfill::logic).toList();
    }

    private String alreadyPublished(RunRecord run, Plan plan) {
        return "dag " + run.dag() + " is published already: run " + run.id() + " recomputed the same "
                + Shown.count(plan.partitions(), "partition") + " of " + Shown.targets(plan) + " with the same logic"
                + run.endedAt().map(ended -> ", until " + Shown.time(ended)).orElse("")
                + ". Nothing was changed."
                + System.lineSeparator() + "  once more:   " + setup.program() + " run " + run.dag() + " --again"
                + System.lineSeparator() + "  take it back: " + setup.program() + " rollback " + run.id();
    }
}
