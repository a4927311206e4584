package dev.backstitch.plan;

import dev.backstitch.spec.Calendar;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The partitions of a calendar: half-open, without a gap, without an overlap, together all of what lies between the first
 * one's beginning and the last one's end. Pure.
 */
final class Periods {
    private static final DateTimeFormatter HOUR = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH", Locale.ROOT);
    private static final DateTimeFormatter ZONED_HOUR = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HHxxx", Locale.ROOT);
    private static final DateTimeFormatter MONTH = DateTimeFormatter.ofPattern("uuuu-MM", Locale.ROOT);

    private final Calendar by;

    Periods(Calendar by) {
        this.by = by;
    }

    /** @param from and {@code to} lie on boundaries of the unit */
    List<Partition> between(LocalDateTime from, LocalDateTime to) {
        return by.zone().isEmpty()
                ? shown(from, to)
                : by.unit() == Calendar.Unit.HOURS
                        ? hours(
                                start(from, by.zone().get()),
                                start(to, by.zone().get()),
                                by.zone().get())
                        : instants(from, to, by.zone().get());
    }

    /** The unit that begins here: one, but none where a zone has skipped a day, and two where it has an hour twice. */
    List<Partition> of(LocalDateTime start) {
        return between(start, start.plus(1, by.unit().chrono()));
    }

    /** The beginning of the present one. */
    static LocalDateTime now(Calendar by, Clock clock) {
        return by.unit()
                .floor(LocalDateTime.ofInstant(clock.instant(), by.zone().orElse(clock.getZone())));
    }

    /** The last ones that have ended. */
    List<Partition> last(int count, Clock clock) {
        // One more, since a zone may have skipped one.
        List<Partition> ended = since(now(by, clock).minus(count + 1L, by.unit().chrono()), clock);
        return ended.subList(Math.max(0, ended.size() - count), ended.size());
    }

    /** Those from this one on that have ended. */
    List<Partition> since(LocalDateTime first, Clock clock) {
        // Beyond the present one, which may be an hour that comes twice.
        LocalDateTime end = now(by, clock).plus(2, by.unit().chrono());
        Clock there = clock.withZone(by.zone().orElse(clock.getZone()));
        return first.isBefore(end)
                ? between(first, end).stream()
                        .filter(partition -> ScopeResolver.hasEnded(partition, there))
                        .toList()
                : List.of();
    }

    private List<Partition> shown(LocalDateTime from, LocalDateTime to) {
        List<Partition> partitions = new ArrayList<>();
        long count = by.unit().chrono().between(from, to);
        for (long i = 0; i < count; i++) {
            LocalDateTime start = from.plus(i, by.unit().chrono());
            LocalDateTime end = from.plus(i + 1, by.unit().chrono());
            Slice slice = by.unit() == Calendar.Unit.HOURS
                    ? new Slice.Times(by.column(), start, end)
                    : new Slice.Days(by.column(), start.toLocalDate(), end.toLocalDate());
            partitions.add(new Partition(id(start), slice));
        }
        return partitions;
    }

    /** Days, weeks and months of a zone: as long as they are there, 23 and 25 hours included. */
    private List<Partition> instants(LocalDateTime from, LocalDateTime to, ZoneId zone) {
        List<Partition> partitions = new ArrayList<>();
        long count = by.unit().chrono().between(from, to);
        for (long i = 0; i < count; i++) {
            LocalDateTime start = from.plus(i, by.unit().chrono());
            Instant begins = startOfDay(start.toLocalDate(), zone);
            Instant ends = startOfDay(from.plus(i + 1, by.unit().chrono()).toLocalDate(), zone);
            // A zone that changed its side of the date line has skipped a day.
            if (begins.isBefore(ends)) {
                partitions.add(new Partition(id(start), new Slice.Instants(by.column(), begins, ends)));
            }
        }
        return partitions;
    }

    /**
     * Hours of a zone: each ends at the next full hour of its clock, or where the clock is changed. An hour that comes twice
     * is two partitions, told apart by their offsets.
     */
    private List<Partition> hours(Instant from, Instant to, ZoneId zone) {
        List<Partition> partitions = new ArrayList<>();
        ZoneRules rules = zone.getRules();
        Instant start = from;
        Instant change = change(rules, start);
        while (start.isBefore(to)) {
            ZoneOffset offset = rules.getOffset(start);
            ZonedDateTime clock = start.atZone(offset);
            Instant end = clock.truncatedTo(ChronoUnit.HOURS).plusHours(1).toInstant();
            if (change.isBefore(end)) {
                end = change;
            }
            end = end.isBefore(to) ? end : to;
            partitions.add(new Partition(ZONED_HOUR.format(clock), new Slice.Instants(by.column(), start, end)));
            start = end;
            if (!start.isBefore(change)) {
                change = change(rules, start);
            }
        }
        return partitions;
    }

    private static Instant change(ZoneRules rules, Instant after) {
        ZoneOffsetTransition next = rules.nextTransition(after);
        return next == null ? Instant.MAX : next.getInstant();
    }

    /** When a zone's clock shows this time first; of a time that it never shows, when it would have come. */
    private static Instant start(LocalDateTime time, ZoneId zone) {
        ZoneOffsetTransition change = zone.getRules().getTransition(time);
        return change != null && change.isGap()
                ? change.getInstant()
                : time.atZone(zone).toInstant();
    }

    /** The first moment of a day: of one that begins twice the earlier, of one without midnight the first that there is. */
    private static Instant startOfDay(LocalDate day, ZoneId zone) {
        return day.atStartOfDay(zone).toInstant();
    }

    private String id(LocalDateTime start) {
        return switch (by.unit()) {
            case HOURS -> HOUR.format(start);
            case DAYS -> start.toLocalDate().toString();
            // Without the day of the week, which is always the first.
            case WEEKS ->
                DateTimeFormatter.ISO_WEEK_DATE.format(start.toLocalDate()).replaceFirst("-1$", "");
            case MONTHS -> MONTH.format(start);
        };
    }
}
