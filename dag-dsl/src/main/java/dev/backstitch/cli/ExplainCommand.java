package dev.backstitch.cli;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spi.AuditNote;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Says what the audits of a run found, and shows what made them fail. */
@Command(
        name = "explain",
        description = {
            "Show what the audits of a run found.",
            "Of one audit also the partitions and rows that it objects to, and the SQL that finds them."
        })
final class ExplainCommand implements Callable<Integer> {
    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "RUN", description = "Which run.")
    private String run = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "AUDIT",
            description = "Which audit, by its name; by default all of them.")
    private Optional<String> audit = Optional.empty();

    ExplainCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            Map<String, List<AuditNote>> notes = engine.backstitch().audits(run);
            refuseUnknown(notes);
            AuditText text = new AuditText(setup.program(), run);
            notes.forEach((backfill, own) -> {
                List<AuditNote> asked = own.stream()
                        .filter(note -> audit.map(note.name()::equals).orElse(true))
                        .toList();
                if (notes.size() > 1 && !asked.isEmpty()) {
                    terminal.out().println(backfill + ":");
                }
                asked.forEach(note -> text.of(note, audit.isPresent()).forEach(terminal.out()::println));
            });
        }
        return ExitCode.DONE.number();
    }

    private void refuseUnknown(Map<String, List<AuditNote>> notes) {
        List<String> names = notes.values().stream()
                .flatMap(List::stream)
                .map(AuditNote::name)
                .toList();
        if (names.isEmpty()) {
            terminal.out().println("run " + run + " was not audited yet");
        } else if (audit.filter(name -> !names.contains(name)).isPresent()) {
            throw new BackstitchException(
                    ErrorCode.UNKNOWN_AUDIT,
                    "run " + run + " has no audit \"" + audit.get() + "\"; it has " + names + ". Nothing was changed.");
        }
    }
}
