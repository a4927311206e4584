package dev.backstitch.cli;

import dev.backstitch.Backstitch;
import dev.backstitch.event.RunEvent;
import dev.backstitch.event.RunListener;
import dev.backstitch.report.WatchText;
import dev.backstitch.state.WatchRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Goes on with the watches of published runs. */
@Command(
        name = "watch",
        description = {
            "Go on with what is watched after its publish, until none of it is any more.",
            "Any process that is open does so by itself. With --once it makes the looks that are due and ends, for a"
                    + " scheduler that starts it again and again."
        })
final class WatchCommand implements Callable<Integer>, RunListener {
    private static final Duration PAUSE = Duration.ofMillis(500);

    private final CliSetup setup;
    private final Terminal terminal;

    @Option(names = "--once", description = "Make the looks that are due now, and end.")
    private boolean once;

    WatchCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, this)) {
            engine.backstitch().releaseLeftHolds();
            Backstitch backstitch = engine.backstitch();
            backstitch.lookAtWatches();
            if (watched(backstitch).isEmpty()) {
                say("nothing is watched now");
            }
            while (!once && !watched(backstitch).isEmpty()) {
                LockSupport.parkNanos(PAUSE.toNanos());
                backstitch.lookAtWatches();
            }
            List<WatchRecord> breached = watched(backstitch).stream()
                    .filter(watch -> !watch.last().isEmpty())
                    .toList();
            watched(backstitch).forEach(watch -> say(line(watch)));
            return (breached.isEmpty() ? ExitCode.DONE : ExitCode.BREACHED).number();
        }
    }

    private static List<WatchRecord> watched(Backstitch backstitch) {
        return backstitch.watches().stream()
                .filter(watch -> watch.state() == WatchRecord.State.WATCHING)
                .toList();
    }

    /** One watch in words. */
    static String line(WatchRecord watch) {
        return "run " + watch.run() + " " + watch.backfill() + " " + WatchText.of(watch);
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.Watched watched) {
            say("run " + watched.run() + " " + watched.backfill()
                    + (watched.failed().isEmpty()
                            ? " is as it should be again"
                            : " BREACH: "
                                    + Shown.safe(watched.failed().stream()
                                            .map(Object::toString)
                                            .collect(Collectors.joining("; ")))));
            if (!watched.failed().isEmpty()) {
                say("  look:         " + setup.program() + " report " + watched.run());
                say("  take it back: " + setup.program() + " rollback " + watched.run());
            }
        } else if (event instanceof RunEvent.NotTakenBack left) {
            say("run " + left.run() + " " + left.backfill() + " is not taken back: " + Shown.safeLines(left.reason()));
        } else if (event instanceof RunEvent.WatchEnded ended) {
            say("run " + ended.run() + " " + ended.backfill() + " is not watched any more: " + Shown.safe(ended.why()));
        } else if (event instanceof RunEvent.RolledBack back) {
            say("run " + back.run() + " is taken back: "
                    + Shown.count(back.outcome().rowsRestored(), "row") + " restored");
        }
    }

    private synchronized void say(String line) {
        terminal.out().println(line);
        terminal.out().flush();
    }
}
