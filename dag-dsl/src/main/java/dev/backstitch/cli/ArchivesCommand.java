package dev.backstitch.cli;

import dev.backstitch.spi.Archive;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists what publishes have kept of before. */
@Command(
        name = "archives",
        description = {
            "Show what publishes have kept of the tables that they changed.",
            "A kept archive is what a rollback brings back; it takes as much room as its rows did."
        })
final class ArchivesCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Mixin
    private JsonOption json = new JsonOption();

    ArchivesCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            List<Archive> archives = engine.backstitch().archives();
            if (json.isAsked()) {
                terminal.out().println(Json.archives(archives));
                return ExitCode.DONE.number();
            }
            if (archives.isEmpty()) {
                terminal.out().println("no archives of the targets that the runs of this state store have");
            }
            archives.forEach(archive -> terminal.out()
                    .println(String.format(
                                    Locale.ROOT, "%-9s", archive.state().name().toLowerCase(Locale.ROOT))
                            + " " + Shown.safe(archive.table().toString()) + ", "
                            + Shown.count(archive.rows(), "row") + " from before run " + archive.run()
                            + (archive.state() == Archive.State.KEPT
                                    ? ", until " + Shown.time(archive.expiresAt())
                                    : "")));
        }
        return ExitCode.DONE.number();
    }
}
