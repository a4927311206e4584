package dev.backstitch.state;

import static java.util.Objects.requireNonNull;
import static org.jooq.impl.DSL.currentInstant;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.spec.Hold;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.jooq.Configuration;
import org.jooq.exception.IntegrityConstraintViolationException;
import org.jooq.impl.DSL;

/** The store on a relational database: each method is one transaction over {@link Runs}, {@link Instances}, {@link Claims}. */
final class JooqStateStore implements StateStore {
    private final String location;
    private final Runnable onClose;
    private final Transactions transactions;
    private final Instances instances;
    private final Claims claims;

    JooqStateStore(DataSource database, Configuration configuration, String location, Runnable onClose) {
        this.location = location;
        this.onClose = onClose;
        this.transactions = new Transactions(database, configuration, location);
        this.instances = new Instances(configuration);
        this.claims = new Claims(configuration);
    }

    @Override
    public String location() {
        return location;
    }

    @Override
    public void create(NewRun run, Collection<NewInstance> newInstances) {
        insert(run, 1, RunState.RUNNING, "", newInstances);
    }

    @Override
    public void restore(NewRun run, long epoch, RunState state, String failure, Collection<NewInstance> newInstances) {
        if (state.isActedFor()) {
            throw new IllegalArgumentException("nobody acts for what is restored: " + state);
        }
        insert(run, epoch, state, failure, newInstances);
    }

    private void insert(NewRun run, long epoch, RunState state, String failure, Collection<NewInstance> newInstances) {
        requireNonNull(newInstances, "instances");
        transactions.write("creating run " + run.id(), session -> {
            if (state.isActedFor()) {
                Schema.lockRow(session.jooq());
                Runs.heldOf(session.jooq(), run.dag()).ifPresent(other -> {
                    throw new BackstitchException(
                            ErrorCode.ACTIVE_BACKFILL,
                            "run " + run.id() + " can't be created: run " + other.id() + " of dag " + run.dag()
                                    + " is under way by " + other.owner()
                                    + ". Nothing was changed. Wait for that run, or cancel it.");
                });
            }
            try {
                Runs.insert(session.jooq(), run, epoch, state, failure);
            } catch (IntegrityConstraintViolationException e) {
                throw new BackstitchException(
                        ErrorCode.ACTIVE_BACKFILL,
                        "run " + run.id() + " can't be created: the state store " + location
                                + " holds a run of this id. Nothing was changed; resume that run, or start another.",
                        e);
            }
            instances.insert(session, run.id(), epoch, newInstances);
            return run;
        });
    }

    @Override
    public Instant now() {
        return transactions.read(
                "reading the time",
                session -> session.jooq().select(currentInstant()).fetchSingle().value1());
    }

    @Override
    public Optional<RunRecord> run(String id) {
        requireNonNull(id, "id");
        return transactions.read("reading run " + id, session -> Runs.find(session.jooq(), id));
    }

    @Override
    public List<RunRecord> runs() {
        return transactions.read("reading the runs", session -> Runs.newestFirst(session.jooq()));
    }

    @Override
    public List<RunRecord> actedFor() {
        return transactions.read("reading the runs that are going on", session -> Runs.actedFor(session.jooq()));
    }

    @Override
    public String plan(String run) {
        requireNonNull(run, "run");
        return transactions
                .read("reading the plan of run " + run, session -> Runs.plan(session.jooq(), run))
                .orElseThrow(() -> new BackstitchException(
                        ErrorCode.UNKNOWN_RUN,
                        "the state store " + location + " holds no run " + run
                                + ". Nothing was changed. Check the id, and whether this is the store that the run was"
                                + " started with."));
    }

    @Override
    public Optional<Long> takeOver(String run, long epoch, Owner owner, Duration lease, Owner evenIfLeasedTo) {
        requireNonNull(run, "run");
        return transactions.write("taking over run " + run, session -> {
            if (!Runs.takeOver(session.jooq(), run, epoch, owner, lease, evenIfLeasedTo)) {
                return Optional.empty();
            }
            Instances.takeOver(session.jooq(), run, epoch + 1);
            Helpers.dismiss(session.jooq(), run);
            Gates.leave(session.jooq(), run);
            Failures.forget(session.jooq(), run);
            return Optional.of(epoch + 1);
        });
    }

