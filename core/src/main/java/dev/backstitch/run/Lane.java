package dev.backstitch.run;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.error.ErrorCode.Remedy;
import dev.backstitch.event.RunEvent;
import dev.backstitch.plan.Task;
import dev.backstitch.spec.Limits;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.state.Budget;
import dev.backstitch.state.Claim;
import dev.backstitch.state.Claiming;
import dev.backstitch.state.InstanceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread's way through a run: claims a runnable task instance, runs it, records it together with the next claim, and
 * goes on until nothing is runnable or its time slice is over.
 */
final class Lane {
    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);

    private final Engine engine;
    private final ActiveRun active;
    private final Instant sliceEnds;

    Lane(Engine engine, ActiveRun active) {
        this.engine = engine;
        this.active = active;
        this.sliceEnds = engine.clock().instant().plus(engine.slice());
    }

    /** Works until nothing is left to do here. */
    void work() {
        Optional<Claim> claim = claimNext();
        while (claim.isPresent()) {
            claim = runOne(claim.get());
        }
    }

    private Optional<Claim> claimNext() {
        while (true) {
            Optional<InstanceKey> key = active.reserve(engine.clock().instant());
            if (key.isEmpty()) {
                return Optional.empty();
            }
            Task task = active.task(key.get().task());
            Optional<Probing.Objection> objection = engine.probing().ask(active, task);
            if (objection.isPresent()) {
                active.release(key.get());
                engine.timing().hold(active, task, objection.get());
                continue;
            }
            Claiming answer = claim(key.get());
            if (answer.claim().isPresent()) {
                return answer.claim();
            }
            if (answer instanceof Claiming.Held held) {
                engine.timing().hold(active, task, held);
            } else {
                active.forgetCandidates(key.get());
                if (!engine.goesOnWith(active)) {
                    return Optional.empty();
                }
            }
        }
    }

    private Claiming claim(InstanceKey key) {
        Claiming answer = new Claiming.NotReady();
        try {
            answer = engine.state()
                    .claim(key, active.epoch(), active.engine(), active.gates(active.task(key.task())), storedNow());
            return answer;
        } finally {
            if (answer.claim().isEmpty()) {
                active.release(key);
            }
        }
    }

    /** Runs a claimed instance and returns the next claim, if there is one for this lane. */
    private Optional<Claim> runOne(Claim claim) {
        Task task = active.task(claim.key().task());
        try (LogContext context = LogContext.of(active.id(), task.name(), claim.partition())) {
            return runOne(task, claim);
        }
    }

    private Optional<Claim> runOne(Task task, Claim claim) {
        // By no clock that anybody sets or holds.
        long began = System.nanoTime();
        try {
            attempt(task, claim);
        } catch (BackstitchException e) {
            return afterFailure(task, claim, e);
        } catch (RuntimeException | Error e) {
            // An error must not take the lane's place with it: the instance fails like any other, and is named.
            LOG.error(
                    "run={} task={} partition={} failed by a defect; the target is as the ledger says",
                    active.id(),
                    task.name(),
                    claim.partition(),
                    e);
            return afterFailure(
                    task,
                    claim,
                    new BackstitchException(
                            ErrorCode.STATEMENT_REFUSED, "task " + task.name() + " failed by a defect: " + e, e));
        }
        return afterSuccess(task, claim, Duration.ofNanos(System.nanoTime() - began));
    }

    private void attempt(Task task, Claim claim) {
        Limits limits = active.limits(task);
        Interrupt interrupt = active.interrupt(task);
        ScheduledFuture<?> timer = engine.timer()
                .schedule(
                        () -> interrupt.pull(
                                ErrorCode.TIMED_OUT,
                                "task " + task.name() + " " + claim.partition() + " of run " + active.id()
                                        + " took longer than " + limits.timeout()
                                        + " and was cancelled on the server; its transaction is rolled back."),
                        limits.timeout().toMillis(),
                        TimeUnit.MILLISECONDS);
        try {
            engine.tasks().run(active, claim, interrupt);
        } finally {
            timer.cancel(false);
            active.done(interrupt);
        }
    }

    private Optional<Claim> afterSuccess(Task task, Claim claim, Duration took) {
        Optional<InstanceKey> next = Optional.empty();
        Optional<Claim> nextClaim = Optional.empty();
        try {
            if (!sliceIsOver()) {
                next = active.reserveAfter(claim.key(), engine.clock().instant());
            }
            nextClaim = engine.state().succeed(claim, next.map(List::of).orElse(List.of()), storedNow());
        } finally {
            active.release(claim.key());
            if (nextClaim.isEmpty()) {
                next.ifPresent(active::release);
                next.ifPresent(active::forgetCandidates);
            }
        }
        engine.timing().free(claim.gates());
        LOG.debug("run={} task={} partition={} succeeded in {}", active.id(), task.name(), claim.partition(), took);
        engine.tell(new RunEvent.TaskSucceeded(active.id(), task.name(), claim.partition(), took));
        openSamePartitionDownstreamOf(task, claim);
        if (nextClaim.isPresent()) {
            if (nextClaim.get().key().task() != task.number()) {
                openDownstreamOf(task, 0);
            }
            return nextClaim;
        }
        openDownstreamOf(task, 1);
        if (sliceIsOver()) {
            engine.lanes().wake(active.id(), task, 1);
            return Optional.empty();
        }
        return claimNext();
    }

    /** Whoever recorded an instance opens those that waited for its partition; what a crash leaves shut, a resume opens. */
    private void openSamePartitionDownstreamOf(Task task, Claim claim) {
        for (Task downstream : active.partitionwiseDownstreamOf(task)) {
            if (engine.readiness().open(active, downstream, claim.partition()) > 0) {
                engine.lanes().wake(active.id(), downstream, active.wanted(downstream, 1));
            }
        }
    }

    /**
     * A barrier is checked after the commit by whoever found no more of the task, so the last one to finish always finds it
     * open.
     *
     * @param free lanes that look for work next without being woken: this one, unless it has its next claim
     */
    private void openDownstreamOf(Task task, int free) {
        int looking = free;
        for (Task downstream : active.downstreamOf(task)) {
            int ready = engine.readiness().open(active, downstream);
            int wanted = active.wanted(downstream, ready);
            int taken = Math.min(looking, wanted);
            looking -= taken;
            if (wanted > taken) {
                engine.lanes().wake(active.id(), downstream, wanted - taken);
            }
        }
    }

    private Optional<Claim> afterFailure(Task task, Claim claim, BackstitchException e) {
        try {
            if (active.isStopped()) {
                engine.giveBack(active, claim, e);
                return Optional.empty();
            }
            Remedy remedy = e.code().remedy();
            if (remedy == Remedy.STAND_DOWN) {
                engine.standDown(active, String.valueOf(e.getMessage()));
                return Optional.empty();
            }
            if (remedy == Remedy.PAUSE) {
                engine.giveBack(active, claim, e);
                engine.pause(active, e);
                return Optional.empty();
            }
            if (remedy == Remedy.GIVE_BACK) {
                engine.giveBack(active, claim, e);
            } else {
                retryOrFail(task, claim, e);
            }
        } finally {
            active.release(claim.key());
            engine.timing().free(claim.gates());
        }
        return claimNext();
    }

    private void retryOrFail(Task task, Claim claim, BackstitchException e) {
        Retries retries = new Retries(active.limits(task).retry(), task.kind());
        Budget budget = Retries.budget(e.code());
        if (retries.mayHelp(budget)) {
            Map<Budget, Integer> before = engine.state().failures(claim.key());
            Optional<Duration> wait = retries.after(budget, before, ThreadLocalRandom.current());
            if (wait.isPresent()) {
                retry(task, claim, budget, e, wait.get());
                engine.tripping().afterFailure(active, task);
                return;
            }
        }
        failForGood(task, claim, budget, e);
        engine.tripping().afterFailureForGood(active, task, e);
    }

    private void retry(Task task, Claim claim, Budget budget, BackstitchException e, Duration wait) {
        Instant now = engine.clock().instant();
        engine.state()
                .retry(
                        claim,
                        budget,
                        active.storeTime().stored(now.plus(wait)),
                        String.valueOf(e.getMessage()),
                        active.storeTime().stored(now));
        LOG.info(
                "run={} task={} partition={} attempt {} failed and is tried again in {}: {}",
                active.id(),
                task.name(),
                claim.partition(),
                claim.attempt(),
                wait,
                e.getMessage());
        engine.tell(new RunEvent.TaskRetried(
                active.id(), task.name(), claim.partition(), claim.attempt(), wait, String.valueOf(e.getMessage())));
        engine.lanes().wakeAt(active.id(), task, now.plus(wait));
    }

    private void failForGood(Task task, Claim claim, Budget budget, BackstitchException e) {
        engine.state().fail(claim, budget, String.valueOf(e.getMessage()), storedNow());
        active.failed(task, e.code(), String.valueOf(e.getMessage()));
        LOG.warn("run={} task={} partition={} failed: {}", active.id(), task.name(), claim.partition(), e.getMessage());
        engine.tell(
                new RunEvent.TaskFailed(active.id(), task.name(), claim.partition(), String.valueOf(e.getMessage())));
    }

    private Instant storedNow() {
        return active.storeTime().stored(engine.clock().instant());
    }

    private boolean sliceIsOver() {
        return !engine.clock().instant().isBefore(sliceEnds);
    }
}
