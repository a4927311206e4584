package dev.backstitch.notice;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;

/**
 * What people are told of a run. There is one of each kind for each thing that happened, never one for each partition; told
 * again after a lost answer it has the same key.
 *
 * @param key the same each time that this is told, and of no other notice: for whoever must not act twice
 * @param kind what happened
 * @param run the run's id
 * @param dag the dag's name
 * @param owners who answers for its backfills
 * @param text one sentence, without escape sequences of anybody's
 * @param commands what may be done now, as arguments of the command line, such as {@code rollback 20260301-..}
 * @param at when it was noticed, by the engine's clock
 */
public record Notice(
        String key,
        Kind kind,
        String run,
        String dag,
        List<String> owners,
        String text,
        List<String> commands,
        Instant at) {
    public Notice {
        requireNonNull(key, "key");
        requireNonNull(kind, "kind");
        requireNonNull(run, "run");
        requireNonNull(dag, "dag");
        owners = List.copyOf(owners);
        requireNonNull(text, "text");
        commands = List.copyOf(commands);
        requireNonNull(at, "at");
    }

    /** What people are told of. */
    public enum Kind {
        STARTED,
        /** Something downstream is held. */
        HELD,
        /** Something downstream could not be released. */
        NOT_RELEASED,
        /** The run ended before its publish, and can be resumed. */
        FAILED,
        PAUSED,
        /** The publish waits for a person, or for its lock. */
        WAITING,
        PUBLISHED,
        CANCELLED,
        ROLLED_BACK,
        /** What is watched is not as it should be. */
        BREACH,
        /** What is watched is as it should be again. */
        BREACH_OVER,
        WATCH_ENDED,
        /** An archive's retention is over soon: its publish can't be taken back after that. */
        ARCHIVE_EXPIRES
    }
}
