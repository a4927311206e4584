package dev.backstitch.state;

import dev.backstitch.spec.Hold;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where runs and their task instances are kept. Thread-safe; each method is one transaction. Every write names the epoch
 * under which it is made and changes nothing when the run has moved on, which it reports by {@code false}, an empty
 * result or {@code CONCURRENT_TRANSITION}.
 *
 * <p>Times are kept to the microsecond. Messages beyond 10,000 characters are cut.
 *
 * <p>What was surely rolled back, by a conflict with another transaction or a connection lost before the commit, is
 * done again a few times, then fails with {@code CONFLICT} or {@code DATABASE_UNAVAILABLE}; nothing was changed then. A
 * lost connection at a commit is an unknown outcome: the method fails with {@code CONNECTION_LOST}, and the caller reads
 * before it writes again.
 */
public interface StateStore extends AutoCloseable {
    /** Where it is, for messages. */
    String location();

    /**
     * Stores a new run in state {@code RUNNING} with its instances, under epoch 1, leased to its owner.
     *
     * @throws dev.backstitch.error.BackstitchException with {@code ACTIVE_BACKFILL} when a run of this id exists, or one of
     *     this dag for which somebody acts whose lease holds: of several that start a dag at once, one does
     */
    void create(NewRun run, Collection<NewInstance> instances);

    /**
     * Stores a run that was lost, with its instances, as nobody acts for it.
     *
     * @param epoch that it had reached
     * @param state one in which nobody acts for it
     * @param failure why it is in that state, or empty
     * @throws dev.backstitch.error.BackstitchException with {@code ACTIVE_BACKFILL} when a run of this id exists
     */
    void restore(NewRun run, long epoch, RunState state, String failure, Collection<NewInstance> instances);

    /** The time by the clock of its database, by which leases end. */
    Instant now();

    /** A run, or nothing. */
    Optional<RunRecord> run(String id);

    /** Every run, newest first. */
    List<RunRecord> runs();

    /** The runs for which somebody acts, or did until a crash, oldest first. */
    List<RunRecord> actedFor();

    /** The frozen plan of a run, as it was stored. */
    String plan(String run);

    /**
     * Makes an owner the one who acts for a run: raises its epoch by one, makes it {@code RUNNING} unless it is {@code CANCELLING}, or {@code PAUSING} and this owner's already, leases it, and returns
     * every {@code RUNNING} instance to {@code READY} with its attempt kept, and every {@code FAILED} one to {@code READY}
     * with no attempts. The run must not be leased to somebody who lives: its lease has expired by the database's clock,
     * it has ended, or {@code evenIfLeasedTo} is its owner, of whom the caller knows that it is dead. A run that is {@code
     * ROLLED_BACK} or {@code CANCELLED} can't be taken over.
     *
     * @return the new epoch, or nothing when somebody else holds or took it
     */
    Optional<Long> takeOver(String run, long epoch, Owner owner, Duration lease, Owner evenIfLeasedTo);

    /** Prolongs a lease; false when the run has another epoch or nobody acts for it. */
    boolean renew(String run, long epoch, Duration lease);

    /**
     * Changes a run's state from one of these to another, and ends the lease unless somebody acts for it in the new state.
     * No instance is claimed from then on but in {@code RUNNING}.
     *
     * @param failure what went wrong, or empty
     * @param now by the engine's clock; becomes the run's end when nobody acts for it any more
     * @return false when the run has another epoch or state
     */
    boolean transition(String run, long epoch, Collection<RunState> from, RunState to, String failure, Instant now);

    /** Runnable instances ({@code READY}, not before now), by task and position, at most so many. */
    List<InstanceKey> runnable(String run, Instant now, int atMost);

    /** Runnable instances of these tasks, by task and position, at most so many. */
    List<InstanceKey> runnable(String run, Collection<Integer> tasks, Instant now, int atMost);

    /** The earliest time at which a {@code READY} instance becomes runnable, when there is one. */
    Optional<Instant> nextRunnableAt(String run);

    /**
     * Makes a {@code READY} instance {@code RUNNING} under this epoch, or nothing when it no longer is, its time hasn't
     * come, or its run isn't {@code RUNNING} under this epoch.
     */
    default Optional<Claim> claim(InstanceKey key, long epoch, String engine, Instant now) {
        return claim(key, epoch, engine, List.of(), now).claim();
    }

    /**
     * The same, if each of these gates lets it pass. The places that it takes are given back with whatever ends the claim,
     * with the run, or with its lease.
     */
    Claiming claim(InstanceKey key, long epoch, String engine, List<Gate> gates, Instant now);

    /** The names of the pools for whose places a run waits now, or asked no more than a moment ago. */
    List<String> waitsFor(String run);

    /**
     * Makes a {@code RUNNING} instance {@code SUCCEEDED}, and in the same transaction claims another, so that a lane needs
     * one transaction an instance.
     *
     * @param next candidates, tried in order; may be empty
     * @return the claim of the first candidate that was still {@code READY}, or nothing
     * @throws dev.backstitch.error.BackstitchException with {@code CONCURRENT_TRANSITION} when the instance isn't the
     *     caller's any more; nothing is claimed then
     */
    Optional<Claim> succeed(Claim done, List<InstanceKey> next, Instant now);

    /** Makes a {@code RUNNING} instance {@code READY} again, not before this time, and counts no failure. */
    void retry(Claim claim, Instant notBefore, String error, Instant now);

    /** Makes a {@code RUNNING} instance whose attempt failed {@code READY} again, not before this time. */
    void retry(Claim claim, Budget budget, Instant notBefore, String error, Instant now);

    /** Makes a {@code RUNNING} instance whose attempt failed {@code FAILED}. */
    void fail(Claim claim, Budget budget, String error, Instant now);

