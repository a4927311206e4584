package dev.backstitch.cli;

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
            String text = format.orElseGet(this::byName) == Format.HTML ? runbook.html() : runbook.markdown();
            if (out.isPresent()) {
                WrittenFile.write("the runbook", out.get(), text);
                terminal.out()
                        .println("runbook of dag " + chosen.name() + ": "
                                + out.get().toAbsolutePath());
            } else {
                terminal.out().print(text);
            }
        }
        return ExitCode.DONE.number();
    }

    private Format byName() {
        boolean isPage = out.map(
                        file -> file.toString().toLowerCase(Locale.ROOT).endsWith(".html"))
                .orElse(false);
        return isPage ? Format.HTML : Format.MARKDOWN;
    }
}
