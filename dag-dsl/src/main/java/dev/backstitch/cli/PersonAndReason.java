package dev.backstitch.cli;

import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Who answers for something, and why: a person and a reason, for the ledger and the report. */
final class PersonAndReason {
    @Option(names = "--who", required = true, paramLabel = "PERSON", description = "Who answers for it.")
    private String who = "";

    @Option(names = "--why", required = true, paramLabel = "REASON", description = "Why it is right.")
    private String why = "";

    /** @throws ParameterException when one of them says nothing */
    void require(CommandLine command) {
        if (who.isBlank() || why.isBlank()) {
            throw new ParameterException(command, "--who names a person and --why a reason: neither may be blank.");
        }
    }

    String who() {
        return who;
    }

    String why() {
        return why;
    }
}
