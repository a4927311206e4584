package dev.backstitch.plan;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.Lists;
import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Scope;
import dev.backstitch.spec.Slice;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Turns a declared scope into its partitions, once, when a backfill is planned. Pure but for the clock handed in. */
public final class ScopeResolver {
    private final Clock clock;
    private final Function<Scope.Since, LocalDateTime> beginnings;

    private ScopeResolver(Clock clock, Function<Scope.Since, LocalDateTime> beginnings) {
        this.clock = requireNonNull(clock, "clock");
        this.beginnings = requireNonNull(beginnings, "beginnings");
    }

    /**
     * The partitions of a scope in the order in which they run, also those that have not ended yet. No database is asked: a
     * scope since a watermark is what it would be if only the last unit that has ended were missing.
     *
     * @param scope one that {@link BuildGate} lets pass
     * @param clock tells relative scopes what time it is, in its zone where they have none
     */
    public static List<Partition> resolve(Scope scope, Clock clock) {
        return resolve(
                scope,
                clock,
                since -> Periods.now(since.by(), clock)
                        .minus(1, since.by().unit().chrono()));
    }

    /**
     * The partitions of a scope in the order in which they run, also those that have not ended yet.
     *
     * @param beginnings the first unit of a scope since a watermark
     */
    static List<Partition> resolve(Scope scope, Clock clock, Function<Scope.Since, LocalDateTime> beginnings) {
        return new ScopeResolver(clock, beginnings).partitions(scope);
    }

    private List<Partition> partitions(Scope scope) {
        return scope.match(new Scope.Cases<>() {
            @Override
            public List<Partition> range(Scope.Range range) {
                return new Periods(range.by()).between(range.from(), range.to());
            }

            @Override
            public List<Partition> last(Scope.Last last) {
                return new Periods(last.by()).last(last.count(), clock);
            }

            @Override
            public List<Partition> since(Scope.Since since) {
                return new Periods(since.by()).since(beginnings.apply(since), clock);
            }

            @Override
            public List<Partition> only(Scope.Only only) {
                Periods periods = new Periods(only.by());
                return only.starts().stream()
                        .sorted()
                        .flatMap(start -> periods.of(start).stream())
                        .toList();
            }

            @Override
            public List<Partition> values(Scope.Values values) {
                return values.values().stream()
                        .map(value -> new Partition(id(value), new Slice.Value(values.column(), value)))
                        .toList();
            }

            @Override
            public List<Partition> ids(Scope.Ids ids) {
                long count = Math.floorDiv(ids.to() - ids.from() + ids.step() - 1, ids.step());
                return LongStream.range(0, count)
                        .map(i -> ids.from() + i * ids.step())
                        .mapToObj(from -> numbers(ids.column(), from, Math.min(from + ids.step(), ids.to())))
                        .toList();
            }

            @Override
            public List<Partition> product(Scope.Product product) {
                List<List<Partition>> factors = product.factors().stream()
                        .map(ScopeResolver.this::partitions)
                        .toList();
                return Lists.cartesianProduct(factors).stream()
                        .map(ScopeResolver::product)
                        .toList();
            }

            @Override
            public List<Partition> except(Scope.Except except) {
                Set<String> excluded = partitions(except.excluded()).stream()
                        .map(Partition::id)
                        .collect(Collectors.toSet());
                return partitions(except.of()).stream()
                        .filter(partition -> !excluded.contains(partition.id()))
                        .toList();
            }

            @Override
            public List<Partition> backwards(Scope.Backwards backwards) {
                List<Partition> turned = new ArrayList<>(partitions(backwards.of()));
                Collections.reverse(turned);
                return turned;
            }

            @Override
            public List<Partition> unended(Scope.Unended unended) {
                return partitions(unended.of());
            }

            /** All of them: which of them lack something is decided by counting. */
            @Override
            public List<Partition> missing(Scope.Missing missing) {
                return partitions(missing.of());
            }
        });
    }

    /** The ids that a scope excludes and does not have, wherever in it that is said. */
    static List<String> excludedInVain(Scope scope, Clock clock, Function<Scope.Since, LocalDateTime> beginnings) {
        if (scope instanceof Scope.Except except) {
            Set<String> there = resolve(except.of(), clock, beginnings).stream()
                    .map(Partition::id)
                    .collect(Collectors.toSet());
            return resolve(except.excluded(), clock, beginnings).stream()
                    .map(Partition::id)
                    .filter(id -> !there.contains(id))
                    .toList();
        }
        if (scope instanceof Scope.Backwards backwards) {
            return excludedInVain(backwards.of(), clock, beginnings);
        }
        if (scope instanceof Scope.Unended unended) {
            return excludedInVain(unended.of(), clock, beginnings);
        }
        if (scope instanceof Scope.Missing missing) {
            return excludedInVain(missing.of(), clock, beginnings);
        }
        return scope instanceof Scope.Product product
                ? product.factors().stream()
                        .flatMap(factor -> excludedInVain(factor, clock, beginnings).stream())
                        .toList()
                : List.of();
    }

    private static Partition numbers(String column, long from, long to) {
        return new Partition(from + ".." + to, new Slice.Numbers(column, from, to));
    }

    private static Partition product(List<Partition> factors) {
        return new Partition(
                factors.stream().map(Partition::id).collect(Collectors.joining("/")),
                new Slice.Product(factors.stream()
                        .flatMap(factor -> factor.slice().factors().stream())
                        .toList()));
    }

    /** The value itself; what would break a line or an id of several parts, by its number, as in an address. */
    private static String id(String value) {
        StringBuilder id = new StringBuilder();
        value.codePoints().forEach(point -> {
            if (point == '%'
                    || point == '/'
                    || Character.isISOControl(point)
                    || Character.getType(point) == Character.FORMAT
                    || point == '\u2028'
                    || point == '\u2029') {
                id.append('%').append(String.format(Locale.ROOT, "%02X", point)).append(';');
            } else {
                id.appendCodePoint(point);
            }
        });
        return id.length() == 0 ? "%empty;" : id.toString();
    }

    /**
     * The moment from which a partition has ended; nothing where it isn't one of time.
     *
     * @param zone in which days begin and end that have no zone of their own
     */
    public static Optional<Instant> end(Partition partition, ZoneId zone) {
        return partition.slice().factors().stream()
                .flatMap(factor -> endOf(factor, zone).stream())
                .max(Instant::compareTo);
    }

    private static Optional<Instant> endOf(Slice slice, ZoneId zone) {
        if (slice instanceof Slice.Days days) {
            return Optional.of(days.to().atStartOfDay(zone).toInstant());
        }
        if (slice instanceof Slice.Times times) {
            return Optional.of(times.to().atZone(zone).toInstant());
        }
        return slice instanceof Slice.Instants instants ? Optional.of(instants.to()) : Optional.empty();
    }

    /** Whether a partition has ended by this clock and its zone; before that, its source may still grow. */
    public static boolean hasEnded(Partition partition, Clock clock) {
        return end(partition, clock.getZone())
                .map(end -> !clock.instant().isBefore(end))
                .orElse(true);
    }
}