    @Override
    public boolean renew(String run, long epoch, Duration lease) {
        requireNonNull(run, "run");
        return transactions.write(
                "renewing the lease of run " + run, session -> Runs.renew(session.jooq(), run, epoch, lease));
    }

    @Override
    public boolean transition(
            String run, long epoch, Collection<RunState> from, RunState to, String failure, Instant now) {
        requireNonNull(run, "run");
        return transactions.write("making run " + run + " " + to, session -> {
            boolean changed = Runs.transition(session.jooq(), run, epoch, from, to, failure, now);
            if (changed && !to.isActedFor()) {
                Helpers.dismiss(session.jooq(), run);
                Gates.leave(session.jooq(), run);
            }
            return changed;
        });
    }

    @Override
    public List<InstanceKey> runnable(String run, Instant now, int atMost) {
        requireNonNull(run, "run");
        return transactions.read(
                "reading what is runnable of run " + run,
                session -> Instances.runnable(session.jooq(), run, DSL.noCondition(), now, atMost));
    }

    @Override
    public List<InstanceKey> runnable(String run, Collection<Integer> tasks, Instant now, int atMost) {
        requireNonNull(run, "run");
        return transactions.read(
                "reading what is runnable of run " + run,
                session -> Instances.runnable(session.jooq(), run, Instances.ofTasks(tasks), now, atMost));
    }

    @Override
    public Optional<Instant> nextRunnableAt(String run) {
        requireNonNull(run, "run");
        return transactions.read(
                "reading when run " + run + " goes on", session -> Instances.nextRunnableAt(session.jooq(), run));
    }

    @Override
    public Claiming claim(InstanceKey key, long epoch, String engine, List<Gate> gates, Instant now) {
        requireNonNull(key, "key");
        requireNonNull(engine, "engine");
        requireNonNull(gates, "gates");
        return transactions.write("claiming " + key, session -> {
            if (!gates.isEmpty()) {
                Optional<Claiming.Held> held = Gates.hold(session.jooq(), gates, key.run());
                if (held.isPresent()) {
                    return held.get();
                }
            }
            Optional<Claim> claim = claims.claim(session, key, epoch, engine, gates, now);
            if (claim.isPresent() && !gates.isEmpty()) {
                Gates.pass(session.jooq(), gates, key);
            }
            return claim.<Claiming>map(Claiming.Granted::new).orElseGet(Claiming.NotReady::new);
        });
    }

    @Override
    public List<String> waitsFor(String run) {
        requireNonNull(run, "run");
        return transactions.read(
                "reading what run " + run + " waits for", session -> Gates.waitsFor(session.jooq(), run));
    }

    @Override
    public Optional<Claim> succeed(Claim done, List<InstanceKey> next, Instant now) {
        return transactions.write("recording the success of " + done.key(), session -> {
            claims.succeed(session, done, now);
            leaveGates(session, done);
            for (InstanceKey candidate : next) {
                Optional<Claim> claim = claims.claim(session, candidate, done.epoch(), done.engine(), List.of(), now);
                if (claim.isPresent()) {
                    return claim;
                }
            }
            return Optional.empty();
        });
    }

    @Override
    public void retry(Claim claim, Instant notBefore, String error, Instant now) {
        transactions.write("recording the retry of " + claim.key(), session -> {
            claims.retry(session, claim, notBefore, error, now);
            leaveGates(session, claim);
            return claim;
        });
    }

    @Override
    public void retry(Claim claim, Budget budget, Instant notBefore, String error, Instant now) {
        transactions.write("recording the failed attempt of " + claim.key(), session -> {
            claims.retry(session, claim, notBefore, error, now);
            Failures.count(session.jooq(), claim.key(), budget);
            leaveGates(session, claim);
            return claim;
        });
    }

    @Override
    public void fail(Claim claim, Budget budget, String error, Instant now) {
        transactions.write("recording the failure of " + claim.key(), session -> {
            claims.fail(session, claim, error, now);
            Failures.count(session.jooq(), claim.key(), budget);
            leaveGates(session, claim);
            return claim;
        });
    }

