package dev.backstitch.plan;

import java.util.List;
import java.util.Locale;

/** Amounts of bytes in words. */
public final class Sizes {
    private static final double KILO = 1000;

    private Sizes() {}

    /** {@code 262 kB}, {@code 75 GB}, {@code 1.5 TB}: in the largest unit of which there is one. */
    public static String words(long bytes) {
        double amount = bytes;
        for (String unit : List.of("bytes", "kB", "MB", "GB")) {
            if (amount < KILO) {
                return String.format(Locale.ROOT, "%.0f %s", amount, unit);
            }
            amount /= KILO;
        }
        return String.format(Locale.ROOT, "%.1f TB", amount);
    }
}
