package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import java.util.Optional;

/**
 * One item of the checklist that a plan goes through for a backfill. What would endanger data is not among the items that
 * may be unmet: it refuses the plan.
 *
 * @param subject what is looked at
 * @param outcome how it stands
 * @param found what was found, for people
 * @param waiver who accepts it unmet, and why
 */
public record CheckItem(Subject subject, Outcome outcome, String found, Optional<Waiver> waiver) {
    public CheckItem {
        requireNonNull(subject, "subject");
        requireNonNull(outcome, "outcome");
        requireNonNull(found, "found");
        requireNonNull(waiver, "waiver");
    }

    CheckItem(Subject subject, Outcome outcome, String found) {
        this(subject, outcome, found, Optional.empty());
    }

    CheckItem waivedBy(Waiver person) {
        return new CheckItem(subject, Outcome.WAIVED, found, Optional.of(person));
    }

    /** What a careful engineer looks at before a backfill. */
    public enum Subject {
        SCOPE,
        KEY,
        DEPENDENTS,
        PRIVILEGES,
        OTHER_BACKFILLS,
        SPACE,
        ARCHIVE,
        LATE_WRITES,
        COMPARISON,
        DOWNSTREAM,
        SOURCE;

        /** As it is written in a waiver: {@code late-writes}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** How an item stands. */
    public enum Outcome {
        /** It is as it should be. */
        PASSED,
        /** It is not, which a person should know; the run may begin. */
        OPEN,
        /** It is not, and the run does not begin until it is, or is waived. */
        REFUSED,
        /** It is not, and a person accepts that. */
        WAIVED,
        /** It cannot be found out. */
        UNKNOWN
    }
}
