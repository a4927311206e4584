package dev.backstitch.dsl;

import dev.backstitch.spec.Scope;
import dev.backstitch.spec.TableName;
import java.time.LocalDate;
import java.time.LocalDateTime;

/**
 * A column that is divided into hours, days, weeks or months; next: which of them. Each is named by its beginning: as text a
 * day is written like {@code 2001-01-31}, an hour like {@code 2001-01-31T13:00}, a week by its Monday, and a month like
 * {@code 2001-01}. A beginning that is none is refused when the dag is planned, and never moved.
 */
public sealed interface PeriodsStep permits CalendarStep {
    /**
     * A range, which begins with this one.
     *
     * @throws IllegalArgumentException when it is not a time
     */
    PeriodsToStep from(String first);

    /** A range, which begins with this day, or with the hour, week or month that begins with it. */
    PeriodsToStep from(LocalDate first);

    /** A range, which begins with this time. */
    PeriodsToStep from(LocalDateTime first);

    /**
     * The last ones that have ended when the backfill is planned; the present one never counts.
     *
     * @param count how many, at least 1
     */
    Scope last(int count);

    /**
     * Those that have ended since what is published of a table, when the backfill is planned: from the one in which the
     * gapless beginning of its published partitions ends to the last one that has ended.
     *
     * @param published from {@link Dsl#watermark(String)}
     */
    Scope since(TableName published);

    /**
     * Just these, in any order, each once.
     *
     * @throws IllegalArgumentException when one of them is not a time
     */
    Scope only(String first, String... rest);

    /** Just these, in any order, each once. */
    Scope only(LocalDate first, LocalDate... rest);
}
