package dev.backstitch;

import dev.backstitch.error.BackstitchException;
import dev.backstitch.error.ErrorCode;
import dev.backstitch.event.RunEvent;
import dev.backstitch.event.RunListener;
import dev.backstitch.plan.Plan;
import dev.backstitch.plan.PlanFormat;
import dev.backstitch.plan.Planner;
import dev.backstitch.plan.Waiver;
import dev.backstitch.plan.Waivers;
import dev.backstitch.plan.Watermark;
import dev.backstitch.plan.Watermarks;
import dev.backstitch.plan.WorkOrders;
import dev.backstitch.report.RunReport;
import dev.backstitch.run.Engine;
import dev.backstitch.run.RunResult;
import dev.backstitch.run.Takeover;
import dev.backstitch.spec.Dag;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.AuditNote;
import dev.backstitch.spi.Interrupt;
import dev.backstitch.spi.Pin;
import dev.backstitch.spi.Publishes;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.Sandbox;
import dev.backstitch.spi.Sandboxes;
import dev.backstitch.spi.WorkOrder;
import dev.backstitch.state.HoldRecord;
import dev.backstitch.state.NewRun;
import dev.backstitch.state.NoticeRecord;
import dev.backstitch.state.RunRecord;
import dev.backstitch.state.WatchRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An engine for backfills: plans dags, runs them, resumes them after a crash and takes them back. Thread-safe; one per
 * process is enough. Closing it interrupts what runs, which can be resumed.
 *
 * <pre>{@code
 * try (Backstitch backstitch = Backstitch.open(config).register(dag)) {
 *     Run run = backstitch.start(backstitch.plan(dag));
 *     RunResult result = run.await();
 * }
 * }</pre>
 */
public final class Backstitch implements AutoCloseable {
    private static final Duration LOOK = Duration.ofMillis(500);

    private final BackstitchConfig config;
    private final Engine engine;
    private final Takeover takeover;
    private final StoredRuns stored;
    private final RegisteredDags dags = new RegisteredDags();

    private Backstitch(BackstitchConfig config) {
        this.config = config;
        this.stored = new StoredRuns(config.state());
        this.takeover = new Takeover(config.state(), config.connector(), config.lease());
        this.engine = new Engine(
                config.state(),
                config.connector(),
                work -> config.lanes()
                        .open(work, config.threads().orElseGet(config.lanes()::defaultThreads), config.clock()),
                config.clock(),
                config.lease(),
                config.sweep(),
                config.listeners(),
                config.notifiers(),
                takeover,
                run -> stop().cancelAsAsked(run),
                run -> rollback(run),
                dags::find);
    }

    /** Starts an engine. It does nothing until a run is started or resumed. */
    public static Backstitch open(BackstitchConfig config) {
        return new Backstitch(config);
    }

    /**
     * Makes a dag known, so that its runs can be resumed here.
     *
     * @return this engine
     * @throws IllegalArgumentException when another dag has the name
     */
    public Backstitch register(Dag dag) {
        dags.add(dag);
        return this;
    }

    /**
     * Computes what a run of this dag would do. Writes nothing.
     *
     * @param waivers who accepts which items of the plan's checklist unmet
     * @throws dev.backstitch.error.RefusedException with every problem that stands in its way
     */
    public Plan plan(Dag dag, Waiver... waivers) {
        Plan plan = new Planner(config.connector(), config.clock()).plan(dag, List.of(waivers));
        return plan.estimated(RehearseDag.estimate(config, plan));
    }

    /**
     * Rehearses a dag: the same merges and audits, and the publish, over copies of its targets in a sandbox. Nothing else is
     * written to: nobody is held or told, no window, probe or person is waited for, and single tasks are not run. What it has
     * measured is kept, and plans of the same logic estimate by it from then on. Sandboxes whose time is over are dropped first.
     *
     * @param listener told what happens in the sandbox
     * @throws dev.backstitch.error.RefusedException as {@link #plan}
     * @throws BackstitchException with {@code UNSUPPORTED} when the connector has no sandboxes, {@code PRIVILEGE_MISSING} when
     *     its user may not make a schema; the sandbox is dropped then
     */
    public Rehearsal rehearse(Dag dag, Rehearse how, RunListener listener) {
        return new RehearseDag(config, plan(dag), how).run(listener);
    }

    /** Drops the sandboxes of rehearsals whose time is over, by their database's clock. */
    public List<Sandbox> purgeSandboxes() {
        return RehearseDag.sandboxes(config.connector())
                .map(RehearseDag::dropExpired)
                .orElse(List.of());
    }

