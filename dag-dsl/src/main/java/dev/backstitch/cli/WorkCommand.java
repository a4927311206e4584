package dev.backstitch.cli;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.event.RunListener;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Works for the runs of other processes until it is ended. */
@Command(
        name = "work",
        description = {
            "Help with the merges of runs that other processes act for, and go on with those whose process has died.",
            "For a state store and a database that several processes can open. It works until it is interrupted; what it is"
                    + " at then is given back."
        })
final class WorkCommand implements Callable<Integer>, RunListener {
    private static final Duration LOOK = Duration.ofMillis(500);

    private final CliSetup setup;
    private final Terminal terminal;

    @Option(
            names = "--until-idle",
            paramLabel = "SECONDS",
            description = "End when there has been no run to work for, for so long.")
    private long idle = Long.MAX_VALUE;

    WorkCommand(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (OpenEngine engine = OpenEngine.open(setup, this)) {
            say("working for every run of "
                    + engine.backstitch().config().state().location());
            engine.backstitch().work();
            Thread closing = new Thread(engine::close, "backstitch-close");
            Runtime.getRuntime().addShutdownHook(closing);
            long busy = System.nanoTime();
            while (System.nanoTime() - busy
                    < Duration.ofSeconds(Math.min(idle, Integer.MAX_VALUE)).toNanos()) {
                LockSupport.parkNanos(LOOK.toNanos());
                if (isBusy(engine)) {
                    busy = System.nanoTime();
                }
            }
            Runtime.getRuntime().removeShutdownHook(closing);
        }
        return ExitCode.DONE.number();
    }

    /** Also when the state store is gone for a moment: nothing can be said then. */
    private static boolean isBusy(OpenEngine engine) {
        try {
            return !engine.backstitch().config().state().actedFor().isEmpty();
        } catch (BackstitchException e) {
            if (e.code().remedy() != ErrorCode.Remedy.RETRY) {
                throw e;
            }
            return true;
        }
    }

    @Override
    public void on(RunEvent event) {
        if (event instanceof RunEvent.RunStarted started) {
            say("run " + started.run() + " of dag " + Shown.safe(started.dag()) + " is gone on with here (epoch "
                    + started.epoch() + ")");
        } else if (event instanceof RunEvent.PartitionMerged merged) {
            say("run " + merged.run() + " merged " + merged.backfill() + " " + Shown.safe(merged.partition()));
        } else if (event instanceof RunEvent.TaskFailed failed) {
            say("run " + failed.run() + " " + failed.task() + " " + Shown.safe(failed.partition()) + " FAILED: "
                    + Shown.safeLines(failed.error()));
        } else if (event instanceof RunEvent.Published published) {
            say("run " + published.run() + " published " + published.backfill());
        }
    }

    private synchronized void say(String line) {
        terminal.out().println(line);
        terminal.out().flush();
    }
}