    private static void leaveGates(Session session, Claim claim) {
        if (!claim.gates().isEmpty()) {
            Gates.leave(session.jooq(), claim.key());
        }
    }

    @Override
    public Map<Budget, Integer> failures(InstanceKey key) {
        return transactions.read("reading the failures of " + key, session -> Failures.of(session.jooq(), key));
    }

    @Override
    public long failures(String run, int task) {
        return transactions.read(
                "counting the failures of run " + run, session -> Failures.ofTask(session.jooq(), run, task));
    }

    @Override
    public int open(String run, long epoch, int task, Collection<Integer> upstream) {
        requireNonNull(run, "run");
        return transactions.write("opening task " + task + " of run " + run, session -> {
            if (!Runs.lock(session.jooq(), run, epoch) || Instances.anyUnfinished(session.jooq(), run, upstream)) {
                return 0;
            }
            return Instances.open(session.jooq(), run, epoch, task);
        });
    }

    @Override
    public int open(String run, long epoch, int task, Collection<Integer> upstream, Collection<Integer> positions) {
        requireNonNull(run, "run");
        return transactions.write("opening task " + task + " of run " + run, session -> {
            if (!Runs.lock(session.jooq(), run, epoch) || Instances.anyUnfinished(session.jooq(), run, upstream)) {
                return 0;
            }
            return Instances.open(session.jooq(), run, epoch, task, positions);
        });
    }

    @Override
    public int reopen(String run, long epoch, Collection<InstanceKey> undone, Collection<Integer> after) {
        requireNonNull(run, "run");
        return transactions.write("reopening instances of run " + run, session -> {
            if (!Runs.lock(session.jooq(), run, epoch)) {
                return 0;
            }
            int reopened = Instances.reopen(session.jooq(), run, epoch, undone);
            if (reopened > 0) {
                Instances.makeWait(session.jooq(), run, epoch, after);
            }
            return reopened;
        });
    }

    @Override
    public boolean join(String run, long epoch, String engine, Duration lease) {
        requireNonNull(engine, "engine");
        return transactions.write(
                "joining run " + run,
                session -> Runs.lock(session.jooq(), run, epoch) && Helpers.join(session.jooq(), run, engine, lease));
    }

    @Override
    public boolean renewHelp(String run, long epoch, String engine, Duration lease) {
        requireNonNull(engine, "engine");
        return transactions.write(
                "renewing the help with run " + run,
                session -> Helpers.renew(session.jooq(), run, epoch, engine, lease));
    }

    @Override
    public void leave(String run, String engine) {
        requireNonNull(engine, "engine");
        transactions.write("leaving run " + run, session -> Helpers.leave(session.jooq(), run, engine));
    }

    @Override
    public List<Helper> helpers(String run) {
        requireNonNull(run, "run");
        return transactions.read("reading who helps with run " + run, session -> Helpers.of(session.jooq(), run));
    }

    @Override
    public int hold(String run, long epoch, int task, String engine, int wanted, int limit) {
        requireNonNull(engine, "engine");
        return transactions.write(
                "holding places of task " + task + " of run " + run,
                session -> Runs.lock(session.jooq(), run, epoch)
                        ? Helpers.hold(session.jooq(), run, task, engine, wanted, limit)
                        : 0);
    }

    @Override
    public boolean haveSucceeded(String run, Collection<InstanceKey> keys) {
        requireNonNull(run, "run");
        return transactions.read(
                "reading whether instances of run " + run + " have succeeded",
                session -> Instances.haveSucceeded(session.jooq(), run, keys));
    }

    @Override
    public List<InstanceRecord> instances(String run) {
        requireNonNull(run, "run");
        return transactions.read("reading the instances of run " + run, session -> Instances.of(session.jooq(), run));
    }

    @Override
    public List<TaskCount> counts(String run) {
        requireNonNull(run, "run");
        return transactions.read(
                "counting the instances of run " + run, session -> Instances.counts(session.jooq(), run));
    }

