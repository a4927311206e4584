package dev.backstitch.dsl;

import java.time.ZoneId;

/**
 * A column that is divided by the calendar; next: whose calendar, where the column denotes instants, or at once which
 * partitions.
 */
public sealed interface CalendarStep extends PeriodsStep permits DaysStep {
    /**
     * The hours, days, weeks or months of this zone, with its days of 23 and 25 hours. The column is a timestamp with a
     * zone, or one without that holds UTC. Without this word they are those that the column itself shows.
     */
    PeriodsStep in(ZoneId zone);
}
