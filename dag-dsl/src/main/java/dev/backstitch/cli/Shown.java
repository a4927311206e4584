package dev.backstitch.cli;

import dev.backstitch.plan.Plan;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Numbers and times as the command line shows them, in every locale the same. */
final class Shown {
    private static final double MILLIS = 1000.0;

    private Shown() {}

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static String count(long value, String what) {
        return number(value) + " " + what + (value == 1 ? "" : "s");
    }

    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** Text of somebody else's on one line, in which nothing can move the cursor or turn the direction of writing. */
    static String safe(String text) {
        StringBuilder safe = new StringBuilder();
        text.codePoints().forEach(point -> {
            boolean harmless = !Character.isISOControl(point)
                    && Character.getType(point) != Character.FORMAT
                    && Character.getType(point) != Character.LINE_SEPARATOR
                    && Character.getType(point) != Character.PARAGRAPH_SEPARATOR;
            if (harmless) {
                safe.appendCodePoint(point);
            } else {
                safe.append(String.format(Locale.ROOT, "<%04x>", point));
            }
        });
        return safe.toString();
    }

    /** The same of a text of several lines, which keeps its lines and tabs. */
    static String safeLines(String text) {
        return text.lines()
                .map(line -> Stream.of(line.split("\t", -1)).map(Shown::safe).collect(Collectors.joining("\t")))
                .collect(Collectors.joining(System.lineSeparator()));
    }

    /** The targets of a plan: {@code analytics.costs, analytics.orders}. */
    static String targets(Plan plan) {
        return plan.backfills().stream()
                .map(planned -> planned.live().toString())
                .collect(Collectors.joining(", "));
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.2f s", duration.toMillis() / MILLIS);
    }
}
