package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import java.util.Locale;

/**
 * One of the ten that a careful team asks of every backfill, and how a plan meets it. Most of them can't be left unmet, since the
 * dag would not compile; what is open here is allowed, and for a person to see.
 *
 * @param ask which of the ten
 * @param outcome whether it is met
 * @param how by what, or what is missing
 */
public record SafetyItem(Ask ask, Outcome outcome, String how) {
    public SafetyItem {
        requireNonNull(ask, "ask");
        requireNonNull(outcome, "outcome");
        requireNonNull(how, "how");
    }

    /** Whether a plan meets it. */
    public enum Outcome {
        MET,
        OPEN
    }

    /** The ten, in the order in which people go through them. */
    public enum Ask {
        SCOPE,
        PARTITIONS,
        REPEATABLE_WRITES,
        NO_DUPLICATES,
        SHADOW,
        QUALITY_TESTS,
        RESOURCES,
        ISOLATION,
        RESUME,
        ROLLBACK;

        /** {@code quality tests}, for people. */
        public String words() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }
}
