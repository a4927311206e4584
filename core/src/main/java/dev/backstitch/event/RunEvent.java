package dev.backstitch.event;

import dev.backstitch.audit.Verdict;
import dev.backstitch.spi.Archive;
import dev.backstitch.spi.MergeCounts;
import dev.backstitch.spi.Publishes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Something that happened in a run, told after it was committed. */
public sealed interface RunEvent {
    /** The run. */
    String run();

    /**
     * Somebody began to act for a run.
     *
     * @param dag the dag's name
     * @param epoch 1 for a new run, more for one that was taken over
     * @param backfills the names of its backfills
     * @param partitions how many it recomputes
     * @param merged how many of these are merged already
     */
    record RunStarted(String run, String dag, long epoch, List<String> backfills, int partitions, int merged)
            implements RunEvent {
        public RunStarted {
            backfills = List.copyOf(backfills);
        }
    }

    /**
     * A task instance succeeded.
     *
     * @param partition its partition's id; empty for a task that runs once
     */
    record TaskSucceeded(String run, String task, String partition, Duration took) implements RunEvent {}

    /** A partition is merged. */
    record PartitionMerged(String run, String backfill, String partition, MergeCounts rows) implements RunEvent {}

    /** A task instance failed and will be tried again. */
    record TaskRetried(String run, String task, String partition, int attempt, Duration pause, String error)
            implements RunEvent {}

    /**
     * A task has work that is ready and may not begin yet.
     *
     * @param reason such as a closed window, or a pool that is full
     * @param until when it may, by the engine's clock; nothing when that depends on others
     */
    record TaskWaits(String run, String task, String reason, Optional<Instant> until) implements RunEvent {}

    /** A task instance failed for good. */
    record TaskFailed(String run, String task, String partition, String error) implements RunEvent {}

    /** The shadow was measured and judged. */
    record Audited(String run, String backfill, List<Verdict> verdicts) implements RunEvent {
        public Audited {
            verdicts = List.copyOf(verdicts);
        }
    }

    /** The shadow is live. Told once by whoever acts for the run, also by one that took over after it. */
    record Published(String run, String backfill, Archive archive) implements RunEvent {}

    /**
     * Something downstream is held while the run goes on.
     *
     * @param hold its name
     */
    record Held(String run, String hold) implements RunEvent {}

    /** What was held goes on. */
    record Released(String run, String hold) implements RunEvent {}

    /** What was held could not be released; that is tried again as long as an engine is open. */
    record NotReleased(String run, String hold, String error) implements RunEvent {}

    /**
     * What is watched after a publish is not as it was at the look before.
     *
     * @param look which look found it, from 1
     * @param failed the checks that do not hold; none when all do again
     */
    record Watched(String run, String backfill, int look, List<Verdict> failed) implements RunEvent {
        public Watched {
            failed = List.copyOf(failed);
        }
    }

    /**
     * A breach was to take the publish back, and could not, such as when somebody has written to the target since. It is tried
     * again at the next look, and told again when that finds another breach.
     *
     * @param look which look found it, from 1
     */
    record NotTakenBack(String run, String backfill, int look, String reason) implements RunEvent {}

    /** Nothing more is watched of a backfill. */
    record WatchEnded(String run, String backfill, String why) implements RunEvent {}

    /** The run ended without a publish; it can be resumed. */
    record RunFailed(String run, String error) implements RunEvent {}

    /** The run ended because a person asked for it; it can be resumed. */
    record RunPaused(String run, String reason) implements RunEvent {}

    /** Another engine acts for the run; this one wrote nothing since. */
    record StoodDown(String run, String reason) implements RunEvent {}

    /** A publish was taken back. */
    record RolledBack(String run, Publishes.RolledBack outcome) implements RunEvent {}
}