    /** The sandboxes of rehearsals that are there, oldest first. */
    public List<Sandbox> sandboxes() {
        return RehearseDag.sandboxes(config.connector())
                .map(Sandboxes::sandboxes)
                .orElse(List.of());
    }

    /**
     * What runs have published of a table, by the ledger beside it, whatever the state store knows.
     *
     * @param table the table, or the view that is repointed
     * @return nothing when the database has no such table
     */
    public Optional<Watermark> watermark(TableName table) {
        return new Watermarks(config.connector()).of(table);
    }

    /**
     * Starts a run of a plan, and returns at once. The plan is frozen as it is.
     *
     * @throws BackstitchException with {@code CHECKLIST_REFUSED} when its checklist refuses an item that nobody waived,
     *     {@code TARGET_CHANGED} when it was made on another connector
     */
    public Run start(Plan plan) {
        NewRuns.requireMadeOn(plan, config.connector().name());
        Waivers.requireNoneRefused(plan);
        String id = RunIds.next(config.clock());
        String frozen = PlanFormat.write(plan);
        config.state()
                .create(
                        new NewRun(
                                id,
                                plan.dag().name(),
                                config.actor(),
                                frozen,
                                PlanFormat.sha256(frozen),
                                takeover.self(),
                                config.lease(),
                                config.clock().instant()),
                        NewRuns.instances(plan));
        return new Run(id, engine.begin(plan, WorkOrders.of(plan, id, 1, config.actor())), engine::workUntil);
    }

    /**
     * Runs a plan to its end: {@link #start}, and waits. With lanes on the {@linkplain dev.backstitch.run.CallersThread
     * caller's thread} all of it happens in the calling thread.
     *
     * @throws BackstitchException as {@link #start} and {@link Run#await}
     */
    public RunResult run(Plan plan) {
        return start(plan).await();
    }

    /**
     * Goes on with a run that was interrupted or failed: with the plan that it froze, at the partitions that the ledger
     * doesn't show as merged. After a failed audit, those that it objects to are merged again, since the source may have
     * been corrected; all of them where it looks at the whole table. What a person has {@linkplain #accept accepted} is
     * not.
     *
     * @throws BackstitchException with {@code UNKNOWN_RUN}, {@code WRONG_STATE} when it has ended for good, {@code
     *     UNKNOWN_DAG} or {@code PLAN_CHANGED} when its dag isn't registered as it was planned, {@code STATE_IN_USE} when
     *     somebody who lives acts for it
     */
    public Run resume(String id) {
        return resume(id, MergeAgain.Which.FAILED);
    }

    /**
     * Goes on as {@link #resume} does, but audits what is merged as it is, without another merge: for a failed audit whose
     * cause lay outside the shadow, such as in the table that it refers to.
     *
     * @throws BackstitchException as {@link #resume}
     */
    public Run reaudit(String id) {
        return resume(id, MergeAgain.Which.NONE);
    }

    private Run resume(String id, MergeAgain.Which again) {
        synchronized (takeover) {
            return new ResumeRun(config, engine, takeover, dags).run(stored.record(id), again);
        }
    }

    /**
     * Takes a publish back: the archive becomes live again, and the run's watermarks are withdrawn. Of several backfills
     * the one that was published last comes first; what was published together is taken back together.
     *
     * @return what was done, of all backfills together
     * @throws BackstitchException with {@code WRITTEN_SINCE_PUBLISH} and their number when a target was written since
     */
    public Publishes.RolledBack rollback(String id) {
        return rollback(id, Map.of());
    }

    /**
     * Takes the publish of a run with one backfill back, and gives up what was written since.
     *
     * @param acceptedLoss the number of writes that may be lost; another number than the real one is refused
     * @throws BackstitchException with {@code WRONG_STATE} when the run has several backfills
     */
    public Publishes.RolledBack rollback(String id, long acceptedLoss) {
        List<WorkOrder> orders = ordersOf(id);
        if (orders.size() > 1 && acceptedLoss != 0) {
            throw new BackstitchException(
                    ErrorCode.WRONG_STATE,
                    "run " + id + " has several backfills "
                            + orders.stream().map(WorkOrder::backfill).toList() + ", so that a loss of " + acceptedLoss
                            + " could be any one's. Nothing was changed. Say whose writes are given up.");
        }
        return rollback(id, Map.of(orders.get(0).backfill(), acceptedLoss));
    }