    @Override
    public boolean add(NoticeRecord notice) {
        requireNonNull(notice, "notice");
        return transactions.write(
                "noting what is told of run " + notice.run(), session -> Notices.add(session.jooq(), notice));
    }

    @Override
    public List<NoticeRecord> pendingNotices(String channel) {
        requireNonNull(channel, "channel");
        return transactions.read("reading what is to be told", session -> Notices.pending(session.jooq(), channel));
    }

    @Override
    public List<NoticeRecord> notices(String run) {
        requireNonNull(run, "run");
        return transactions.read("reading what is told of run " + run, session -> Notices.of(session.jooq(), run));
    }

    @Override
    public boolean claim(NoticeRecord due, Instant nextAt) {
        requireNonNull(due, "due");
        return transactions.write("telling of run " + due.run(), session -> Notices.claim(session.jooq(), due, nextAt));
    }

    @Override
    public void noticed(NoticeRecord notice, NoticeRecord.State outcome, String error) {
        requireNonNull(notice, "notice");
        transactions.write(
                "noting what was told of run " + notice.run(),
                session -> Notices.outcome(session.jooq(), notice, outcome, error));
    }

    @Override
    public List<WatchRecord> watches() {
        return transactions.read("reading the watches", session -> Watches.all(session.jooq()));
    }

    @Override
    public List<WatchRecord> dueWatches(Instant now) {
        requireNonNull(now, "now");
        return transactions.read("reading what is to be looked at", session -> Watches.due(session.jooq(), now));
    }

    @Override
    public void watch(String run, String backfill, Instant nextAt, Instant until) {
        requireNonNull(run, "run");
        transactions.write(
                "beginning to watch run " + run,
                session -> Watches.begin(session.jooq(), run, backfill, nextAt, until));
    }

    @Override
    public boolean claim(WatchRecord due, Instant nextAt) {
        requireNonNull(due, "due");
        return transactions.write("looking at run " + due.run(), session -> Watches.claim(session.jooq(), due, nextAt));
    }

    @Override
    public void looked(WatchRecord watch, boolean breach, String last) {
        requireNonNull(watch, "watch");
        transactions.write(
                "noting a look at run " + watch.run(), session -> Watches.looked(session.jooq(), watch, breach, last));
    }

    @Override
    public boolean endWatch(WatchRecord watch, String why) {
        requireNonNull(watch, "watch");
        return transactions.write(
                "ending the watch of run " + watch.run(), session -> Watches.end(session.jooq(), watch, why));
    }

    @Override
    public List<HoldRecord> holds() {
        return transactions.read("reading what is held", session -> Holdings.all(session.jooq()));
    }

    @Override
    public HoldRecord want(String run, String hold, Hold.Before before, Instant now) {
        requireNonNull(run, "run");
        requireNonNull(hold, "hold");
        return transactions.write(
                "wanting " + hold + " held for run " + run,
                session -> Holdings.want(session.jooq(), run, hold, before.atRest(), before.note(), now));
    }

    @Override
    public boolean held(String run, String hold) {
        requireNonNull(run, "run");
        return transactions.write(
                "holding " + hold + " for run " + run, session -> Holdings.held(session.jooq(), run, hold));
    }

    @Override
    public Optional<HoldRecord> releasing(String run, String hold, long epoch) {
        requireNonNull(run, "run");
        return transactions.write(
                "releasing " + hold + " of run " + run,
                session -> Holdings.releasing(session.jooq(), run, hold, epoch));
    }

    @Override
    public void released(String run, String hold) {
        requireNonNull(run, "run");
        transactions.write(
                "releasing " + hold + " of run " + run, session -> Holdings.released(session.jooq(), run, hold));
    }

    @Override
    public void keepRehearsal(String dag, Instant at, String measured) {
        transactions.write(
                "keeping the rehearsal of " + dag, session -> Rehearsals.keep(session.jooq(), dag, at, measured));
    }

    @Override
    public Optional<String> rehearsal(String dag) {
        return transactions.read("reading the rehearsal of " + dag, session -> Rehearsals.of(session.jooq(), dag));
    }

    @Override
    public void close() {
        onClose.run();
    }
}
