package dev.backstitch.cli;

import dev.backstitch.report.HtmlReport;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a run as a page of HTML. */
@Command(
        name = "report",
        description = {
            "Write a run as one HTML file that stands alone: outcome, partitions, times, audits with evidence,",
            "what the merges changed, the archive, and the commands that follow."
        })
final class ReportCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "RUN", description = "Which run.")
    private String run = "";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where to write it; by default backstitch-RUN.html in the working directory.")
    private Optional<Path> out = Optional.empty();

    ReportCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            String page = HtmlReport.of(engine.backstitch().report(run), setup.program());
            Path file = out.orElse(Path.of("backstitch-" + run + ".html"));
            WrittenFile.write("the report", file, page);
            terminal.out().println("report of run " + run + ": " + file.toAbsolutePath());
        }
        return ExitCode.DONE.number();
    }
}