    /**
     * Takes a publish back and gives up what was written since.
     *
     * @param acceptedLoss by backfill, the number of writes that may be lost; 0 where it says nothing, and another number
     *     than the real one is refused
     */
    public Publishes.RolledBack rollback(String id, Map<String, Long> acceptedLoss) {
        RunRecord record = stored.record(id);
        Publishes.RolledBack outcome = new RollBackRun(config)
                .run(record, stored.orders(record), planOf(id).dag().together(), acceptedLoss);
        engine.tell(new RunEvent.RolledBack(id, outcome));
        return outcome;
    }

    /**
     * Pauses a run, whichever process acts for it: what runs is finished, and nothing more begins from the return of this
     * call on. The run then ends as {@code PAUSED}, its shadow kept, and can be resumed.
     *
     * @throws BackstitchException with {@code WRONG_STATE} when nobody acts for it
     */
    public void pause(String id) {
        stop().pause(id);
    }

    /**
     * Gives a run up before its publish: what runs is interrupted, its shadows are removed, each target stays as it is and
     * is free for another run. Of several backfills those that are published by now stay so, and can be rolled back. Again
     * for a cancelled run, it removes what a process that ended late has left. If another process acts for the run, it is
     * asked to do this, and this call waits for it.
     *
     * @throws BackstitchException with {@code WRONG_STATE} when it has ended for good or is published by now, {@code
     *     STATE_IN_USE} when the process that acts for it has not done it within a minute; it may do so yet
     */
    public void cancel(String id) {
        stop().cancel(id);
    }

    /**
     * Makes some partitions of what a run has published what they were before, by its archive, in one transaction. Their
     * watermarks are withdrawn, so that {@code reprocess(missing())} finds them; the run stays published, and can be rolled
     * back. Again it changes nothing.
     *
     * @param backfill whose; may be left out where the run has one alone
     * @param partitions their ids
     * @param acceptedLoss the number of writes to these partitions since the publish that may be lost; another number than the
     *     real one is refused
     * @return what was done
     * @throws BackstitchException with {@code WRONG_STATE} when the run is not published, {@code INVALID_SCOPE} when it has no
     *     such partition, {@code WRITTEN_SINCE_PUBLISH} and the number, {@code NOT_PUBLISHED} when another run has published
     *     since, {@code ARCHIVE_GONE}, {@code KEY_IN_TWO_PARTITIONS}; nothing is changed then
     */
    public Publishes.Restored restore(String id, Optional<String> backfill, Set<String> partitions, long acceptedLoss) {
        return new RestoreRun(config, stored.record(id), ordersOf(id)).run(backfill, partitions, acceptedLoss);
    }

    /** The views that a run was to leave with the former version, and what each shows now. Reads only. */
    public List<Pin> pins(String id) {
        return new UnpinViews(config, stored.record(id), ordersOf(id)).pins();
    }

    /**
     * Moves readers of pinned views on to what a run has published. Again it changes nothing; a rollback moves them back.
     *
     * @param view one of them, by its name with or without the schema; nothing for all
     * @return those that were moved
     * @throws BackstitchException with {@code WRONG_STATE} when the run is not published, pins no such view, or its watch objects,
     *     {@code NOT_PUBLISHED} when a later run has published, {@code TARGET_CHANGED} when somebody has changed the view; nothing
     *     of it is changed then
     */
    public List<ResolvedTable> unpin(String id, Optional<String> view) {
        return new UnpinViews(config, stored.record(id), ordersOf(id)).run(view);
    }

    private StopRun stop() {
        return new StopRun(config, engine, takeover);
    }

    /**
     * Works for other engines, too, from now on until this one closes: helps with the merges of every run in the state store
     * that another one acts for, and goes on with those whose engine has died, as {@link #resume} does. For several
     * processes that share a state store and can reach the same database. A task's concurrency holds for all of them
     * together. Runs whose dag isn't registered here as it was planned are left to others, and so are paused ones.
     *
     * @return this engine
     */
    public Backstitch work() {
        engine.lookEvery(LOOK, new WorkForOthers(config, engine, dags, this::resume)::look);
        return this;
    }

    /**
     * Rebuilds the runs that the ledger knows and the state store does not, for a state store that was lost. A run that had
     * begun and not ended can then be resumed, and one that was published taken back. What a lost state store costs is
     * history: times, attempts, and who was asked to pause. Nothing is written to a target.
     *
     * <p>If the process that acts for such a run still lives, it is fenced by the resume.
     *
     * @return what was rebuilt, oldest first
     */
    public List<RunRecord> recover() {
        synchronized (takeover) {
            return new RecoverRuns(config, takeover).run();
        }
    }

