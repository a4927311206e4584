package dev.backstitch.cli;

import dev.backstitch.Backstitch;
import dev.backstitch.Run;
import picocli.CommandLine.Command;

/** Audits what a run has merged once more. */
@Command(
        name = "reaudit",
        description = {
            "Audit what a run has merged once more, and go on if it passes.",
            "For a failed audit whose cause lay outside the backfill; nothing is merged again."
        })
final class ReauditCommand extends GoOnCommand {
    ReauditCommand(CliSetup setup, Terminal terminal) {
        super(setup, terminal);
    }

    @Override
    Run goOn(Backstitch backstitch, String id) {
        return backstitch.reaudit(id);
    }
}
