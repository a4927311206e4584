package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.Durations;
import dev.backstitch.plan.Task;
import dev.backstitch.spec.RunLimits;
import dev.backstitch.spec.Windows;
import dev.backstitch.spec.Windows.AtClose;
import dev.backstitch.state.Claiming;
import dev.backstitch.state.Gate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When what is ready may begin, and what runs has to end: places of pools, rates, windows, a run's own timeout. Lanes are
 * woken for the moment; that they come too early, too late or never is made good by a look twice a second. Thread-safe.
 */
final class Timing {
    private static final Logger LOG = LoggerFactory.getLogger(Timing.class);

    private static final Duration BETWEEN_PROBES = Duration.ofSeconds(2);

    private final Lanes lanes;
    private final Clock clock;
    private final Endings endings;
    private final Consumer<RunEvent> events;
    private final Supplier<Collection<ActiveRun>> runs;

    /** @param runs those that this engine works on */
    Timing(Lanes lanes, Clock clock, Endings endings, Consumer<RunEvent> events, Supplier<Collection<ActiveRun>> runs) {
        this.lanes = lanes;
        this.clock = clock;
        this.endings = endings;
        this.events = events;
        this.runs = runs;
    }

    /** A gate let no instance of a task pass. */
    void hold(ActiveRun active, Task task, Claiming.Held held) {
        Instant now = clock.instant();
        active.hold(task, held, now);
        if (held.after().isPresent()) {
            wakeOnceAt(active, task, now.plus(held.after().get()));
        } else if (held.gate().isPool() && active.isFirst(held.gate())) {
            waits(active, task, held.gate() + " is full", Optional.empty());
        }
    }

    /** A probe objects to another instance of a task: it is asked again a little later. */
    void hold(ActiveRun active, Task task, Probing.Objection objection) {
        Instant again = clock.instant().plus(BETWEEN_PROBES);
        active.holdUntil(task, again);
        wakeOnceAt(active, task, again);
        if (active.isFirst(List.of(task.number(), objection.since()))) {
            waits(active, task, objection.text() + ", since " + objection.since(), Optional.empty());
        }
    }

    /** Places were given back: whoever waits for one here asks again. */
    void free(List<Gate> gates) {
        if (!gates.isEmpty()) {
            for (ActiveRun active : runs.get()) {
                active.release(gates).forEach(task -> lanes.wake(active.id(), task, 1));
            }
        }
    }

    /** Ends what has had its time, and asks again for what others may have given back. */
    void look(ActiveRun active) {
        if (active.isStopped()) {
            return;
        }
        Instant now = clock.instant();
        active.plan()
                .dag()
                .limits()
                .flatMap(RunLimits::timeout)
                .filter(longest -> !active.isHelping()
                        && Duration.between(active.begun(), now).compareTo(longest) > 0)
                .ifPresent(longest -> endings.pause(active, tookTooLong(active, longest)));
        active.interrupt(
                task -> hasClosed(active, task, now),
                ErrorCode.WINDOW_CLOSED,
                "its window has closed, and it was cancelled on the server as it is declared to be; its transaction is"
                        + " rolled back. It begins again when the window opens.");
        active.release().forEach(task -> lanes.wake(active.id(), task, active.wanted(task, Integer.MAX_VALUE)));
    }

    /** For a task that is ready and closed: a lane when its windows open, and a word about it. Once for each opening. */
    void awaitWindows(ActiveRun active, Task task, Instant now) {
        List<Windows> windows = active.windows(task);
        if (windows.isEmpty() || windows.stream().allMatch(each -> each.isOpen(now))) {
            return;
        }
        Optional<Instant> opens = Windows.allOpenAt(windows, now);
        opens.ifPresent(time -> wakeOnceAt(active, task, time));
        if (active.isFirst(List.of(task.number(), opens))) {
            waits(active, task, "its window is closed: " + windows.get(0), opens);
        }
    }

    private void wakeOnceAt(ActiveRun active, Task task, Instant time) {
        if (active.isNewWake(task, time)) {
            lanes.wakeAt(active.id(), task, time);
        }
    }

    private void waits(ActiveRun active, Task task, String reason, Optional<Instant> until) {
        LOG.info(
                "run={} task={} waits{}: {}",
                active.id(),
                task.name(),
                until.map(time -> " until " + time).orElse(""),
                reason);
        events.accept(new RunEvent.TaskWaits(active.id(), task.name(), reason, until));
    }

    private static boolean hasClosed(ActiveRun active, Task task, Instant now) {
        return active.windows(task).stream().anyMatch(each -> each.atClose() == AtClose.CANCEL && !each.isOpen(now));
    }

    private static BackstitchException tookTooLong(ActiveRun active, Duration longest) {
        return new BackstitchException(
                ErrorCode.TIMED_OUT,
                "run " + active.id() + " took longer than " + Durations.words(longest)
                        + ", the timeout of its dag. What ran was cancelled on the server and rolled back; what is merged"
                        + " stays merged, the target is as the ledger says. Resume it to go on with as much time again.");
    }
}
