package dev.backstitch.cli;

import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.Plan;
import dev.backstitch.report.Runbook;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the runbook of a dag. */
@Command(
        name = "runbook",
        description = {
            "Plan a dag and write what somebody needs who carries it out.",
            "What and why, the checklist, whom to tell, and the commands for every turn that it may take. Nothing else is"
                    + " written."
        })
final class RunbookCommand implements Callable<Integer> {
    /** In which language. */
    private enum Format {
        MARKDOWN,
        HTML;

        /** As it is written on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "DAG", description = "Which dag, if there is more than one.")
    private Optional<String> dag = Optional.empty();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "One of ${COMPLETION-CANDIDATES}; by default html if FILE ends so, else markdown.")
    private Optional<Format> format = Optional.empty();

    @Option(names = "--out", paramLabel = "FILE", description = "Where to write it; by default it is shown.")
    private Optional<Path> out = Optional.empty();

    @Mixin
    private WaiveOptions waive = new WaiveOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    RunbookCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Dag chosen = DagChoice.of(setup.dags(), dag, spec.commandLine());
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            Plan plan = engine.backstitch().plan(chosen, waive.waivers(spec.commandLine()));
            Runbook runbook = Runbook.of(plan, setup.program());
            boolean page = format.orElseGet(this::byName) == Format.HTML;
            WrittenFile.orShown(terminal, "runbook", chosen.name(), out, page ? runbook.html() : runbook.markdown());
        } catch (RefusedException e) {
            if (!NothingLeft.is(e, chosen)) {
                throw e;
            }
            terminal.out().println(NothingLeft.text(e, chosen));
        }
        return ExitCode.DONE.number();
    }

    private Format byName() {
        return WrittenFile.endsIn(out, ".html") ? Format.HTML : Format.MARKDOWN;
    }
}
