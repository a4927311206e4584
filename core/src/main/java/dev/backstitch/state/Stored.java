package dev.backstitch.state;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/** Values as the columns can hold them. */
final class Stored {
    private static final int LONGEST = 10_000;

    private Stored() {}

    /** A message, without the character that PostgreSQL can't store, and cut: recording a failure must not fail. */
    static String message(String text) {
        String storable = text.replace('\0', ' ');
        return storable.length() <= LONGEST ? storable : storable.substring(0, LONGEST - 1) + "…";
    }

    /** Cut to microseconds; databases would round, and a time that is rounded up hasn't come yet. */
    static Instant instant(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS);
    }

    /** The same for a bind of plain JDBC, which has no type for an instant. */
    static OffsetDateTime bind(Instant instant) {
        return instant(instant).atOffset(ZoneOffset.UTC);
    }
}
