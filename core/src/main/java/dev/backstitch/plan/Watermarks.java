package dev.backstitch.plan;

import dev.backstitch.spec.Partition;
import dev.backstitch.spec.Slice;
import dev.backstitch.spec.TableName;
import dev.backstitch.spi.Connector;
import dev.backstitch.spi.Entry;
import dev.backstitch.spi.KeptRun;
import dev.backstitch.spi.ResolvedTable;
import dev.backstitch.spi.TableInfo;
import dev.backstitch.spi.WorkOrder;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads watermarks off the ledger. Which rows a partition is, only the plan of its run says, which the ledger keeps; of a
 * partition whose plan it does not keep, the id alone is known.
 */
public final class Watermarks {
    private final Connector connector;

    public Watermarks(Connector connector) {
        this.connector = connector;
    }

    /** What is published of a table; nothing when there is no such table. */
    public Optional<Watermark> of(TableName name) {
        return connector.catalog().table(name).map(TableInfo::name).map(this::of);
    }

    private Watermark of(ResolvedTable table) {
        List<Entry> entries = connector.ledger().watermarks(table);
        Map<String, Map<String, Slice>> slices = entries.isEmpty() ? Map.of() : slices(table, runsOf(entries));
        List<Watermark.Published> published = entries.stream()
                .map(entry -> Watermark.Published.of(
                        entry,
                        Optional.ofNullable(
                                slices.getOrDefault(entry.run(), Map.of()).get(entry.partition()))))
                .toList();
        return new Watermark(table, published, along(published));
    }

    private static Set<String> runsOf(List<Entry> entries) {
        return entries.stream().map(Entry::run).collect(Collectors.toSet());
    }

    /** By run and partition. */
    private Map<String, Map<String, Slice>> slices(ResolvedTable table, Set<String> runs) {
        Map<String, Map<String, Slice>> slices = new HashMap<>();
        for (KeptRun kept : connector.ledger().kept()) {
            if (runs.contains(kept.run())) {
                WorkOrders.of(PlanFormat.read(kept.plan()), kept.run(), 1, kept.actor()).stream()
                        .filter(order -> order.live().equals(table))
                        .map(WorkOrder::scope)
                        .forEach(scope -> slices.put(
                                kept.run(),
                                scope.stream()
                                        .collect(Collectors.toMap(
                                                Partition::id, Partition::slice, (one, other) -> other))));
            }
        }
        return slices;
    }

    /** Days and times of one column are one axis: a day is from midnight to midnight of what the column shows. */
    private enum Kind {
        CLOCK,
        INSTANTS,
        NUMBERS
    }

    private record Axis(String column, Kind kind) {
        static Axis of(Slice.Range range) {
            return new Axis(
                    range.column(),
                    range instanceof Slice.Numbers
                            ? Kind.NUMBERS
                            : range instanceof Slice.Instants ? Kind.INSTANTS : Kind.CLOCK);
        }
    }

    static List<Watermark.Along> along(List<Watermark.Published> published) {
        Map<Axis, List<Slice.Range>> axes = new LinkedHashMap<>();
        published.stream()
                .flatMap(each -> each.slice().stream())
                .filter(Slice.Range.class::isInstance)
                .map(Slice.Range.class::cast)
                .forEach(range -> axes.computeIfAbsent(Axis.of(range), axis -> new ArrayList<>())
                        .add(range));
        return axes.entrySet().stream()
                .map(axis -> along(axis.getKey(), axis.getValue()))
                .toList();
    }

    private static Watermark.Along along(Axis axis, List<Slice.Range> ranges) {
        String column = axis.column();
        return switch (axis.kind()) {
            case INSTANTS ->
                along(
                        ranges.stream()
                                .map(Slice.Instants.class::cast)
                                .map(range -> new Span<>(range.from(), range.to()))
                                .toList(),
                        span -> new Slice.Instants(column, span.from(), span.to()));
            case NUMBERS ->
                along(
                        ranges.stream()
                                .map(Slice.Numbers.class::cast)
                                .map(range -> new Span<>(range.from(), range.to()))
                                .toList(),
                        span -> new Slice.Numbers(column, span.from(), span.to()));
            case CLOCK -> {
                boolean days = ranges.stream().allMatch(Slice.Days.class::isInstance);
                yield along(
                        ranges.stream().map(Watermarks::clock).toList(),
                        span -> days
                                ? new Slice.Days(
                                        column,
                                        span.from().toLocalDate(),
                                        span.to().toLocalDate())
                                : new Slice.Times(column, span.from(), span.to()));
            }
        };
    }

    private static Span<LocalDateTime> clock(Slice.Range range) {
        return range instanceof Slice.Days days
                ? new Span<>(days.from().atStartOfDay(), days.to().atStartOfDay())
                : new Span<>(((Slice.Times) range).from(), ((Slice.Times) range).to());
    }

    /** Half-open. */
    private record Span<T extends Comparable<? super T>>(T from, T to) {}

    private static <T extends Comparable<? super T>> Watermark.Along along(
            List<Span<T>> spans, Function<Span<T>, Slice.Range> range) {
        List<Span<T>> merged = new ArrayList<>();
        for (Span<T> next :
                spans.stream().sorted(Comparator.comparing(Span::from)).toList()) {
            Span<T> last = merged.isEmpty() ? next : merged.get(merged.size() - 1);
            if (merged.isEmpty() || last.to().compareTo(next.from()) < 0) {
                merged.add(next);
            } else if (last.to().compareTo(next.to()) < 0) {
                merged.set(merged.size() - 1, new Span<>(last.from(), next.to()));
            }
        }
        List<Slice.Range> holes = new ArrayList<>();
        for (int i = 1; i < merged.size(); i++) {
            holes.add(
                    range.apply(new Span<>(merged.get(i - 1).to(), merged.get(i).from())));
        }
        return new Watermark.Along(
                range.apply(merged.get(0)),
                holes,
                range.apply(new Span<>(
                        merged.get(0).from(), merged.get(merged.size() - 1).to())));
    }
}
