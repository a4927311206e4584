package dev.backstitch;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;

/** Ids of runs: they sort by time, can be typed, and don't collide between machines. */
final class RunIds {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    private RunIds() {}

    /** Such as {@code 20261123-221530-9f3a}. */
    static String next(Clock clock) {
        byte[] random = new byte[2];
        RANDOM.nextBytes(random);
        return TIME.format(clock.instant().atOffset(ZoneOffset.UTC)) + "-"
                + HexFormat.of().formatHex(random);
    }
}
