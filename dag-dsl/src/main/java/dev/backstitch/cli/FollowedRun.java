package dev.backstitch.cli;

import dev.backstitch.Backstitch;
import dev.backstitch.Run;
import dev.backstitch.audit.Verdict;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.event.RunListener;
import dev.backstitch.run.RunRequests;
import dev.backstitch.run.RunResult;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.WatchRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * Shows one run from its begin to its end: what the engine tells, then what a person does next. Told from several lanes at
 * once; it shows one thing at a time.
 */
final class FollowedRun implements RunListener {
    /** How the names of the tasks end after which merges begin. */
    private static final String SHADOW = "shadow";

    private static final int LOOKS_AT_WHAT_IS_LEFT = 20;

    private static final Duration LOOK = Duration.ofMillis(300);

    private final CliSetup setup;
    private final Terminal terminal;
    private final MergeProgress progress;
    private Duration planning = Duration.ZERO;
    private long begun = System.nanoTime();
    private Optional<Duration> running = Optional.empty();
    private Optional<RunResult> result = Optional.empty();
    private List<WorkOrder> published = List.of();
    private List<WatchRecord> watched = List.of();
    private boolean several;
    private String dag = "";
    private final List<String> withoutSource = new ArrayList<>();
    private boolean mergesBegun;

    FollowedRun(CliSetup setup, Terminal terminal) {
        this.setup = setup;
        this.terminal = terminal;
        this.progress = terminal.kind() == Terminal.Kind.INTERACTIVE
                ? new ProgressInPlace(terminal.out())
                : new ProgressLines(terminal.out());
    }

    /** How long the plan of this run took, if it wasn't planned before. */
    void planned(Duration took) {
        planning = took;
    }

    @Override
    public synchronized void on(RunEvent event) {
        if (event instanceof RunEvent.RunStarted started) {
            begun = System.nanoTime();
            several = started.backfills().size() > 1;
            dag = started.dag();
            progress.say("run " + started.run() + " of dag " + started.dag() + ": "
                    + Shown.count(started.partitions(), "partition")
                    + (started.merged() == 0 ? "" : ", " + started.merged() + " of them merged already")
                    + (started.epoch() == 1 ? "" : " (epoch " + started.epoch() + ")"));
            progress.expect(started.partitions(), started.merged());
            if (started.merged() > 0 && started.merged() < started.partitions()) {
                beginMerges();
            }
        } else if (event instanceof RunEvent.PartitionMerged merged) {
            progress.merged(merged.partition(), merged.rows());
            if (merged.rows().staged() == 0 && merged.rows().rowsAfter() > 0) {
                withoutSource.add(merged.partition());
            }
        } else if (event instanceof RunEvent.TaskSucceeded succeeded) {
            if (succeeded.partition().isEmpty()) {
                progress.say("  " + succeeded.task() + " done in " + Shown.seconds(succeeded.took()));
                if (succeeded.task().endsWith(SHADOW)) {
                    beginMerges();
                }
            }
        } else if (event instanceof RunEvent.TaskRetried retried) {
            progress.say(
                    "  " + instance(retried.task(), retried.partition()) + " failed at attempt " + retried.attempt()
                            + ", again in " + Shown.seconds(retried.pause()) + ": " + Shown.safeLines(retried.error()));
        } else if (event instanceof RunEvent.TaskWaits waits) {
            progress.say("  " + waits.task() + " waits"
                    + waits.until().map(time -> " until " + Shown.time(time)).orElse("") + ": "
                    + Shown.safeLines(waits.reason()));
        } else if (event instanceof RunEvent.TaskFailed failed) {
            String how = NextSteps.waitsForApproval(failed.error()) ? " waits: " : " FAILED: ";
            progress.say("  " + instance(failed.task(), failed.partition()) + how + Shown.safeLines(failed.error()));
        } else if (event instanceof RunEvent.Audited audited) {
            if (!several) {
                progress.end();
            }
            sayWhatHadNoSource();
            audited.verdicts().forEach(verdict -> progress.say("  " + of(audited.backfill()) + shown(verdict)));
        } else if (event instanceof RunEvent.Published done) {
            progress.say("  " + of(done.backfill()) + shown(done.archive()));
        } else {
            onHold(event);
        }
    }

    private void onHold(RunEvent event) {
        if (event instanceof RunEvent.Held held) {
            progress.say("  holds " + Shown.safe(held.hold()));
        } else if (event instanceof RunEvent.Released released) {
            progress.say("  lets go " + Shown.safe(released.hold()));
        } else if (event instanceof RunEvent.NotReleased left) {
            progress.say("  NOTE     " + Shown.safe(left.hold()) + " is still held, and released by the next command: "
                    + Shown.safe(left.error()));
        }
    }

    /** What came before is no merge, and doesn't count in their pace. */
    private void beginMerges() {
        if (!mergesBegun) {
            mergesBegun = true;
            progress.begin();
        }
    }

    /** Nothing is wrong with it, where corrections alone are merged; where it is, nobody would see it otherwise. */
    private void sayWhatHadNoSource() {
        if (!withoutSource.isEmpty()) {
            progress.say("  NOTE     the source brought no row for "
                    + Shown.count(withoutSource.size(), "partition") + " with live rows, which stay as they are: "
                    + withoutSource.stream().limit(3).map(Shown::safe).collect(Collectors.joining(", "))
                    + (withoutSource.size() > 3 ? ", .." : ""));
            withoutSource.clear();
        }
    }

