package dev.backstitch.examples;

import dev.backstitch.cli.ExitCode;
import dev.backstitch.cli.Terminal;
import java.nio.file.Path;
import java.util.List;

/** A scenario that anybody can run. */
interface Example {
    /** What it is called on the command line. */
    String name();

    /** What it shows, in one sentence. */
    String shows();

    /**
     * Runs it, any number of times with the same directory.
     *
     * @param program how this example was called, for the commands that it prints
     * @param directory where everything of it is kept; made when it is missing
     * @param command what to do there; the whole scenario if empty
     */
    ExitCode run(String program, Path directory, Terminal terminal, List<String> command);
}
