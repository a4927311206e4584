package dev.backstitch.state;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * What somebody is told through one channel, as it is stored.
 *
 * @param channel its name
 * @param key of the notice
 * @param kind of the notice
 * @param text of the notice
 * @param at when it was noticed
 * @param attempts how often it was tried to tell it
 * @param nextAt when it is tried next, while it is not told
 * @param error why the last attempt failed, or empty
 */
public record NoticeRecord(
        String channel,
        String key,
        String run,
        String kind,
        String text,
        Instant at,
        State state,
        int attempts,
        Instant nextAt,
        String error) {
    public NoticeRecord {
        requireNonNull(channel, "channel");
        requireNonNull(key, "key");
        requireNonNull(run, "run");
        requireNonNull(kind, "kind");
        requireNonNull(text, "text");
        requireNonNull(at, "at");
        requireNonNull(state, "state");
        requireNonNull(nextAt, "nextAt");
        requireNonNull(error, "error");
    }

    /** Whether it is told. */
    public enum State {
        PENDING,
        TOLD,
        /** It was tried often enough. */
        GIVEN_UP
    }
}
