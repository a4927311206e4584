package dev.backstitch.examples;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code java -jar backstitch-examples.jar NAME --dir DIR [COMMAND..]} runs any of the examples. */
@Command(
        name = "backstitch-examples",
        synopsisSubcommandLabel = "NAME",
        description = "Backfills to look at, each in a directory of its own.")
public final class Examples {
    private static final List<Example> ALL = List.of(
            new Quickstart(),
            new SessionLength(),
            new GrossMargin(),
            new MetricFix(),
            new OrdersPlan(),
            new IdempotentMerge(),
            new DoubledQuantities(),
            new RevenueOf90Days(),
            new OutageFill(),
            new NewDimension(),
            new MonthOrchestrator(),
            new WriteAuditPublish(),
            new QualitySuite(),
            new Benchmarks());

    private Examples() {}

    /** Runs the example that the arguments name. */
    public static void main(String[] arguments) {
        System.exit(run(Terminal.system(), arguments).number());
    }

    /** Runs an example from a {@code main} of its own, whose arguments are those behind its name. */
    static void alone(Example example, String... arguments) {
        main(Stream.concat(Stream.of(example.name()), Stream.of(arguments)).toArray(String[]::new));
    }

    static ExitCode run(Terminal terminal, String... arguments) {
        List<ExitCode> outcome = new ArrayList<>();
        String program = program();
        CommandSpec top = CommandSpec.forAnnotatedObject(new Examples()).addOption(help());
        CommandLine command = new CommandLine(top).addSubcommand("list", new ListOfThem(terminal));
        for (Example example : ALL) {
            CommandSpec chosen = CommandSpec.forAnnotatedObject(new Chosen(example, program, terminal, outcome::add))
                    .addOption(help());
            chosen.usageMessage().description(example.shows());
            command.addSubcommand(example.name(), chosen);
        }
        command.setCommandName(program)
                .setStopAtPositional(true)
                .setColorScheme(CommandLine.Help.defaultColorScheme(
                        terminal.kind() == Terminal.Kind.INTERACTIVE ? Ansi.AUTO : Ansi.OFF))
                .setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        int number = command.execute(arguments);
        if (!outcome.isEmpty()) {
            return outcome.get(0);
        }
        return number == 0 ? ExitCode.DONE : number == ExitCode.USAGE.number() ? ExitCode.USAGE : ExitCode.DEFECT;
    }

    private static OptionSpec help() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this help.")
                .build();
    }

    /** How the jar was called, relative to the working directory, so that what is printed can be pasted. */
    private static String program() {
        CodeSource source = Examples.class.getProtectionDomain().getCodeSource();
        try {
            Path here = Path.of("").toAbsolutePath();
            Path jar = Path.of(source.getLocation().toURI());
            Path shown = jar.startsWith(here) ? here.relativize(jar) : jar;
            return "java -jar " + Shell.quoted(shown.toString());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the jar has no readable address: " + source.getLocation(), e);
        }
    }

    /** {@code list}. */
    @Command(description = "List the examples.")
    private static final class ListOfThem implements Callable<Integer> {
        private final Terminal terminal;

        private ListOfThem(Terminal terminal) {
            this.terminal = terminal;
        }

        @Override
        public Integer call() {
            ALL.forEach(example -> terminal.out().println(example.name() + "  " + example.shows()));
            return ExitCode.DONE.number();
        }
    }

    /** {@code NAME --dir DIR [COMMAND..]}. */
    @Command
    private static final class Chosen implements Callable<Integer> {
        private final Example example;
        private final String program;
        private final Terminal terminal;
        private final Consumer<ExitCode> outcome;

        @Option(names = "--dir", required = true, paramLabel = "DIR", description = "Where everything of it is kept.")
        private Path directory = Path.of("");

        @Parameters(
                arity = "0..*",
                paramLabel = "COMMAND",
                description =
                        "plan, run, status, resume, rollback, cancel, explain, accept, approve, archives or report, with their arguments; by default run.")
        private List<String> command = List.of();

        private Chosen(Example example, String program, Terminal terminal, Consumer<ExitCode> outcome) {
            this.example = example;
            this.program = program;
            this.terminal = terminal;
            this.outcome = outcome;
        }

        @Override
        public Integer call() {
            String called = program + " " + example.name() + " --dir " + Shell.quoted(directory.toString());
            ExitCode code = example.run(called, directory, terminal, command);
            outcome.accept(code);
            return code.number();
        }
    }
}
