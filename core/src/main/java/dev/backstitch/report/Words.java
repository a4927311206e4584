package dev.backstitch.report;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Numbers, times and other people's text, in every locale the same. */
final class Words {
    private static final double MILLIS = 1000.0;

    /** The last two points of each plane are no characters. */
    private static final int LAST_OF_PLANE = 0xfffe;

    private Words() {}

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    static String time(Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS)
                .toString()
                .replace('T', ' ')
                .replace("Z", " UTC");
    }

    /** {@code 0.19 s}, {@code 4 min 7 s}, {@code 3 h 20 min}. */
    static String took(Duration duration) {
        if (duration.compareTo(Duration.ofMinutes(1)) < 0) {
            return String.format(Locale.ROOT, "%.2f s", duration.toMillis() / MILLIS);
        }
        return duration.compareTo(Duration.ofHours(1)) < 0
                ? duration.toMinutes() + " min " + duration.toSecondsPart() + " s"
                : duration.toHours() + " h " + duration.toMinutesPart() + " min";
    }

    /** Text that may stand between the tags of a page and in its attributes, whatever somebody has put into it. */
    static String escaped(String text) {
        StringBuilder safe = new StringBuilder(text.length() + 16);
        visible(text).codePoints().forEach(point -> {
            switch (point) {
                case '<' -> safe.append("&lt;");
                case '>' -> safe.append("&gt;");
                case '&' -> safe.append("&amp;");
                case '"' -> safe.append("&quot;");
                case '\'' -> safe.append("&#39;");
                default -> safe.appendCodePoint(point);
            }
        });
        return safe.toString();
    }

    /**
     * Text in which each character can be seen: controls but for line feed and tab, what turns the direction of writing,
     * and what neither XML nor a file in UTF-8 can hold are shown as their numbers.
     */
    static String visible(String text) {
        StringBuilder visible = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(point -> {
            if (point == '\n' || point == '\t' || !isHidden(point)) {
                visible.appendCodePoint(point);
            } else {
                visible.append(String.format(Locale.ROOT, "\u27e8%04x\u27e9", point));
            }
        });
        return visible.toString();
    }

    private static boolean isHidden(int point) {
        int type = Character.getType(point);
        boolean isNoCharacter = (point & LAST_OF_PLANE) == LAST_OF_PLANE;
        return Character.isISOControl(point)
                || type == Character.FORMAT
                || type == Character.SURROGATE
                || isNoCharacter;
    }
}