    /** Whose it is, where there are several. */
    private String of(String backfill) {
        return several ? backfill + ": " : "";
    }

    private static String instance(String task, String partition) {
        return partition.isEmpty() ? task : task + " " + partition;
    }

    private static String shown(Verdict verdict) {
        String outcome = switch (verdict.outcome()) {
            case PASSED -> "passed ";
            case ACCEPTED -> "accepted";
            case FAILED -> verdict.kind() == Verdict.Kind.WARNING ? "WARNING" : "FAILED ";
        };
        return outcome + "  " + Shown.safe(verdict.toString());
    }

    private static String shown(Archive archive) {
        return "published: " + Shown.count(archive.rows(), "row") + " before, "
                + Shown.number(archive.rowsPublished()) + " now; what was there is kept in "
                + archive.table() + " until "
                + Shown.time(archive.expiresAt());
    }

    /** Waits for the end; what can only be asked of an open engine is asked here. */
    void await(OpenEngine engine, Run run) {
        await(engine.backstitch(), run);
    }

    private void await(Backstitch backstitch, Run run) {
        try {
            RunResult ended = run.await();
            running = Optional.of(Duration.ofNanos(System.nanoTime() - begun));
            result = Optional.of(ended);
            if (ended.state() == RunState.PUBLISHED) {
                published = backstitch.ordersOf(run.id());
                watched = watchesOf(backstitch, run.id());
            }
        } finally {
            synchronized (this) {
                progress.end();
            }
        }
    }

    private static boolean pins(WorkOrder order) {
        return order.repoint().filter(view -> !view.pinned().isEmpty()).isPresent();
    }

    private static List<WatchRecord> watchesOf(Backstitch backstitch, String run) {
        return backstitch.watches().stream()
                .filter(watch -> watch.run().equals(run) && watch.state() == WatchRecord.State.WATCHING)
                .toList();
    }

    /** Waits for the end of a run that another process acts for, or this one by then. */
    void await(Backstitch backstitch, RunRecord run) {
        begun = System.nanoTime();
        dag = run.dag();
        RunRecord now = run;
        int leftAlone = 0;
        while (now.state().isActedFor()) {
            LockSupport.parkNanos(LOOK.toNanos());
            try {
                now = backstitch.config().state().run(run.id()).orElseThrow();
            } catch (BackstitchException e) {
                // A state store that is gone for a moment.
                if (e.code().remedy() != ErrorCode.Remedy.RETRY) {
                    throw e;
                }
                continue;
            }
            leftAlone = RunRequests.isHeld(now) ? 0 : leftAlone + 1;
            if (leftAlone == LOOKS_AT_WHAT_IS_LEFT) {
                if (now.state() == RunState.PAUSING) {
                    // Nobody goes on with it before a person says so.
                    break;
                }
                // Its process has died, and this one has not gone on with it by itself: here it says why.
                await(backstitch, backstitch.resume(run.id()));
                return;
            }
        }
        synchronized (this) {
            progress.end();
        }
        running = Optional.of(Duration.ofNanos(System.nanoTime() - begun));
        result = Optional.of(new RunResult(
                now.id(), now.state() == RunState.PAUSING ? RunState.PAUSED : now.state(), now.failure()));
        if (now.state() == RunState.PUBLISHED) {
            published = backstitch.ordersOf(run.id());
        }
    }

    /** Shows no further progress. */
    synchronized void end() {
        progress.end();
    }

    /** Says how it ended, and what to do next; the engine is closed by now. */
    ExitCode conclude() {
        RunResult ended = result.orElseThrow();
        if (ended.state() == RunState.PUBLISHED) {
            published.forEach(order -> setup.afterPublish().show(order, terminal));
            terminal.out()
                    .println("run " + ended.run() + " is published (planned in " + Shown.seconds(planning) + ", run in "
                            + Shown.seconds(running.orElseThrow()) + "). To take it back:");
            terminal.out().println("  " + setup.program() + " rollback " + ended.run());
            if (published.stream().anyMatch(FollowedRun::pins)) {
                terminal.out()
                        .println("  pinned views show the former version until: " + setup.program() + " unpin "
                                + ended.run());
            }
            watched.forEach(watch -> terminal.out()
                    .println("  watched until " + Shown.time(watch.until()) + " by any process that is open, or by: "
                            + setup.program() + " watch"));
            return ExitCode.DONE;
        }
        terminal.err()
                .println("run " + ended.run() + " ended " + ended.state() + ": " + Shown.safeLines(ended.failure()));
        NextSteps.after(setup.program(), dag, ended.run(), ended.failure()).forEach(terminal.err()::println);
        if (ended.state() == RunState.PAUSED) {
            return ExitCode.PAUSED;
        }
        if (NextSteps.waitsForApproval(ended.failure())) {
            return ExitCode.WAITING;
        }
        return ended.state() == RunState.AUDITED ? ExitCode.BUSY : ExitCode.FAILED;
    }
}
