package dev.backstitch.cli;

import dev.backstitch.Rehearsal;
import dev.backstitch.Rehearse;
import dev.backstitch.error.RefusedException;
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.Rehearsed;
import dev.backstitch.report.EstimateText;
import dev.backstitch.run.RunResult;
import dev.backstitch.spec.Dag;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tries a dag out over copies of its targets. */
@Command(
        name = "rehearse",
        description = {
            "Run a dag over copies of a few partitions, in a sandbox.",
            "The same merges and audits, and the publish; no target is written, nobody is held or told, and single tasks are"
                    + " not run. What it measures, plan estimates by. The sandbox is a schema of its own, which is dropped at"
                    + " the end; after a failure it stays for a day."
        })
final class RehearseCommand implements Callable<Integer> {
    private static final int PARTITIONS = 3;
    private static final int MOST_SHOWN = 5;

    private final CliSetup setup;
    private final Terminal terminal;

    @Parameters(arity = "0..1", paramLabel = "DAG", description = "Which dag, if there is more than one.")
    private Optional<String> dag = Optional.empty();

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description =
                    "How many of each backfill: the first, the last, then those with the most rows; 3 by default.")
    private Optional<Integer> partitions = Optional.empty();

    @Option(names = "--full", description = "All partitions, over copies of whole targets.")
    private boolean full;

    @Option(names = "--keep", description = "Leave the sandbox for a day, for a look at it.")
    private boolean keep;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    RehearseCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Dag chosen = DagChoice.of(setup.dags(), dag, spec.commandLine());
        Rehearse how = how();
        FollowedRun followed = new FollowedRun(setup, terminal);
        Rehearsal rehearsal;
        try (OpenEngine engine = OpenEngine.open(setup, event -> {})) {
            rehearsal = engine.backstitch().rehearse(chosen, how, event -> {
                // Where a copy's archive is kept is nobody's concern.
                if (!(event instanceof RunEvent.Published)) {
                    followed.on(event);
                }
            });
        } catch (RefusedException e) {
            if (!NothingLeft.is(e, chosen)) {
                throw e;
            }
            terminal.out().println(NothingLeft.text(e, chosen));
            return ExitCode.DONE.number();
        }
        followed.end();
        return (rehearsal.measured().isPresent() ? done(rehearsal) : failed(rehearsal)).number();
    }

    private Rehearse how() {
        if (full && partitions.isPresent()) {
            throw new ParameterException(
                    spec.commandLine(), "--full and --partitions exclude each other: all of them, or so many");
        }
        if (partitions.orElse(1) < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--partitions is at least 1, found " + partitions.orElseThrow());
        }
        Rehearse how = full ? Rehearse.full() : Rehearse.partitions(partitions.orElse(PARTITIONS));
        return keep ? how.keeping(Duration.ofDays(1)) : how;
    }

    private ExitCode done(Rehearsal rehearsal) {
        Rehearsed measured = rehearsal.measured().orElseThrow();
        for (Rehearsed.OfBackfill backfill : measured.backfills()) {
            terminal.out()
                    .println("rehearsed " + Shown.safe(backfill.name()) + ": "
                            + Shown.count(backfill.merges().size(), "partition") + ", a copy of "
                            + Shown.count(backfill.copied(), "row") + "; shadow " + Shown.seconds(backfill.shadow())
                            + ", audit " + Shown.seconds(backfill.audit()) + ", publish "
                            + Shown.seconds(backfill.publish()));
            if (backfill.merges().size() <= MOST_SHOWN) {
                backfill.merges().forEach(merged -> terminal.out().println("  " + shown(merged)));
            } else {
                List<Rehearsed.Merged> byTime = backfill.merges().stream()
                        .sorted(Comparator.comparing(Rehearsed.Merged::took))
                        .toList();
                terminal.out().println("  fastest  " + shown(byTime.get(0)));
                terminal.out().println("  slowest  " + shown(byTime.get(byTime.size() - 1)));
            }
        }
        sayWhatElse(rehearsal);
        rehearsal.estimate().ifPresent(estimate -> {
            terminal.out().println("a run of it takes");
            EstimateText.lines(estimate).forEach(line -> terminal.out().println("  " + line));
        });
        return ExitCode.DONE;
    }

    private static String shown(Rehearsed.Merged merged) {
        return Shown.safe(merged.partition()) + "  " + Shown.count(merged.staged(), "row") + " from the source, "
                + Shown.number(merged.rows()) + " after the merge, in " + Shown.seconds(merged.took());
    }

    private ExitCode failed(Rehearsal rehearsal) {
        RunResult result = rehearsal.result();
        sayWhatElse(rehearsal);
        terminal.err().println("the rehearsal ended " + result.state() + ": " + Shown.safeLines(result.failure()));
        terminal.err().println("  correct the cause, and rehearse again: " + setup.program() + " rehearse");
        return ExitCode.FAILED;
    }

    private void sayWhatElse(Rehearsal rehearsal) {
        terminal.out()
                .println(
                        rehearsal.changed().isEmpty()
                                ? "  no target was written: structure, comment and rehearsed rows are what they were before"
                                : "  NOTE     somebody has written meanwhile to "
                                        + Shown.safe(String.join(", ", rehearsal.changed()))
                                        + "; the rehearsal writes to its sandbox alone");
        if (!rehearsal.leftOut().isEmpty()) {
            terminal.out()
                    .println("  not rehearsed: " + Shown.safe(String.join(", ", rehearsal.leftOut()))
                            + ", since a single task works on production");
        }
        terminal.out()
                .println("  sandbox " + rehearsal.sandbox().schema()
                        + (rehearsal.isKept()
                                ? " stays until "
                                        + Shown.time(rehearsal.sandbox().expiresAt())
                                : " is dropped"));
    }
}
