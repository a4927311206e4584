package dev.backstitch.plan;

import static dev.backstitch.error.ErrorCode.NO_WATERMARK;
import static dev.backstitch.error.ErrorCode.TARGET_MISSING;

import dev.backstitch.error.Problem;
import dev.backstitch.spec.Backfill;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Slice;
import dev.backstitch.spi.Connector;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Where the scopes of a backfill begin that are said since a watermark. It is looked at once, when the backfill is planned.
 * Not thread-safe.
 */
final class Beginnings implements Function<Scope.Since, LocalDateTime> {
    private final Connector connector;
    private final Clock clock;
    private final String where;
    private final Map<Scope.Since, LocalDateTime> known = new HashMap<>();
    private final List<Problem> problems = new ArrayList<>();

    Beginnings(Connector connector, Clock clock, Backfill backfill) {
        this.connector = connector;
        this.clock = clock;
        this.where = backfill.name() + ".scope";
    }

    /** What kept a beginning from being found, since it was looked for. */
    List<Problem> problems() {
        return problems;
    }

    /** The unit in which the prefix ends, so that nothing is left out; where there is none, nothing that has ended. */
    @Override
    public LocalDateTime apply(Scope.Since since) {
        return known.computeIfAbsent(since, this::find);
    }

    private LocalDateTime find(Scope.Since since) {
        Optional<Watermark> watermark = new Watermarks(connector).of(since.table());
        if (watermark.isEmpty()) {
            problems.add(new Problem(
                    TARGET_MISSING,
                    where,
                    "a table " + since.table() + " in " + connector.name() + ", for since(watermark(..))",
                    "none of that name, as the database resolves names",
                    "Correct the name; a name with a dot in a part is written table(\"a\", \"b.c\")."));
            return Periods.now(since.by(), clock);
        }
        Optional<LocalDateTime> end = along(watermark.get(), since)
                .flatMap(along -> wallClock(along.prefix(), since.by().zone().orElse(clock.getZone())));
        if (end.isEmpty()) {
            problems.add(new Problem(
                    NO_WATERMARK,
                    where,
                    "partitions of " + since.table() + " that are published and follow one another in time",
                    found(watermark.get()),
                    "Say where the scope begins: from(..).to(..), or last(n)."));
        }
        return end.map(since.by().unit()::floor).orElseGet(() -> Periods.now(since.by(), clock));
    }

    /** The one by which it is divided, or the one of the same name. */
    private static Optional<Watermark.Along> along(Watermark watermark, Scope.Since since) {
        List<Watermark.Along> ranges = watermark.ranges();
        return ranges.size() == 1
                ? ranges.stream().findFirst()
                : ranges.stream()
                        .filter(along ->
                                along.column().equalsIgnoreCase(since.by().column()))
                        .findFirst();
    }

    private static Optional<LocalDateTime> wallClock(Slice.Range prefix, ZoneId zone) {
        if (prefix instanceof Slice.Days days) {
            return Optional.of(days.to().atStartOfDay());
        }
        if (prefix instanceof Slice.Times times) {
            return Optional.of(times.to());
        }
        return prefix instanceof Slice.Instants instants
                ? Optional.of(LocalDateTime.ofInstant(instants.to(), zone))
                : Optional.empty();
    }

    private static String found(Watermark watermark) {
        if (watermark.published().isEmpty()) {
            return "that no run has published any";
        }
        String first = watermark.published().get(0).partition();
        return watermark.ranges().isEmpty()
                ? watermark.published().size() + " that have no order as far as the ledger knows, such as " + first
                : "published ranges of "
                        + String.join(
                                ", ",
                                watermark.ranges().stream()
                                        .map(along -> along.prefix().toString())
                                        .toList());
    }
}
