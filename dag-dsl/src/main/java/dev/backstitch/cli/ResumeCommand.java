package dev.backstitch.cli;

import dev.backstitch.Backstitch;
import dev.backstitch.Run;
import picocli.CommandLine.Command;

/** Goes on with a run that was interrupted or failed. */
@Command(
        name = "resume",
        description = {
            "Go on with a run that was interrupted or failed.",
            "After a failed audit, the partitions that it objects to are merged again."
        })
final class ResumeCommand extends GoOnCommand {
    ResumeCommand(CliSetup setup, Terminal terminal) {
        super(setup, terminal);
    }

    @Override
    Run goOn(Backstitch backstitch, String id) {
        return backstitch.resume(id);
    }
}
