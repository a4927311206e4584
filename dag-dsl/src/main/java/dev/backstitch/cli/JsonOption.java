package dev.backstitch.cli;

import picocli.CommandLine.Option;

/** The option of commands whose answer a program may want to read. */
final class JsonOption {
    static final String NAME = "--json";

    @Option(
            names = NAME,
            description = "Print one JSON document and nothing else; times in UTC, durations as ISO 8601.")
    private boolean asked;

    boolean isAsked() {
        return asked;
    }
}
