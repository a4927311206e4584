package dev.backstitch.cli;

import dev.backstitch.error.Problem;
import dev.backstitch.error.RefusedException;
import dev.backstitch.plan.BuildGate;
import dev.backstitch.plan.Task;
import dev.backstitch.plan.Tasks;
import dev.backstitch.report.Mermaid;
import dev.backstitch.report.Svg;
import dev.backstitch.spec.Dag;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Draws a dag. */
@Command(
        name = "graph",
        description = {
            "Draw the tasks of a dag and their order, with every partition of its scopes.",
            "It is drawn as it is described: nothing is opened, neither the target's database nor the state store."
        })
final class GraphCommand implements Callable<Integer> {
    /** In which language. */
    private enum Format {
        MERMAID {
            @Override
            String draw(Dag dag, List<Task> tasks) {
                return Mermaid.of(tasks);
            }
        },
        SVG {
            @Override
            String draw(Dag dag, List<Task> tasks) {
                return Svg.of(dag.name(), tasks);
            }
        };

        abstract String draw(Dag dag, List<Task> tasks);

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
            description = "One of ${COMPLETION-CANDIDATES}; by default svg if FILE ends so, else mermaid.")
    private Optional<Format> format = Optional.empty();

    @Option(names = "--out", paramLabel = "FILE", description = "Where to write it; by default it is shown.")
    private Optional<Path> out = Optional.empty();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    GraphCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Dag chosen = DagChoice.of(setup.dags(), dag, spec.commandLine());
        List<Problem> problems = BuildGate.check(chosen);
        if (!problems.isEmpty()) {
            throw new RefusedException("dag " + chosen.name(), problems);
        }
        String picture = format.orElseGet(this::byName).draw(chosen, Tasks.of(chosen, Clock.systemUTC()));
        WrittenFile.orShown(terminal, "picture", chosen.name(), out, picture);
        return ExitCode.DONE.number();
    }

    private Format byName() {
        return WrittenFile.endsIn(out, ".svg") ? Format.SVG : Format.MERMAID;
    }
}
