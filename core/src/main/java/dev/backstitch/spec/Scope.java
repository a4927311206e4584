package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.time.LocalDate;
import java.util.List;

/** What is recomputed, before it is resolved: relative scopes become dates once, when the backfill is planned. */
public sealed interface Scope {
    /** The column of the target by which it is divided. */
    String column();

    /** Answers by its kind. */
    <R> R match(Cases<R> cases);

    /**
     * An answer for each kind of scope.
     *
     * @param <R> what is answered
     */
    interface Cases<R> {
        R dayRange(DayRange scope);

        R lastDays(LastDays scope);

        R onlyDays(OnlyDays scope);
    }

    /**
     * Every day of a half-open range.
     *
     * @param from the first day
     * @param to the day after the last one
     */
    record DayRange(String column, LocalDate from, LocalDate to) implements Scope {
        public DayRange {
            requireNonNull(column, "column");
            requireNonNull(from, "from");
            requireNonNull(to, "to");
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.dayRange(this);
        }
    }

    /**
     * The last days that have ended; today never counts.
     *
     * @param count how many, at least 1
     */
    record LastDays(String column, int count) implements Scope {
        public LastDays {
            requireNonNull(column, "column");
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.lastDays(this);
        }
    }

    /** Just these days, in any order, each once. */
    record OnlyDays(String column, List<LocalDate> days) implements Scope {
        public OnlyDays {
            requireNonNull(column, "column");
            days = List.copyOf(days);
        }

        @Override
        public <R> R match(Cases<R> cases) {
            return cases.onlyDays(this);
        }
    }
}
