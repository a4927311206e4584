package dev.backstitch.examples;

import dev.backstitch.cli.BackstitchCommand;
import dev.backstitch.cli.CliSetup;
import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** What one call of a command line said, and how it ended. */
record Called(ExitCode code, String out, String err) {
    static Called quickstart(Path directory, String... command) {
        List<String> arguments = new ArrayList<>(List.of("quickstart", "--dir", directory.toString()));
        arguments.addAll(List.of(command));
        return examples(arguments.toArray(String[]::new));
    }

    static Called examples(String... arguments) {
        return captured(Terminal.Kind.PLAIN, terminal -> Examples.run(terminal, arguments));
    }

    static Called with(CliSetup setup, String... arguments) {
        return captured(Terminal.Kind.PLAIN, terminal -> BackstitchCommand.run(setup, terminal, arguments));
    }

    static Called onTerminal(CliSetup setup, String... arguments) {
        return captured(Terminal.Kind.INTERACTIVE, terminal -> BackstitchCommand.run(setup, terminal, arguments));
    }

    private static Called captured(Terminal.Kind kind, Function<Terminal, ExitCode> call) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        ExitCode code = call.apply(new Terminal(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                kind));
        return new Called(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The run that is named by "run ID of dag .." or "run ID ended ..". */
    String run() {
        var found = java.util.regex.Pattern.compile("run (\\d{8}-\\d{6}-[0-9a-f]+) (?:of dag|ended|is) ")
                .matcher(out + err);
        if (!found.find()) {
            throw new AssertionError("no run is named in: " + out + err);
        }
        return found.group(1);
    }
}
