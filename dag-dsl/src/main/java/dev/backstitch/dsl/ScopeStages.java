package dev.backstitch.dsl;

import static dev.backstitch.dsl.AtLeastOne.atLeastOne;
import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Scope;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;

/** What is known of a scope after each of its steps. */
final class ScopeStages {
    private ScopeStages() {}

    record Days(String column) implements DaysStep {
        Days {
            requireNonNull(column, "column");
        }

        @Override
        public DaysToStep from(String first) {
            return from(day(first));
        }

        @Override
        public DaysToStep from(LocalDate first) {
            return new DaysFrom(column, first);
        }

        @Override
        public Scope lastDays(int count) {
            return new Scope.LastDays(column, count);
        }

        @Override
        public Scope only(String first, String... rest) {
            return new Scope.OnlyDays(
                    column,
                    atLeastOne(first, rest).stream().map(ScopeStages::day).toList());
        }

        @Override
        public Scope only(LocalDate first, LocalDate... rest) {
            return new Scope.OnlyDays(column, atLeastOne(first, rest));
        }
    }

    record DaysFrom(String column, LocalDate first) implements DaysToStep {
        DaysFrom {
            requireNonNull(first, "first");
        }

        @Override
        public Scope to(String next) {
            return to(day(next));
        }

        @Override
        public Scope to(LocalDate next) {
            return new Scope.DayRange(column, first, next);
        }
    }

    private static LocalDate day(String text) {
        try {
            return LocalDate.parse(requireNonNull(text, "day"));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("a day is written like 2001-01-31: \"" + text + '"', e);
        }
    }
}