    /** How the audits of a run were judged last, by backfill; those that were not yet are missing. */
    public Map<String, List<AuditNote>> audits(String id) {
        return new AuditsOfRun(config, id, ordersOf(id)).notes();
    }

    /**
     * Lets a failed audit pass: a person takes what it observed for right. A resume then audits again, and goes on if it
     * observes the same. An invariant of the engine's can't be accepted.
     *
     * @param audit its name
     * @param who the person
     * @param why the reason, for ledger and report
     * @throws BackstitchException with {@code UNKNOWN_AUDIT} when no declared audit of this name has failed in the run
     */
    public void accept(String id, String audit, String who, String why) {
        new AuditsOfRun(config, id, ordersOf(id)).accept(audit, who, why);
    }

    /**
     * Approves the publish of a run that waits for a person, for what its audits observed. A resume then publishes.
     *
     * @param who the person
     * @param why the reason, for ledger and report
     * @throws BackstitchException with {@code WRONG_STATE} when no publish of the run waits for it
     */
    public void approve(String id, String who, String why) {
        new AuditsOfRun(config, id, ordersOf(id)).approve(who, why);
    }

    /** All that is known of a run, for a page by {@link dev.backstitch.report.HtmlReport}. It only reads. */
    public RunReport report(String id) {
        return new ReportOfRun(config).of(stored.record(id), planOf(id), ordersOf(id));
    }

    /** What publishes of any run have kept of the targets of the runs known here, the newest first of each target. */
    public List<Archive> archives() {
        return runs().stream()
                .flatMap(run -> stored.orders(run).stream())
                .map(WorkOrder::live)
                .distinct()
                .flatMap(target -> config.connector().ledger().archives(target).stream())
                .toList();
    }

    /** What people were told of a run, or are to be, through every channel; oldest first. */
    public List<NoticeRecord> notices(String id) {
        return config.state().notices(stored.record(id).id());
    }

    /** What is watched after its publish, and what was; those that end last come first. */
    public List<WatchRecord> watches() {
        return config.state().watches();
    }

    /**
     * Looks at what is watched and due. An open engine does that by itself; this is for a program that ends soon, and is
     * started again and again.
     *
     * @return how many watches were looked at
     */
    public int lookAtWatches() {
        return engine.lookAtWatches();
    }

    /** What runs hold downstream now, or held when their process ended. */
    public List<HoldRecord> holds() {
        return config.state().holds();
    }

    /**
     * Releases what is held downstream for runs that have ended, or whose process has. An open engine does that by itself;
     * this is for a program that ends soon.
     *
     * @return how many holds there were
     */
    public int releaseLeftHolds() {
        return engine.releaseLeftHolds();
    }

    /**
     * Drops the archives of runs known here whose retention is over, by their database's clock. Their publishes can't be
     * taken back any more.
     *
     * @return what was dropped, or found gone
     * @throws BackstitchException with {@code ARCHIVE_GONE} when another table has an archive's name; those before it are
     *     dropped
     */
    public List<Archive> purgeArchives() {
        List<Archive> dropped = new ArrayList<>();
        for (RunRecord run : runs()) {
            for (WorkOrder order : stored.orders(run)) {
                Optional<Archive> archive = config.connector().ledger().archive(order);
                if (archive.filter(kept -> kept.state() == Archive.State.KEPT).isPresent()) {
                    Publishes.Purged purged = config.connector().publishes().purge(order, Interrupt.never());
                    if (purged == Publishes.Purged.DROPPED || purged == Publishes.Purged.WAS_GONE) {
                        dropped.add(archive.get());
                    }
                }
            }
        }
        return dropped;
    }

    /** Every run that the state store knows, newest first. */
    public List<RunRecord> runs() {
        return config.state().runs();
    }

    /** The latest run of a dag that has not ended for good, if there is one. */
    public Optional<RunRecord> unfinished(Dag dag) {
        return runs().stream()
                .filter(run -> run.dag().equals(dag.name()) && !run.state().isFinal())
                .findFirst();
    }

    /** The plan that a run froze. */
    public Plan planOf(String id) {
        return stored.plan(id);
    }

    /** The work of a run as the connector sees it, one order a backfill: names of shadow and archive among them. */
    public List<WorkOrder> ordersOf(String id) {
        return stored.orders(stored.record(id));
    }

    /** What this engine works with. */
    public BackstitchConfig config() {
        return config;
    }

    /** Interrupts what runs, ends the leases, and closes connector and state store. */
    @Override
    public void close() {
        engine.close();
        config.connector().close();
        config.state().close();
    }
}
