package dev.backstitch.spi;

import static java.util.Objects.requireNonNull;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What was measured, all of it in one snapshot of shadow and target.
 *
 * @param values the answer to each measure whose answer is a number of rows, groups or keys
 * @param partitions the rows of each partition of the scope, by its id, in order
 * @param breaking of rules: the rows that break them, by partition; partitions without any are missing
 * @param figures the answer to each {@link Measure.Figure}
 */
public record Evidence(
        Map<Measure, Long> values,
        List<PartitionRows> partitions,
        Map<Measure, Map<String, Long>> breaking,
        Map<Measure.Figure, Figures> figures) {
    public Evidence {
        values = Map.copyOf(values);
        partitions = List.copyOf(partitions);
        breaking = Map.copyOf(breaking);
        figures = Map.copyOf(figures);
    }

    /** Evidence without rules and figures. */
    public Evidence(Map<Measure, Long> values, List<PartitionRows> partitions) {
        this(values, partitions, Map.of(), Map.of());
    }

    /** The answer to a measure that was asked. */
    public long value(Measure measure) {
        Long value = values.get(measure);
        if (value == null) {
            throw new IllegalArgumentException("not measured: " + measure);
        }
        return value;
    }

    /** The rows that break a rule, by partition. */
    public Map<String, Long> breaking(Measure measure) {
        return breaking.getOrDefault(measure, Map.of());
    }

    /** The answer to a figure that was asked. */
    public Figures figures(Measure.Figure figure) {
        Figures found = figures.get(figure);
        if (found == null) {
            throw new IllegalArgumentException("not measured: " + figure);
        }
        return found;
    }

    /**
     * The rows of one partition.
     *
     * @param partition its id
     * @param shadow its rows in the shadow
     * @param target its rows in the target
     * @param missing of the target's, those whose key the shadow lacks
     */
    public record PartitionRows(String partition, long shadow, long target, long missing) {}

    /**
     * A figure of all rows of the scope together, and of each partition; a partition without rows is missing.
     *
     * @param whole of all
     * @param each by partition
     */
    public record Figures(Amount whole, Map<String, Amount> each) {
        public Figures {
            requireNonNull(whole, "whole");
            each = Map.copyOf(each);
        }

        /** Of one partition. */
        public Amount of(String partition) {
            return each.getOrDefault(partition, Amount.NONE);
        }
    }

    /**
     * What a database answered where a number was asked for.
     *
     * @param text in its own words; empty where it answered null
     */
    public record Amount(Optional<String> text) {
        /** No value: there was no row, or nulls alone. */
        public static final Amount NONE = new Amount(Optional.empty());

        public Amount {
            requireNonNull(text, "text");
        }

        /** Whether there is any value, be it a number or not. */
        public boolean isThere() {
            return text.isPresent();
        }

        /** The number; nothing where there is no value, or one such as NaN or infinity. */
        public Optional<BigDecimal> number() {
            try {
                return text.map(BigDecimal::new);
            } catch (NumberFormatException notANumber) {
                return Optional.empty();
            }
        }

        @Override
        public String toString() {
            return number().map(Amount::plain)
                    .or(() -> text.map(Amount::special))
                    .orElse("no value");
        }

        /** Databases spell what is no number in their own ways. */
        private static String special(String text) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "nan" -> "NaN";
                case "inf", "infinity" -> "Infinity";
                case "-inf", "-infinity" -> "-Infinity";
                default -> text;
            };
        }

        private static String plain(BigDecimal number) {
            BigDecimal stripped = number.stripTrailingZeros();
            return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
        }
    }
}
