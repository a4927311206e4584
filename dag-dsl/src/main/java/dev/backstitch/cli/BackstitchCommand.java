package dev.backstitch.cli;

import static java.util.Objects.requireNonNull;

import dev.backstitch.error.BackstitchException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * The command line over the dags of an application, whose {@code main} is one line:
 *
 * <pre>{@code
 * System.exit(BackstitchCommand.run(setup, Terminal.system(), args).number());
 * }</pre>
 *
 * <p>Subcommands: {@code plan}, {@code runbook}, {@code graph}, {@code rehearse}, {@code run}, {@code status}, {@code pause}, {@code resume}, {@code reaudit},
 * {@code rollback}, {@code restore}, {@code unpin}, {@code cancel}, {@code explain}, {@code accept}, {@code approve}, {@code watch}, {@code archives}, {@code report},
 * {@code completion}. With {@code --json}, where a command has it, the answer is one JSON document on {@code out}, a failure
 * as well. What is wrong is said on {@code err} in one message, without a stack trace unless {@code --stacktrace} is given.
 */
@Command(
        name = "backstitch",
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false,
        description = "Safe backfills: plan them, run them, take them back.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done, or done before",
            "1:a run failed before its publish; correct the cause and give the same command again",
            "2:the arguments were not understood",
            "3:refused before anything was written",
            "4:somebody else holds the run, the file or the lock; the same command works later",
            "5:audited, and waits for a person to approve it",
            "6:published, but what the run had made for itself is still there; the same command removes it",
            "7:paused by a person; it goes on by resume",
            "8:what is watched after its publish is not as it should be",
            "70:a defect; --stacktrace shows where"
        })
public final class BackstitchCommand {
    @Option(
            names = "--stacktrace",
            scope = ScopeType.INHERIT,
            description = "Show where an error comes from, for a report of a defect.")
    private boolean stacktrace;

    private BackstitchCommand() {}

    /**
     * Runs one command. What it opens it closes, whatever happens.
     *
     * @param setup what it works on
     * @param terminal where it writes to
     * @param arguments the subcommand and its arguments
     */
    public static ExitCode run(CliSetup setup, Terminal terminal, String... arguments) {
        requireNonNull(setup, "setup");
        requireNonNull(terminal, "terminal");
        BackstitchCommand top = new BackstitchCommand();
        CommandSpec spec = CommandSpec.forAnnotatedObject(top)
                .addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .scopeType(ScopeType.INHERIT)
                        .description("Show this help.")
                        .build());
        CommandLine command = new CommandLine(spec)
                .addSubcommand(new PlanCommand(setup, terminal))
                .addSubcommand(new RunbookCommand(setup, terminal))
                .addSubcommand(new GraphCommand(setup, terminal))
                .addSubcommand(new RehearseCommand(setup, terminal))
                .addSubcommand(new RunCommand(setup, terminal))
                .addSubcommand(new StatusCommand(setup, terminal))
                .addSubcommand(new ResumeCommand(setup, terminal))
                .addSubcommand(new ReauditCommand(setup, terminal))
                .addSubcommand(new RollbackCommand(setup, terminal))
                .addSubcommand(new RestoreCommand(setup, terminal))
                .addSubcommand(new UnpinCommand(setup, terminal))
                .addSubcommand(new PauseCommand(setup, terminal))
                .addSubcommand(new CancelCommand(setup, terminal))
                .addSubcommand(new ExplainCommand(setup, terminal))
                .addSubcommand(new AcceptCommand(setup, terminal))
                .addSubcommand(new ApproveCommand(setup, terminal))
                .addSubcommand(new WatermarkCommand(setup, terminal))
                .addSubcommand(new WatchCommand(setup, terminal))
                .addSubcommand(new CommandLine(new ArchivesCommand(setup, terminal))
                        .addSubcommand(new PurgeCommand(setup, terminal)))
                .addSubcommand(new ReportCommand(setup, terminal))
                .addSubcommand(new WorkCommand(setup, terminal))
                .addSubcommand(new RecoverCommand(setup, terminal))
                .addSubcommand(new CompletionCommand(terminal));
        command.setCommandName(setup.program());
        command.setColorScheme(
                Help.defaultColorScheme(terminal.kind() == Terminal.Kind.INTERACTIVE ? Help.Ansi.AUTO : Help.Ansi.OFF));
        command.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        command.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        command.setExecutionExceptionHandler((failure, failed, parsed) -> top.explain(failure, parsed, terminal));
        command.setParameterExceptionHandler((failure, given) -> misunderstood(failure, terminal));
        int number = command.execute(arguments);
        terminal.out().flush();
        terminal.err().flush();
        return ExitCode.numbered(number);
    }

    private static int misunderstood(ParameterException failure, Terminal terminal) {
        terminal.err().println(Shown.safeLines(String.valueOf(failure.getMessage())));
        failure.getCommandLine().usage(failure.getCommandLine().getErr());
        return ExitCode.USAGE.number();
    }

    private static String stackTrace(Exception failure) {
        StringWriter lines = new StringWriter();
        failure.printStackTrace(new PrintWriter(lines));
        return lines.toString();
    }

    private int explain(Exception failure, ParseResult parsed, Terminal terminal) {
        if (failure instanceof ParameterException misunderstood) {
            return misunderstood(misunderstood, terminal);
        }
        boolean json = parsed.hasSubcommand() && parsed.subcommand().hasMatchedOption(JsonOption.NAME);
        if (json) {
            terminal.out().println(Json.error(failure));
        }
        if (stacktrace) {
            terminal.err().println(Shown.safeLines(stackTrace(failure)));
        } else if (!json) {
            terminal.err().println(words(failure));
        }
        return failure instanceof BackstitchException ours
                ? ExitCode.of(ours.code()).number()
                : ExitCode.DEFECT.number();
    }

    private static String words(Exception failure) {
        return failure instanceof BackstitchException
                ? Shown.safeLines(String.valueOf(failure.getMessage()))
                : "unexpected: " + Shown.safeLines(failure.toString())
                        + ". Give the command again with --stacktrace to see where.";
    }
}
