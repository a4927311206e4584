package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.event.RunEvent;
import dev.backstitch.notice.Notice;
import dev.backstitch.notice.Notice.Kind;
import dev.backstitch.notice.Notifier;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.NoticeRecord;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.RunState;
import dev.backstitch.state.StateStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people of runs, each thing once a channel. What is to be told is a row in the state store, by a key that is the same
 * whoever notices it: how a run ended is read from the run itself, so that an end that a crash has kept from being told is
 * told later. A row is told by whoever raises its count of attempts; a channel that fails is tried again with pauses that
 * double. All of it happens on a thread of its own. Thread-safe.
 */
final class Telling implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Telling.class);

    private static final int ATTEMPTS = 10;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(5);
    private static final Duration RECENTLY = Duration.ofDays(1);
    private static final Duration SOON = Duration.ofDays(2);
    private static final Duration BETWEEN_LOOKS_AT_ARCHIVES = Duration.ofHours(1);
    private static final Duration LAST_WORDS = Duration.ofSeconds(15);

    private final StateStore state;
    private final Connector connector;
    private final Clock clock;
    private final List<Notifier> channels;
    private final Duration firstPause;
    private final ScheduledThreadPoolExecutor thread;
    /** What need not be looked for in the state store again. */
    private final Set<String> noted = ConcurrentHashMap.newKeySet();

    private Instant archivesLookedAt = Instant.MIN;

    Telling(StateStore state, Connector connector, Clock clock, List<Notifier> channels, Duration period) {
        this.state = state;
        this.connector = connector;
        this.clock = clock;
        this.channels = List.copyOf(channels);
        // A test that sweeps fast does not want to wait either.
        this.firstPause = period.compareTo(FIRST_PAUSE) < 0 ? period : FIRST_PAUSE;
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, "backstitch-notices");
            made.setDaemon(true);
            return made;
        });
        if (!channels.isEmpty()) {
            Future<?> unused = thread.scheduleWithFixedDelay(
                    this::look, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** What happens in runs, of which a part is told, after the call. */
    void on(RunEvent event) {
        if (channels.isEmpty()) {
            return;
        }
        if (event instanceof RunEvent.Held held) {
            later(event, "held/" + held.hold(), Kind.HELD, held.hold() + " is held while the run goes on", List.of());
        } else if (event instanceof RunEvent.NotReleased left) {
            later(
                    event,
                    "not-released/" + left.hold(),
                    Kind.NOT_RELEASED,
                    left.hold() + " could not be released, which is tried again: " + left.error(),
                    List.of());
        } else if (event instanceof RunEvent.Watched watched) {
            boolean breach = !watched.failed().isEmpty();
            later(
                    event,
                    "watch/" + watched.backfill() + "/" + watched.look(),
                    breach ? Kind.BREACH : Kind.BREACH_OVER,
                    watched.backfill()
                            + (breach ? " is not as it should be: " + watched.failed() : " is as it should be again"),
                    breach ? List.of("report", "rollback") : List.of());
        } else if (event instanceof RunEvent.NotTakenBack left) {
            later(
                    event,
                    "not-taken-back/" + left.backfill() + "/" + left.look(),
                    Kind.BREACH,
                    left.backfill() + " was to be taken back, and is not: " + left.reason(),
                    List.of("rollback"));
        } else if (event instanceof RunEvent.WatchEnded ended) {
            later(
                    event,
                    "watch-ended/" + ended.backfill(),
                    Kind.WATCH_ENDED,
                    ended.backfill() + " is not watched any more: " + ended.why(),
                    List.of());
        } else if (event instanceof RunEvent.RunStarted
                || event instanceof RunEvent.RunFailed
                || event instanceof RunEvent.RunPaused
                || event instanceof RunEvent.Published
                || event instanceof RunEvent.RolledBack) {
            soon(this::look);
        }
    }

    /** Not when this engine has had its last words: the next one tells it, as far as it is an end. */
    private void soon(Runnable what) {
        try {
            thread.execute(what);
        } catch (RejectedExecutionException e) {
            LOG.debug("told by the next engine", e);
        }
    }

    /** Noted before the caller goes on, so that a kill after that loses nothing; told later. */
    private void later(RunEvent event, String what, Kind kind, String text, List<String> commands) {
        try {
            add(event.run(), what, kind, text, commands, clock.instant());
        } catch (BackstitchException e) {
            LOG.warn("run={} {} could not be noted for telling: {}", event.run(), kind, e.getMessage());
        }
        soon(this::look);
    }

    private void add(String run, String what, Kind kind, String text, List<String> commands, Instant at) {
        if (!noted.add(run + "/" + what)) {
            return;
        }
        String whole = commands.isEmpty() ? text : text + "\n" + String.join("\n", commands);
        try {
            for (Notifier channel : channels) {
                add(channel, run, what, kind, whole, at);
            }
        } catch (RuntimeException e) {
            noted.remove(run + "/" + what);
            throw e;
        }
    }

    private void add(Notifier channel, String run, String what, Kind kind, String whole, Instant at) {
        state.add(new NoticeRecord(
                channel.name(), run + "/" + what, run, kind.name(), whole, at, NoticeRecord.State.PENDING, 0, at, ""));
    }

    /** Notes what is not noted yet, and tells what is due. */
    private synchronized void look() {
        try {
            runs();
            archives();
            channels.forEach(this::tell);
        } catch (RuntimeException e) {
            LOG.warn("notices could not be looked at, which is tried again: {}", e.getMessage());
        }
    }

    /** That they began and how they ended is read from the runs themselves. */
    private void runs() {
        Instant lately = clock.instant().minus(RECENTLY);
        for (RunRecord run : state.runs()) {
            if (run.createdAt().isAfter(lately)) {
                add(
                        run.id(),
                        "started",
                        Kind.STARTED,
                        "the run has begun, by " + run.actor(),
                        List.of("status"),
                        run.createdAt());
            }
            Optional<Kind> kind = kindOf(run.state());
            if (kind.isPresent() && run.endedAt().filter(lately::isBefore).isPresent()) {
                add(
                        run.id(),
                        kind.get() + "/" + run.epoch(),
                        kind.get(),
                        run.failure().isEmpty() ? "the run is " + run.state() : run.failure(),
                        commands(kind.get()),
                        run.endedAt().get());
            }
        }
    }

    private static Optional<Kind> kindOf(RunState state) {
        return Optional.ofNullable(Map.of(
                        RunState.PUBLISHED, Kind.PUBLISHED,
                        RunState.FAILED, Kind.FAILED,
                        RunState.PAUSED, Kind.PAUSED,
                        RunState.AUDITED, Kind.WAITING,
                        RunState.CANCELLED, Kind.CANCELLED,
                        RunState.ROLLED_BACK, Kind.ROLLED_BACK)
                .get(state));
    }

    private static List<String> commands(Kind kind) {
        return switch (kind) {
            case PUBLISHED -> List.of("report", "rollback");
            case FAILED -> List.of("explain", "resume", "cancel");
            case PAUSED -> List.of("resume", "cancel");
            case WAITING -> List.of("report", "approve", "resume", "cancel");
            default -> List.of();
        };
    }

    /** Whose retention is over soon. */
    private void archives() {
        Instant now = clock.instant();
        if (Duration.between(archivesLookedAt, now).compareTo(BETWEEN_LOOKS_AT_ARCHIVES) < 0) {
            return;
        }
        archivesLookedAt = now;
        for (RunRecord run : state.runs()) {
            if (run.state() == RunState.PUBLISHED) {
                archives(run, now);
            }
        }
    }

    private void archives(RunRecord run, Instant now) {
        Plan plan = PlanFormat.read(state.plan(run.id()));
        for (WorkOrder order : WorkOrders.of(plan, run.id(), run.epoch(), run.actor())) {
            connector
                    .ledger()
                    .archive(order)
                    .filter(archive -> archive.state() == Archive.State.KEPT)
                    .filter(archive -> archive.expiresAt().isAfter(now)
                            && archive.expiresAt().minus(SOON).isBefore(now))
                    .ifPresent(archive -> add(
                            run.id(),
                            "archive-expires/" + order.backfill(),
                            Kind.ARCHIVE_EXPIRES,
                            "what " + order.live() + " held before is kept until " + archive.expiresAt()
                                    + "; after that the publish can't be taken back",
                            List.of("rollback"),
                            now));
        }
    }

    private void tell(Notifier channel) {
        Instant now = clock.instant();
        for (NoticeRecord due : state.pendingNotices(channel.name())) {
            // Raised before it is told: a process that ends in between has told it at most once more than it knows.
            if (!due.nextAt().isAfter(now) && state.claim(due, now.plus(pause(due.attempts())))) {
                tell(channel, due);
            }
        }
    }

    private Duration pause(int attempts) {
        return firstPause.multipliedBy(1L << Math.min(attempts, ATTEMPTS));
    }

    private void tell(Notifier channel, NoticeRecord due) {
        Notice notice = notice(due);
        try {
            channel.tell(notice);
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            boolean last = due.attempts() + 1 >= ATTEMPTS;
            LOG.warn(
                    "run={} {} could not be told through {}{}: {}",
                    due.run(),
                    due.kind(),
                    channel.name(),
                    last ? " and is given up" : ", which is tried again",
                    e.toString());
            state.noticed(due, last ? NoticeRecord.State.GIVEN_UP : NoticeRecord.State.PENDING, e.toString());
            return;
        }
        state.noticed(due, NoticeRecord.State.TOLD, "");
    }

    private Notice notice(NoticeRecord due) {
        Plan plan = PlanFormat.read(state.plan(due.run()));
        List<String> lines = new ArrayList<>(List.of(due.text().split("\n", -1)));
        List<String> commands = new ArrayList<>();
        while (lines.size() > 1 && lines.get(lines.size() - 1).matches("[a-z]+")) {
            commands.add(0, lines.remove(lines.size() - 1) + " " + due.run());
        }
        return new Notice(
                due.key(),
                Kind.valueOf(due.kind()),
                due.run(),
                plan.dag().name(),
                plan.dag().backfills().stream().map(Backfill::owner).distinct().toList(),
                String.join(" ", lines),
                commands,
                due.at());
    }

    /** Has its last words: what is due now is told, within a few seconds. */
    @Override
    public void close() {
        if (!channels.isEmpty()) {
            soon(this::look);
        }
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        thread.shutdown();
        try {
            if (!thread.awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("notices are left for the next engine: a channel does not answer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
