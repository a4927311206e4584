package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.state.StateStore;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews the leases of the runs for which this engine acts, three times a lease. Who could not renew for a whole lease
 * must believe that another engine has taken over, and stands down; the monotonic clock decides, so that a suspended
 * process notices when it wakes.
 */
final class Heartbeat {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);
    private static final int RENEWALS_A_LEASE = 3;

    private final StateStore state;
    private final Duration lease;
    private final BiConsumer<ActiveRun, String> standDown;
    private final ScheduledFuture<?> beats;
    private final Map<ActiveRun, Long> renewedAt = new ConcurrentHashMap<>();

    Heartbeat(
            StateStore state, Duration lease, ScheduledExecutorService timer, BiConsumer<ActiveRun, String> standDown) {
        this.state = state;
        this.lease = lease;
        this.standDown = standDown;
        long period = Math.max(1, lease.toMillis() / RENEWALS_A_LEASE);
        this.beats = timer.scheduleAtFixedRate(this::beat, period, period, TimeUnit.MILLISECONDS);
    }

    void add(ActiveRun active) {
        renewedAt.put(active, System.nanoTime());
    }

    void remove(ActiveRun active) {
        renewedAt.remove(active);
    }

    /** Renews nothing more. */
    void stop() {
        beats.cancel(false);
    }

    /** Ends the lease of a run that no lane of this engine works on any more, so that nobody waits for it. */
    void release(ActiveRun active) {
        try {
            if (active.isHelping()) {
                state.leave(active.id(), active.engine());
            } else {
                state.renew(active.id(), active.epoch(), Duration.ZERO);
            }
        } catch (BackstitchException e) {
            LOG.info("run={} the lease could not be ended and will expire: {}", active.id(), e.getMessage());
        }
    }

    private boolean renewed(ActiveRun active, Duration length) {
        return active.isHelping()
                ? state.renewHelp(active.id(), active.epoch(), active.engine(), length)
                : state.renew(active.id(), active.epoch(), length);
    }

    private void beat() {
        for (ActiveRun active : renewedAt.keySet()) {
            try {
                renew(active);
            } catch (RuntimeException e) {
                // What is thrown here would end the beats of every run.
                LOG.error("run={} its heartbeat failed; the lease may expire", active.id(), e);
            }
        }
    }

    private void renew(ActiveRun active) {
        long asked = System.nanoTime();
        try {
            if (renewed(active, lease)) {
                renewedAt.computeIfPresent(active, (run, before) -> asked);
            } else {
                standDown.accept(active, "its lease was taken over by another engine");
            }
        } catch (RuntimeException e) {
            LOG.warn("run={} the lease could not be renewed: {}", active.id(), e.getMessage());
            Long last = renewedAt.get(active);
            if (last != null && asked - last > lease.toNanos()) {
                standDown.accept(active, "its lease could not be renewed for " + lease);
            }
        }
    }
}
