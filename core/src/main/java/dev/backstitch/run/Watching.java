package dev.backstitch.run;

import dev.backstitch.audit.Verdict;
import dev.backstitch.audit.WatchAuditor;
import dev.backstitch.error.BackstitchException;
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.spec.Watch;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.StateStore;
import dev.backstitch.state.WatchRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at what is live after a publish, for as long as that is watched. When the next look is due is in the state store, so
 * that any engine that is open goes on with it; of several that find it due, one looks. A look that is lost with its process
 * is made up for by the next one. Thread-safe.
 */
final class Watching {
    private static final Logger LOG = LoggerFactory.getLogger(Watching.class);

    private final StateStore state;
    private final Connector connector;
    private final Clock clock;
    private final Consumer<RunEvent> events;
    private final Consumer<String> rollback;

    /** @param rollback takes a run's publish back, as a person would */
    Watching(StateStore state, Connector connector, Clock clock, Consumer<RunEvent> events, Consumer<String> rollback) {
        this.state = state;
        this.connector = connector;
        this.clock = clock;
        this.events = events;
        this.rollback = rollback;
    }

    /** After a publish, any number of times. */
    void begin(ActiveRun active, WorkOrder order) {
        active.plan().dag().backfill(order.backfill()).watch().ifPresent(watch -> {
            Instant now = clock.instant();
            state.watch(order.run(), order.backfill(), now.plus(watch.every()), now.plus(watch.lasting()));
        });
    }

    /**
     * Looks at what is due.
     *
     * @return how many watches were looked at
     */
    int look() {
        Instant now = clock.instant();
        int looked = 0;
        for (WatchRecord record : state.dueWatches(now)) {
            looked += look(record, now) ? 1 : 0;
        }
        return looked;
    }

    private boolean look(WatchRecord record, Instant now) {
        RunRecord run = state.run(record.run()).orElseThrow(() -> RunRequests.unknown(record.run(), state.location()));
        Plan plan = PlanFormat.read(state.plan(record.run()));
        Watch watch = plan.dag().backfill(record.backfill()).watch().orElseThrow();
        if (!state.claim(record, next(record, watch, now))) {
            return false;
        }
        WorkOrder order = WorkOrders.of(plan, run.id(), run.epoch(), run.actor()).stream()
                .filter(each -> each.backfill().equals(record.backfill()))
                .findFirst()
                .orElseThrow();
        try {
            Optional<String> over = isOver(order);
            if (over.isPresent()) {
                end(record, over.get());
                return true;
            }
            List<Verdict> failed = look(order, watch);
            heed(record, watch, order, failed);
            if (!now.isBefore(record.until())) {
                end(record, failed.isEmpty() ? "all held to the end" : text(failed));
            }
        } catch (BackstitchException e) {
            LOG.warn(
                    "run={} backfill={} could not be looked at, the next look is due as before: {}",
                    record.run(),
                    record.backfill(),
                    e.getMessage());
        }
        return true;
    }

    /** Looks that nobody made while no engine was open are not made up for one by one. */
    private static Instant next(WatchRecord record, Watch watch, Instant now) {
        Duration late = Duration.between(record.nextAt(), now);
        Instant next = record.nextAt().plus(watch.every().multipliedBy(late.dividedBy(watch.every()) + 1));
        return next.isAfter(record.until()) && now.isBefore(record.until()) ? record.until() : next;
    }

    /** What is live may be another run's by now. */
    private Optional<String> isOver(WorkOrder order) {
        Optional<Archive> live = connector.ledger().archives(order.live()).stream()
                .filter(archive -> archive.state() != Archive.State.RESTORED)
                .findFirst();
        if (live.filter(archive -> archive.run().equals(order.run())).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(
                connector.ledger().archive(order).stream()
                                .anyMatch(archive -> archive.state() == Archive.State.RESTORED)
                        ? "the publish was taken back"
                        : live.map(archive -> "run " + archive.run() + " has published since")
                                .orElse("nothing of it is published"));
    }

    private List<Verdict> look(WorkOrder order, Watch watch) {
        WatchAuditor auditor = new WatchAuditor(watch.checks());
        return auditor
                .judge(
                        connector.measures().measureLive(order, auditor.measures(), Interrupt.never()),
                        connector.ledger().entries(order))
                .stream()
                .filter(verdict -> verdict.outcome() == Verdict.Outcome.FAILED)
                .toList();
    }

    /**
     * What was told at the look before is not told again. It is told before it is noted: a process that ends in between has it
     * told by the next look, as the same one.
     */
    private void heed(WatchRecord record, Watch watch, WorkOrder order, List<Verdict> failed) {
        String found = text(failed);
        boolean news = !found.equals(record.last());
        int look = record.looks() + 1;
        if (news) {
            LOG.info(
                    "run={} backfill={} watch: {}",
                    order.run(),
                    order.backfill(),
                    found.isEmpty() ? "all holds" : found);
            events.accept(new RunEvent.Watched(order.run(), order.backfill(), look, failed));
        }
        state.looked(record, !failed.isEmpty(), found);
        if (watch.breach() == Watch.Breach.ROLL_BACK && failed.stream().anyMatch(Verdict::blocks)) {
            takeBack(record, order, look, found, news);
        }
    }

    private void takeBack(WatchRecord record, WorkOrder order, int look, String found, boolean news) {
        try {
            rollback.accept(order.run());
            end(record, "the publish was taken back, since " + found);
        } catch (BackstitchException e) {
            LOG.warn("run={} is not taken back: {}", order.run(), e.getMessage());
            if (news) {
                events.accept(
                        new RunEvent.NotTakenBack(order.run(), order.backfill(), look, String.valueOf(e.getMessage())));
            }
        }
    }

    private void end(WatchRecord record, String why) {
        if (state.endWatch(record, why)) {
            LOG.info("run={} backfill={} the watch has ended: {}", record.run(), record.backfill(), why);
            events.accept(new RunEvent.WatchEnded(record.run(), record.backfill(), why));
        }
    }

    private static String text(List<Verdict> failed) {
        return failed.stream().map(Verdict::toString).collect(Collectors.joining("; "));
    }
}
