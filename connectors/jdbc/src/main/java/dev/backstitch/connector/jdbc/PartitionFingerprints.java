package dev.backstitch.connector.jdbc;

import dev.backstitch.spec.Partition;
import dev.backstitch.spi.WorkOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jooq.Field;
import org.jooq.impl.DSL;

/**
 * Fingerprints of what a publish overwrites of the target, by partition.
 *
 * @param byPlace by the partition's place in the scope; a partition without rows has none
 * @param outside of the rows outside the scope, as far as they are overwritten
 */
record PartitionFingerprints(Map<Integer, Fingerprint> byPlace, Fingerprint outside) {
    private static final Fingerprint NONE = new Fingerprint(0, "0");

    PartitionFingerprints {
        byPlace = Map.copyOf(byPlace);
    }

    /** By one scan. */
    static PartitionFingerprints ofTarget(Session session, WorkOrder order) {
        Overwritten overwritten = new Overwritten(session.dialect(), order);
        Located located = new Located(session.dialect(), order.partitionColumns(), order.scope());
        Field<?> place = DSL.field(DSL.name("bf_place"));
        record Group(Optional<Long> number, Fingerprint fingerprint) {}
        List<Group> groups = session.list(
                DSL.resultQuery(
                        "select {0}, count(*), cast(sum(h) as varchar) from (select {1} as {0}, {2} as h from {3} where {4}) t"
                                + " group by {0}",
                        place,
                        located.number(Slices.Values.PLAIN),
                        overwritten.targetHash(),
                        LedgerTables.table(order.target().name()),
                        overwritten.rows()),
                row -> {
                    long number = row.getLong(1);
                    return new Group(
                            row.wasNull() ? Optional.empty() : Optional.of(number),
                            new Fingerprint(row.getLong(2), row.getString(3)));
                });
        Map<String, Integer> places = IntStream.range(0, order.scope().size())
                .boxed()
                .collect(Collectors.toMap(i -> order.scope().get(i).id(), i -> i));
        Map<Integer, Fingerprint> byPlace = new HashMap<>();
        Fingerprint outside = NONE;
        for (Group group : groups) {
            Optional<Integer> at =
                    group.number().map(located::partition).map(Partition::id).map(places::get);
            if (at.isPresent()) {
                byPlace.put(at.get(), group.fingerprint());
            } else {
                outside = group.fingerprint();
            }
        }
        return new PartitionFingerprints(byPlace, outside);
    }

    /** Those whose rows are others than in an earlier one. */
    List<Partition> differing(PartitionFingerprints before, List<Partition> scope) {
        return IntStream.range(0, scope.size())
                .filter(place -> !of(place).equals(before.of(place)))
                .mapToObj(scope::get)
                .toList();
    }

    private Fingerprint of(int place) {
        return byPlace.getOrDefault(place, NONE);
    }

    /** Of all of it. */
    Fingerprint whole() {
        return byPlace.values().stream().reduce(outside, Fingerprint::plus);
    }

    /** As {@link #toString} wrote it. */
    static PartitionFingerprints parse(String text) {
        List<String> lines = text.lines().toList();
        Map<Integer, Fingerprint> byPlace = new HashMap<>();
        for (String line : lines.subList(2, lines.size())) {
            int space = line.indexOf(' ');
            byPlace.put(Integer.valueOf(line.substring(0, space)), Fingerprint.parse(line.substring(space + 1)));
        }
        return new PartitionFingerprints(byPlace, Fingerprint.parse(lines.get(1)));
    }

    /** The fingerprint of all, that of what is outside, and one line for each partition with rows. */
    @Override
    public String toString() {
        return byPlace.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> "\n" + entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining("", whole() + "\n" + outside, ""));
    }
}
