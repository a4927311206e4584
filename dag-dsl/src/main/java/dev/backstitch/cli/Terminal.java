package dev.backstitch.cli;

import static java.util.Objects.requireNonNull;

import java.io.Console;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;

/**
 * Where a command writes to.
 *
 * @param out what was asked for
 * @param err what went wrong
 * @param kind whether a person looks at {@code out} as it grows
 */
public record Terminal(PrintStream out, PrintStream err, Kind kind) {
    public Terminal {
        requireNonNull(out, "out");
        requireNonNull(err, "err");
        requireNonNull(kind, "kind");
    }

    /** Whether a person looks at the output as it grows. */
    public enum Kind {
        /** A terminal: one line may be written again and again. */
        INTERACTIVE,
        /** A file, a pipe or a dumb terminal: lines only, and never an escape sequence. */
        PLAIN
    }

    /** This process's own streams. */
    public static Terminal system() {
        return new Terminal(System.out, System.err, isInteractive() ? Kind.INTERACTIVE : Kind.PLAIN);
    }

    /** Lines only, to these streams. */
    public static Terminal plain(PrintStream out, PrintStream err) {
        return new Terminal(out, err, Kind.PLAIN);
    }

    // Where a console says nothing about a terminal any more, isTerminal asks it.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isInteractive() {
        Console console = System.console();
        return console != null && isTerminal(console) && !"dumb".equals(System.getenv("TERM"));
    }

    /** From Java 22 on there is a console without a terminal, and a method that tells; before, there is none. */
    private static boolean isTerminal(Console console) {
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }
}