    /** How many attempts of an instance have failed since the run was last taken over, by whose fault it was. */
    Map<Budget, Integer> failures(InstanceKey key);

    /** How many attempts of all of a task's instances have. */
    long failures(String run, int task);

    /**
     * Makes the {@code WAITING} instances of a task {@code READY} if every instance of these upstream tasks has {@code
     * SUCCEEDED}.
     *
     * @return how many became ready
     */
    int open(String run, long epoch, int task, Collection<Integer> upstream);

    /**
     * Makes the {@code WAITING} instances of a task at these positions {@code READY} if every instance of these upstream
     * tasks has {@code SUCCEEDED}. Of whatever else the positions wait for, the caller knows that it has succeeded, which
     * no instance ever takes back.
     *
     * @return how many became ready
     */
    int open(String run, long epoch, int task, Collection<Integer> upstream, Collection<Integer> positions);

    /**
     * Makes instances that have {@code SUCCEEDED} {@code READY} again, with no attempts, since what they did was undone; if
     * there is one among these, the instances of the tasks after it wait again.
     *
     * @param after tasks whose {@code READY} and {@code SUCCEEDED} instances become {@code WAITING}
     * @return how many became ready; 0 when the run has another epoch or isn't running
     */
    int reopen(String run, long epoch, Collection<InstanceKey> undone, Collection<Integer> after);

    /**
     * Makes an engine a helper of a run, beside its owner, until its lease expires, it leaves, or the run is taken over.
     *
     * @return false when the run isn't {@code RUNNING} under this epoch, its owner holds no places yet, or is this engine
     */
    boolean join(String run, long epoch, String engine, Duration lease);

    /** Prolongs a helper's lease; false when it isn't one, or the run has another epoch or nobody acts for it. */
    boolean renewHelp(String run, long epoch, String engine, Duration lease);

    /** Ends a helper's help, and frees its places. */
    void leave(String run, String engine);

    /** Who helps with a run, expired leases too, and who else has an instance of it {@code RUNNING}. */
    List<Helper> helpers(String run);

    /**
     * Makes an engine hold so many places of a task, or as many as the others leave: one each for an instance that it may
     * run at a time. All engines together never hold more than the limit.
     *
     * @return how many it holds now; 0 when the run isn't {@code RUNNING} under this epoch, or the engine is neither its owner
     *     nor a helper
     */
    int hold(String run, long epoch, int task, String engine, int wanted, int limit);

    /** Whether every one of these instances of a run has {@code SUCCEEDED}. */
    boolean haveSucceeded(String run, Collection<InstanceKey> instances);

    /** Every instance of a run, by task and position. */
    List<InstanceRecord> instances(String run);

    /** The number of instances in each state, by task. */
    List<TaskCount> counts(String run);

    /** Notes what somebody is to be told; false when it was noted before. */
    boolean add(NoticeRecord notice);

    /** What is not told yet through a channel, oldest first. */
    List<NoticeRecord> pendingNotices(String channel);

    /** What people were told of a run, or are to be, through every channel; oldest first. */
    List<NoticeRecord> notices(String run);

    /**
     * Takes it on oneself to tell something, which counts as an attempt.
     *
     * @param due as it was read
     * @param nextAt when it is tried again, if nobody says that it is told
     * @return whether nobody else was faster
     */
    boolean claim(NoticeRecord due, Instant nextAt);

    /** Notes what became of an attempt to tell something. */
    void noticed(NoticeRecord notice, NoticeRecord.State outcome, String error);

    /** Every watch, those that end last first; also those that have ended. */
    List<WatchRecord> watches();

    /** The watches that go on and are to be looked at by now. */
    List<WatchRecord> dueWatches(Instant now);

    /** Begins to watch a backfill; again it changes nothing. */
    void watch(String run, String backfill, Instant nextAt, Instant until);

    /**
     * Takes it on oneself to look.
     *
     * @param due as it was read
     * @param nextAt when the next look is due
     * @return whether nobody else was faster
     */
    boolean claim(WatchRecord due, Instant nextAt);

    /**
     * Notes what a look has found.
     *
     * @param breach whether something did not hold
     */
    void looked(WatchRecord watch, boolean breach, String last);

    /** Ends a watch; false when it had ended. */
    boolean endWatch(WatchRecord watch, String why);

    /** What runs hold downstream, or held when their process ended. */
    List<HoldRecord> holds();

    /**
     * Notes that a run wants something held, before it is held. What another run holds is shared with it.
     *
     * @param before how it was found
     * @return the run's row: {@code FOUND} when it is at rest by somebody who is no run, so that it is left alone
     * @throws dev.backstitch.error.BackstitchException with {@code NOT_HELD} while another run releases it
     */
    HoldRecord want(String run, String hold, Hold.Before before, Instant now);

    /** Notes that something wanted is held. */
    boolean held(String run, String hold);

    /**
     * Notes that a run is about to release something.
     *
     * @param epoch under which the caller acted for the run; 0 for one who finds that it is left
     * @return the row of what is to be released; nothing when it is to stay at rest, since another run holds it, nobody here
     *     did, or somebody who lives acts for the run under another epoch
     */
    Optional<HoldRecord> releasing(String run, String hold, long epoch);

    /** Notes that it is released: the row is gone, unless the run has wanted it anew meanwhile. */
    void released(String run, String hold);

    /**
     * Keeps what a rehearsal of a dag has measured, in place of what the one before it has.
     *
     * @param at when it ended, by the engine's clock
     */
    void keepRehearsal(String dag, Instant at, String measured);

    /** What the last rehearsal of a dag has measured, as it was kept. */
    Optional<String> rehearsal(String dag);

    /** Ends every connection. */
    @Override
    void close();
}
