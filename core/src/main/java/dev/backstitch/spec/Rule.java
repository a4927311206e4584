package dev.backstitch.spec;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;

/** What a row fulfils or breaks. */
public sealed interface Rule {
    /** Its name in plan and report. */
    String name();

    /** The column that it is about; nothing for a condition of the developer's own. */
    Optional<String> column();

    /**
     * A column has one of these values.
     *
     * @param values as text; they are compared as values of the column's type
     */
    record Accepted(String of, List<String> values) implements Rule {
        public Accepted {
            requireNonNull(of, "of");
            values = List.copyOf(values);
        }

        @Override
        public String name() {
            return "acceptedValues(" + of + ")";
        }

        @Override
        public Optional<String> column() {
            return Optional.of(of);
        }
    }

    /**
     * A column lies between two numbers, both included. NaN lies above every number.
     *
     * @param least the least number
     * @param greatest the greatest
     */
    record InRange(String of, BigDecimal least, BigDecimal greatest) implements Rule {
        public InRange {
            requireNonNull(of, "of");
            requireNonNull(least, "least");
            requireNonNull(greatest, "greatest");
        }

        @Override
        public String name() {
            return "range(" + of + ") between " + least.toPlainString() + " and " + greatest.toPlainString();
        }

        @Override
        public Optional<String> column() {
            return Optional.of(of);
        }
    }

    /**
     * The whole of a column's text matches a regular expression, in what all databases understand alike: literals, {@code .},
     * brackets, groups, {@code |}, {@code * + ?} and <code>{m,n}</code>, and {@code \\d \\w \\s} for ASCII.
     */
    record Matches(String of, String pattern) implements Rule {
        public Matches {
            requireNonNull(of, "of");
            requireNonNull(pattern, "pattern");
        }

        @Override
        public String name() {
            return "matches(" + of + ", " + pattern + ")";
        }

        @Override
        public Optional<String> column() {
            return Optional.of(of);
        }
    }

    /** A condition over the shadow's columns, in the database's own words. */
    record Satisfies(String condition) implements Rule {
        public Satisfies {
            requireNonNull(condition, "condition");
        }

        @Override
        public String name() {
            return "satisfies(" + condition + ")";
        }

        @Override
        public Optional<String> column() {
            return Optional.empty();
        }
    }
}
