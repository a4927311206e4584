package dev.backstitch.cli;

import dev.backstitch.Backstitch;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Sandbox;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Drops archives whose retention is over. */
@Command(
        name = "purge",
        description = {
            "Drop the archives whose retention is over, and the sandboxes of rehearsals.",
            "Their publishes stay, and can't be taken back any more. Only a table that is an archive by its identity, its"
                    + " marker and the ledger is dropped."
        })
final class PurgeCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Option(names = "--dry-run", description = "Say what would be dropped, and drop nothing.")
    private boolean dryRun;

    PurgeCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            Backstitch backstitch = engine.backstitch();
            List<Archive> purged = dryRun
                    ? backstitch.archives().stream()
                            .filter(archive -> archive.state() == Archive.State.KEPT)
                            .filter(archive -> !archive.expiresAt()
                                    .isAfter(backstitch.config().clock().instant()))
                            .toList()
                    : backstitch.purgeArchives();
            if (purged.isEmpty()) {
                terminal.out().println("no archive whose retention is over");
            }
            (dryRun ? backstitch.sandboxes().stream().filter(Sandbox::isExpired).toList() : backstitch.purgeSandboxes())
                    .forEach(sandbox -> terminal.out()
                            .println((dryRun ? "would drop " : "dropped ") + sandbox.schema()
                                    + ", the sandbox of a rehearsal of dag " + Shown.safe(sandbox.dag()) + " by "
                                    + Shown.safe(sandbox.actor()) + ", kept until "
                                    + Shown.time(sandbox.expiresAt())));
            purged.forEach(archive -> terminal.out()
                    .println((dryRun ? "would drop " : "dropped ")
                            + Shown.safe(archive.table().toString()) + ", "
                            + Shown.count(archive.rows(), "row") + " from before run " + archive.run() + ", kept until "
                            + Shown.time(archive.expiresAt())));
        }
        return ExitCode.DONE.number();
    }
}
