package dev.backstitch.cli;

import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.report.PlanText;
import dev.backstitch.spec.Dag;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what a run would do, and writes nothing. */
@Command(name = "plan", description = "Show what a run would do, and write nothing.")
final class PlanCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "DAG", description = "Which dag, if there is more than one.")
    private Optional<String> dag = Optional.empty();

    @Mixin
    private WaiveOptions waive = new WaiveOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    PlanCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Dag chosen = DagChoice.of(setup.dags(), dag, spec.commandLine());
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            Plan plan = engine.backstitch().plan(chosen, waive.waivers(spec.commandLine()));
            terminal.out().println(json.isAsked() ? PlanFormat.write(plan) : PlanText.of(plan));
        } catch (RefusedException e) {
            if (!NothingLeft.is(e, chosen)) {
                throw e;
            }
            String text = NothingLeft.text(e, chosen);
            terminal.out().println(json.isAsked() ? Json.nothingToRun(text) : text);
        }
        return ExitCode.DONE.number();
    }
}
