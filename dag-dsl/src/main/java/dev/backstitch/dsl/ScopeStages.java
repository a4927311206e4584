package dev.backstitch.dsl;

import static dev.backstitch.dsl.AtLeastOne.atLeastOne;
import static java.util.Objects.requireNonNull;

import dev.backstitch.spec.Calendar;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.TableName;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/** What is known of a scope after each of its steps. */
final class ScopeStages {
    private ScopeStages() {}

    /** A calendar, at whichever of its steps: each shows it by the interface of what may follow. */
    record Periods(Calendar by) implements DaysStep {
        @Override
        public PeriodsStep in(ZoneId zone) {
            return new Periods(new Calendar(by.column(), by.unit(), Optional.of(requireNonNull(zone, "zone"))));
        }

        @Override
        public PeriodsToStep from(String first) {
            return from(time(by, first));
        }

        @Override
        public PeriodsToStep from(LocalDate first) {
            return from(first.atStartOfDay());
        }

        @Override
        public PeriodsToStep from(LocalDateTime first) {
            return new From(by, first);
        }

        @Override
        public Scope last(int count) {
            return new Scope.Last(by, count);
        }

        @Override
        public Scope since(TableName published) {
            return new Scope.Since(by, published);
        }

        @Override
        public Scope lastDays(int count) {
            return last(count);
        }

        @Override
        public Scope only(String first, String... rest) {
            return new Scope.Only(
                    by,
                    atLeastOne(first, rest).stream().map(text -> time(by, text)).toList());
        }

        @Override
        public Scope only(LocalDate first, LocalDate... rest) {
            return new Scope.Only(
                    by,
                    atLeastOne(first, rest).stream()
                            .map(LocalDate::atStartOfDay)
                            .toList());
        }
    }

    record From(Calendar by, LocalDateTime first) implements PeriodsToStep {
        From {
            requireNonNull(first, "first");
        }

        @Override
        public Scope to(String next) {
            return to(time(by, next));
        }

        @Override
        public Scope to(LocalDate next) {
            return to(next.atStartOfDay());
        }

        @Override
        public Scope to(LocalDateTime next) {
            return new Scope.Range(by, first, next);
        }
    }

    record Ids(String column) implements IdsStep {
        Ids {
            requireNonNull(column, "column");
        }

        @Override
        public IdsToStep from(long first) {
            return new IdsFrom(column, first);
        }
    }

    record IdsFrom(String column, long first) implements IdsToStep {
        @Override
        public IdsStepStep to(long next) {
            return new IdsFromTo(column, first, next);
        }
    }

    record IdsFromTo(String column, long first, long next) implements IdsStepStep {
        @Override
        public Scope step(long count) {
            return new Scope.Ids(column, first, next, count);
        }
    }

    private static LocalDateTime time(Calendar by, String text) {
        try {
            if (requireNonNull(text, "text").contains("T")) {
                return LocalDateTime.parse(text);
            }
            boolean month = by.unit() == Calendar.Unit.MONTHS && text.indexOf('-', 1) == text.lastIndexOf('-');
            return (month ? YearMonth.parse(text).atDay(1) : LocalDate.parse(text)).atStartOfDay();
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "a " + by.unit().noun() + " is written like " + example(by.unit()) + ": \"" + text + '"', e);
        }
    }

    private static String example(Calendar.Unit unit) {
        return switch (unit) {
            case HOURS -> "2001-01-31T13:00";
            case DAYS -> "2001-01-31";
            case WEEKS -> "2001-01-29, its Monday";
            case MONTHS -> "2001-01";
        };
    }
}
